-- A running sum.
select sum(running) as value from (
    select sum(properties.m::int) over (order by timestamp, transaction_id) as running from events
) as t;

-- A running average by partition.
select max(a) as value, kind from (
    select event_type as kind,
        avg(properties.n::decimal(38, 12)) over (partition by event_type order by timestamp) as a
    from events
) as t group by kind;

-- Rows between.
select sum(s) as value from (
    select sum(properties.n::decimal(38, 12)) over (
        order by timestamp, transaction_id rows between 2 preceding and 1 following
    ) as s
    from events
) as t;

-- A range of time.
select max(n) as value from (
    select count(*) over (
        order by timestamp range between interval '5 hours' preceding and current row
    ) as n
    from events
) as t;

-- A range of numbers, both sides following.
select sum(n) as value from (
    select count(*) over (order by properties.m::int range between 1 following and 3 following) as n
    from events
) as t;

-- Groups, without ties.
select sum(n) as value from (
    select sum(properties.m::int) over (
        order by event_type groups between 1 preceding and current row exclude ties
    ) as n
    from events where properties.m is null or event_type = 'a'
) as t;

-- Exclude the current row.
select sum(n) as value from (
    select count(*) over (
        partition by properties.model order by timestamp, transaction_id
        rows between unbounded preceding and unbounded following exclude current row
    ) as n
    from events
) as t;

-- Exclude a group of peers.
select sum(n) as value from (
    select count(*) over (
        order by timestamp range between unbounded preceding and current row exclude group
    ) as n
    from events
) as t;

-- Sessions: a gap of five hours begins a new one.
with gaps as (
    select timestamp,
        case when timestamp - lag(timestamp) over (order by timestamp, transaction_id)
            <= interval '5 hours' then 0 else 1 end as begins
    from events
)
select sum(begins) as value from gaps;

-- Sessions by model, with their lengths.
with marked as (
    select properties.model as model, timestamp, transaction_id,
        case when date_diff('hour', lag(timestamp) over w, timestamp) <= 5 then 0 else 1 end as begins
    from events
    window w as (partition by properties.model order by timestamp, transaction_id)
),
numbered as (
    select model, timestamp,
        sum(begins) over (partition by model order by timestamp, transaction_id) as session
    from marked
),
sessions as (
    select model, session, date_diff('hour', min(timestamp), max(timestamp)) as hours
    from numbered group by model, session
)
select sum(hours) as value, model from sessions group by model;

-- Lag with an offset and a default; lead ignoring nulls.
select sum(before) + 100 * sum(after) as value from (
    select
        lag(properties.m::int, 2, 0) over (order by timestamp, transaction_id) as before,
        lead(properties.m::int ignore nulls) over (order by timestamp, transaction_id) as after
    from events
) as t;

-- First, last and nth.
select sum(f) + 7 * sum(l) + 49 * sum(n) as value from (
    select
        first_value(properties.m::int) over w as f,
        last_value(properties.m::int) over w as l,
        nth_value(properties.m::int, 2) over w as n
    from events
    window w as (
        partition by event_type order by timestamp, transaction_id
        rows between unbounded preceding and unbounded following
    )
) as t;

-- Ranks with ties.
select sum(r) + 1000 * sum(d) as value from (
    select rank() over (order by timestamp) as r, dense_rank() over (order by timestamp) as d
    from events
) as t;

-- Quartiles by ntile.
select count(*) as value, quarter::varchar as quarter from (
    select ntile(4) over (order by timestamp, transaction_id) as quarter from events
) as t group by all;

-- QUALIFY keeps the last event of each kind.
select properties.m::int as value, event_type as kind
from events
qualify row_number() over (partition by event_type order by timestamp desc, transaction_id desc) = 1;

-- QUALIFY by an alias.
select sum(n) as value from (
    select properties.m::int as n,
        rank() over (partition by properties.model order by timestamp, transaction_id) as place
    from events
    qualify place <= 2
) as t;

-- A named window that another extends.
select sum(s) as value from (
    select count(*) over v as s from events
    window w as (partition by event_type), v as (w order by timestamp, transaction_id)
) as t;

-- A window over a grouping.
select sum(n) as value, kind from (
    select event_type as kind, count(*) as n, rank() over (order by count(*) desc, event_type) as place
    from events group by event_type
) as t
where place <= 2 group by kind;

-- A share of the total, in one SELECT.
select sum(properties.m::int) / sum(sum(properties.m::int)) over () as value, event_type as kind
from events group by event_type;

-- QUALIFY over a grouping.
select count(*) as value, properties.region as region
from events group by region
qualify row_number() over (order by count(*) desc, properties.region) <= 2;

-- A filtered window.
select sum(n) as value from (
    select count(*) filter (where event_type = 'a') over (order by timestamp, transaction_id) as n
    from events
) as t;

-- A distinct count over a window.
select sum(n) as value from (
    select count(distinct properties.model) over (partition by event_type) as n from events
) as t;

-- Extremes over a window, of times too.
select sum(date_diff('hour', first_seen, timestamp)) as value from (
    select timestamp, min(timestamp) over (partition by properties.region) as first_seen from events
) as t;

-- A window of everything, compared in WHERE above it.
select count(*) as value from (
    select properties.m::int as n, avg(properties.m::int) over () as mean from events
) as t where n > mean;
