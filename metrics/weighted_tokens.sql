/* ---
description: Tokens processed, output weighted four times
unit: token
--- */
select
    sum(
        properties.input_tokens::decimal(38, 0)
        + 4 * coalesce(properties.output_tokens::decimal(38, 0), 0)
    ) as value,
    properties.model as model,
    properties.region as region
from events
where event_type = 'llm_usage'
group by all
