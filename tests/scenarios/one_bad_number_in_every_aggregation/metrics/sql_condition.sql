select count(*) as value
from events
where event_type = 'use' and properties.n::decimal(38, 12) > 3
