-- The 95th percentile, an element.
select quantile_disc(properties.n::decimal(38, 12), 0.95) as value, event_type as kind
from events group by kind;

-- The median, exactly between two.
select median(properties.n::decimal(38, 12)) as value from events;

-- The median of whole numbers is exact, too.
select median(properties.m::int) as value, event_type as kind from events group by kind;

-- A continuous percentile.
select quantile_cont(properties.n::decimal(38, 12), 0.3) as value from events;

-- A percentile of a percentile, and of a filter.
select max(p) as value from (
    select event_type, quantile_disc(properties.m::int, 0.5) filter (where properties.model is not null) as p
    from events group by event_type
) as t;

-- An average of daily maxima.
with daily as (
    select date_trunc('day', timestamp) as day, max(properties.n::decimal(38, 12)) as peak
    from events group by 1
)
select avg(peak) as value from daily;

-- An average with a filter.
select avg(properties.m::int) filter (where event_type = 'a') as value from events;

-- GROUP BY ALL, by alias and by position.
select lower(properties.model) as model, event_type as kind, count(*) as value
from events group by all;

-- GROUP BY an alias that is used above.
select kind || '/' || model as k, sum(n) as value from (
    select event_type as kind, coalesce(properties.model, '?') as model, count(*) as n
    from events group by kind, 2
) as t group by k;

-- The latest of a join's left side.
select latest(a.properties.m::int) as value
from events as a inner join events as b on a.properties.model = b.properties.model;

-- The latest and the earliest, of numbers and by group.
select latest(properties.n::decimal(38, 12)) - earliest(properties.n::decimal(38, 12)) as value,
    event_type as kind
from events group by kind;

-- The latest of a derived table.
select latest(n) as value from (
    select properties.m::int as n, timestamp, transaction_id from events where event_type <> 'b'
) as t;

-- Counts of an empty scope in arithmetic.
select count(*) * 10 + count(distinct properties.model) + coalesce(sum(properties.m::int), 5) as value
from events where event_type = 'a';

-- HAVING that an empty scope passes, over a join.
select count(*) as value from events as a
inner join events as b on a.properties.m = b.properties.m having count(*) < 5;

-- Whole division and remainder by a property that may be 0.
select sum(properties.n::int // properties.m::int) + sum(properties.m::int % properties.n::int) as value
from events where event_type = 'a';

-- A count of a count of a count.
select count(*) as value from (
    select n, count(*) as times from (
        select event_type, count(*) as n from events group by event_type
    ) as t group by n
) as u where times > 0;

-- Aggregates of an aggregate without a group, by a constant.
select sum(n) as value, 'all' as k from (select count(*) as n from events) as t group by k;

-- The sum and the average of distinct values, by a key and under a FILTER.
select sum(distinct properties.n::decimal(38, 12))
    + avg(distinct properties.m::int) filter (where properties.region = 'eu') as value,
    event_type as kind
from events group by kind;

-- The sum of distinct values of a derived table, compared with an average of distinct values.
select sum(distinct e.n) as value
from (select properties.n::decimal(38, 12) * 2 as n, timestamp as at from events) as e
where e.n > (
    select avg(distinct f.properties.n::decimal(38, 12)) from events as f where f.timestamp <= e.at
);
