select sum(coalesce(properties.n::decimal(38, 12), 100)) as value
from events
where event_type = 'use'
