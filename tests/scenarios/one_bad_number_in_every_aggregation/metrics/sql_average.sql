select avg(properties.n::decimal(38, 12)) as value
from events
where event_type = 'use'
