-- A CTE read twice.
with busy as (select properties.model as model, count(*) as n from events group by 1)
select sum(a.n * b.n) as value from busy as a inner join busy as b on a.model < b.model;

-- A CTE named events, and events in it.
with events as (select * from events where event_type = 'a')
select count(*) as value from events as a
where exists (select 1 from events as b where b.properties.model = a.properties.model
    and b.transaction_id <> a.transaction_id);

-- A CTE in a derived table hides one outside.
with t as (select 1 as n from events)
select sum(n) as value from (
    with t as (select 10 as n from events where event_type = 'b') select n from t
) as u;

-- CTEs that build on one another, with a join at the end.
with a as (select timestamp as ts, properties.model as model from events where event_type = 'a'),
b as (select model, min(ts) as first_at from a group by model),
c as (select e.properties.model as model, e.timestamp as ts from events as e where e.event_type = 'b')
select count(*) as value, c.model
from c inner join b on c.model = b.model and c.ts >= b.first_at group by c.model;

-- A CTE with column names.
with totals(kind, total) as (
    select event_type, sum(properties.n::decimal(38, 12)) from events group by event_type
)
select max(total) - min(total) as value from totals;

-- Aliases like our own: scopes, grouped, x, bound.
with grouped as (select properties.m::int as scopes, event_type as bound from events)
select sum(x.scopes / 2) / count(*) as value, x.bound as limited from grouped as x group by x.bound;

-- A correlated CTE.
select count(*) as value from events as a
where 1 < (
    with same as (select b.transaction_id as i from events as b where b.event_type = a.event_type)
    select count(*) from same
);

-- The same alias at three levels.
select count(*) as value from events as e
where exists (
    select 1 from events as e2
    where e2.event_type = e.event_type
        and exists (select 1 from events as e where e.properties.model = e2.properties.model
            and e.event_type <> e2.event_type)
);

-- A query within parentheses.
(select count(*) as value from events);

-- FROM first.
from events select count(*) as value where event_type = 'b';
