select sum(properties.n::decimal(38, 12)) / count(*) as value
from events
where event_type = 'use'
