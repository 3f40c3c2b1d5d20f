"""Smaller oddities, each compiled and proved against itself alone."""

from __future__ import annotations

ODDITIES = (
    "select sum(properties.m::int) * 1.5 as value from events",
    "select count(*) * 0.5 as value from events",
    "select sum(properties.m::bigint) * 0.123456789012 + count(*) as value from events",
    "select sum(properties.m::int * 1.25) as value from events",
    "select sum(split_part(properties.model, '-', 0)::int) as value from events",
    "select count(left(properties.model, -9223372036854775808)) as value from events",
    "select sum(round(properties.n::decimal(38, 12), 50)) as value from events",
    "select sum(round(properties.n::decimal(38, 12), -30)) as value from events",
    "select sum(abs(properties.n::decimal(38, 12))) as value from events",
    """
    select max(properties.n::decimal(38,12) * properties.m::decimal(38,12)) as value from
    events
    """,
    """
    select sum(cast(properties.m::hugeint * properties.m::hugeint as int)) as value from
    events
    """,
    "select sum(length(properties.model) * 1.5) as value from events",
    """
    select sum(properties.n::decimal(38, 12) + 1) / sum(properties.n::decimal(38, 12)) * 2
    as value from events
    """,
    """
    select sum(a) / nullif(sum(b), 0) as value from (select properties.n::decimal(38, 12)
    as a, properties.n::decimal(38, 12) * 2 as b from events) as t
    """,
    """
    select avg(n) as value, k from (select avg(properties.n::decimal(38, 12)) as n,
    properties.model as k from events group by 2) as t group by k
    """,
    "select sum((properties.n::decimal(38, 12) * 2) % 3) as value from events",
    "select sum(greatest(properties.n::decimal(38, 12), 0)) as value from events",
    "select sum(least(properties.m::int, 10)) as value from events",
    """
    select sum(case when properties.n::decimal(38, 12) > 2 then 1.5 else 2 end) as value
    from events
    """,
    """
    select sum(n * 2) as value from (select properties.n::decimal(38, 12) + 1 as n,
    count(*) as c from events group by properties.n::decimal(38, 12) + 1) as t
    """,
    """
    select count(*) as value, upper(lower(properties.model)) as m from events group by
    lower(properties.model)
    """,
    """
    select sum((properties.n::decimal(38, 12) + 1) * 2) as value from events group by
    properties.n::decimal(38, 12) + 1
    """,
    """
    select (properties.n::decimal(38, 12) + 1) * 2 as value from events group by
    properties.n::decimal(38, 12) + 1
    """,
    """
    select sum(n) as value, model from (select distinct_n as n, model from (select
    properties.n::decimal(38, 12) as distinct_n, properties.model as model from events) as
    a) as b group by 2 having sum(n) > 1 and model <> 'x'
    """,
    "select sum(null) as value from events",
    "select count(*) as value from events where true",
    "select count(*) as value from events where null",
    """
    select count(*) as value from events where timestamp >= timestamp '2026-01-02 00:00:00'
    and timestamp < date '2026-01-04'
    """,
    """
    select count(*) as value from events where event_type like 'a%' or event_type ilike
    'B_' and not event_type in ('c','d')
    """,
    "select count(*) as value from events where event_type not in ('a', null)",
    """
    select sum(properties.m::int) filter (where properties.model is null) as value,
    coalesce(properties.region, '?') as region from events group by all having count(*) >
    1
    """,
    """
    select count(distinct coalesce(properties.model, properties.region)) as value from
    events
    """,
    "select count(distinct properties.n::decimal(38, 12)) as value from events",
    "select sum(true::int) as value from events",
    "select sum(x.n) as value from (select properties.n::decimal(38,12) n from events) x",
    """
    with a as (select * from events), b as (select * from a where event_type='a'), a2 as
    (select * from b) select count(*) as value, a2.properties.model from a2 group by all
    """,
    """
    select sum(total) as value from (select sum(properties.n::decimal(38, 12)) as total,
    properties.model from events group by all) as t
    """,
    """
    select count(*) value from events e where e.properties.model = e.event_type or
    e.customer_id > 'a'
    """,
    "select sum(-(properties.n::decimal(38, 12))) as value from events",
    "select - - 1 as value from events",
    """
    select count(*) as value from events having sum(properties.n::decimal(38, 12)) > 3 and
    latest(properties.n::decimal(38, 12)) is not null
    """,
    """
    select sum(sum_n) as value from (select sum(properties.n::decimal(38,12)) as sum_n,
    date_trunc('day', timestamp) as d from events group by d having count(*) > 2) as t
    """,
    """
    select sum(n) as value from (select properties.n::decimal(10,2) as n from events) as t
    where n between -100 and 2 or n is null
    """,
    "select case when count(*) = 0 then -1 else count(*) end as value from events",
    """
    select count(*) as value, cast(date_trunc('day', timestamp) as varchar) as day from
    events group by day
    """,
    "select latest(properties.m::int) + count(*) as value from events group by customer_id",
    """
    select coalesce(max(properties.n::decimal(38, 12)), 0) as value, 'fixed' as k from
    events group by all
    """,
    """
    select sum(properties.n::decimal(18,6) + properties.m::decimal(18,9)) as value from
    events
    """,
)
