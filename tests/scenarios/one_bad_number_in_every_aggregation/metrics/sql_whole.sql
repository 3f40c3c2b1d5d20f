select sum(properties.n::bigint) as value
from events
where event_type = 'use'
