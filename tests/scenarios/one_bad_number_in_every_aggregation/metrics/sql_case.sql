select sum(case when properties.model = 'a' then properties.n::decimal(38, 12) else 1 end) as value
from events
where event_type = 'use'
