select count(distinct properties.n::decimal(38, 12)) as value
from events
where event_type = 'use'
