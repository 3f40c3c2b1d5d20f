-- The three largest of every scope.
select sum(n) as value from (
    select properties.n::decimal(38, 12) as n from events
    order by properties.n::decimal(38, 12) desc limit 3
) as t;

-- LIMIT and OFFSET.
select sum(n) as value from (
    select properties.m::int as n from events order by timestamp, transaction_id limit 4 offset 2
) as t;

-- OFFSET alone, by position.
select sum(n) as value from (
    select transaction_id as i, properties.m::int as n from events order by 1 offset 3
) as t;

-- The top groups of a metric.
select properties.model as model, count(*) as value
from events group by model order by value desc, model nulls first limit 2;

-- DISTINCT.
select count(*) as value, model from (
    select distinct properties.model as model, properties.region as region from events
) as t group by model;

-- DISTINCT as the metric itself.
select distinct 1 as value, properties.model as model from events;

-- DISTINCT with LIMIT.
select count(*) as value, k from (
    select distinct properties.model as k from events order by k desc nulls last limit 2
) as t group by k;

-- DISTINCT ON takes the first of each.
select sum(n) as value from (
    select distinct on (event_type) event_type, properties.m::int as n
    from events order by event_type, timestamp desc, transaction_id desc
) as t;

-- DISTINCT ON of two keys, with LIMIT.
select sum(n) as value from (
    select distinct on (event_type, properties.model) properties.m::int as n, transaction_id as i
    from events order by timestamp, transaction_id limit 4
) as t;

-- QUALIFY with LIMIT.
select sum(n) as value from (
    select properties.m::int as n from events
    qualify row_number() over (partition by event_type order by timestamp, transaction_id) <= 2
    order by timestamp desc, transaction_id limit 3
) as t;

-- LIMIT 0 keeps nothing.
select count(*) as value from (select 1 as n from events order by transaction_id limit 0) as t;

-- LIMIT in a subquery.
select count(*) as value from events as a
where a.transaction_id in (
    select b.transaction_id from events as b order by b.timestamp, b.transaction_id limit 5
);

-- A correlated LIMIT in a subquery.
select count(*) as value from events as a
where a.transaction_id in (
    select b.transaction_id from events as b
    where b.event_type = a.event_type order by b.timestamp, b.transaction_id limit 2
);

-- The largest after the largest.
select max(n) as value from (
    select properties.m::int as n from events where properties.m::int is not null
    order by n desc, transaction_id offset 1
) as t;

-- LIMIT by what is not selected.
select sum(n) as value from (
    select properties.m::int as n from events order by timestamp desc, transaction_id desc limit 3
) as t;
