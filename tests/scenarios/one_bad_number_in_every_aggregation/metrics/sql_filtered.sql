select sum(properties.n::decimal(38, 12)) filter (where properties.model = 'a') as value
from events
where event_type = 'use'
