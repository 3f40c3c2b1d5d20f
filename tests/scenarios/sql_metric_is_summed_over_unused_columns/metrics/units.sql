select
    sum(properties.n::decimal(38, 12)) as value,
    properties.model as model,
    properties.region as region
from events
where event_type = 'use'
group by all
