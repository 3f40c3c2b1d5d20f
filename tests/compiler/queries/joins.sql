-- An inner join on a property pairs events of one scope.
select count(*) as value, a.event_type as kind
from events as a
inner join events as b on a.properties.model = b.properties.model and a.event_type = b.event_type
group by kind;

-- A left join keeps what has no match.
select count(*) - count(b.transaction_id) as value
from events as a
left join events as b
    on a.properties.model = b.properties.model and b.event_type = 'b' and a.timestamp < b.timestamp;

-- A right join keeps the right side's rows.
select coalesce(a.event_type, 'none') as kind, count(b.transaction_id) as value
from events as a
right join events as b on a.properties.m = b.properties.m and a.event_type = 'a'
group by all;

-- A full join keeps both.
select count(a.transaction_id) * 1000 + count(b.transaction_id) as value
from (select * from events where event_type = 'a') as a
full join (select * from events where event_type = 'b') as b
    on a.properties.model = b.properties.model;

-- A chain of full joins has one key.
with a as (select properties.model as k, count(*) as n from events where event_type = 'a' group by 1),
b as (select properties.model as k, count(*) as n from events where event_type = 'b' group by 1),
c as (select properties.model as k, count(*) as n from events where event_type = 'c_d' group by 1)
select coalesce(a.n, 0) + 10 * coalesce(b.n, 0) + 100 * coalesce(c.n, 0) as value,
    coalesce(a.k, b.k, c.k) as k
from a full join b on a.k = b.k full outer join c on coalesce(a.k, b.k) = c.k;

-- A full join that compares with an inequality.
select count(*) as value, (a.k is null)::varchar as is_unmatched
from (select properties.m::int as n, event_type as k from events where event_type = 'a') as a
full join (select properties.m::int as n from events where event_type = 'b') as b on a.n < b.n
group by all;

-- USING merges its column.
select count(*) as value, k
from (select properties.model as k, transaction_id as i from events where event_type = 'a') as a
inner join (select properties.model as k, transaction_id as j from events) as b using (k)
group by k;

-- USING with a full join takes the column from either side.
select count(*) as value, k
from (select properties.model as k, transaction_id as i from events where event_type = 'a') as a
full join (select properties.region as k, transaction_id as j from events) as b using (k)
group by k;

-- USING with a right join takes the right side's column; * has it once.
select k, sum(i + j) as value
from (
    select * from (select properties.model as k, count(*) as i from events group by 1) as a
    right join (select properties.region as k, count(*) as j from events group by 1) as b using (k)
) as both_sides
group by k;

-- A semi join asks whether there is a match.
select sum(properties.n::decimal(38, 12)) as value
from events
semi join (select properties.region as r from events where event_type = 'b') as b
    on properties.region = b.r;

-- An anti join asks whether there is none.
select count(*) as value, properties.model as model
from events
anti join (select properties.model as m from events where event_type = 'c_d') as b
    on properties.model = b.m
group by model;

-- An ASOF join finds the latest at or before.
select sum(b.n) as value, a.event_type as kind
from events as a
asof join (
    select timestamp as ts, sum(properties.n::decimal(38, 12)) as n from events
    where event_type = 'b' group by ts
) as b on a.timestamp >= b.ts
group by a.event_type;

-- An ASOF left join keeps what has nothing before it, here by a property too.
select count(*) - count(b.ts) as value, a.properties.model as model
from events as a
asof left join (
    select distinct timestamp as ts, properties.model as k from events where event_type = 'a'
) as b on a.properties.model = b.k and a.timestamp > b.ts
group by model;

-- Comma joins are joins.
select count(*) as value
from events as a, events as b
where a.properties.model = b.properties.model and a.timestamp < b.timestamp;

-- A cross join with one row of totals.
select sum(e.properties.n::decimal(38, 12)) as value, e.event_type as kind
from events as e cross join (select max(properties.m::int) as top from events) as t
where e.properties.m::int >= t.top - 1
group by all;

-- Three tables, the middle one optional.
select count(*) as value
from events as a
left join events as b on a.properties.model = b.properties.model and b.event_type = 'b'
inner join events as c on coalesce(b.event_type, a.event_type) = c.event_type
where c.properties.region = 'eu';

-- A join of two groupings.
select a.total - coalesce(b.total, 0) as value, a.model
from (select properties.model as model, sum(properties.n::decimal(38, 12)) as total from events
    where event_type = 'a' group by 1) as a
left join (select properties.model as model, sum(properties.n::decimal(38, 12)) as total from events
    where event_type = 'b' group by 1) as b on a.model is not distinct from b.model;

-- A join on anything but equality.
select count(*) as value
from events as a
inner join events as b on a.timestamp < b.timestamp or a.properties.m::int > b.properties.m::int;

-- A left join whose condition is only about the left side.
select count(b.transaction_id) as value, a.event_type as kind
from events as a left join events as b on a.event_type = 'a' and a.properties.region = b.properties.region
group by kind;

-- A semi join below a condition with two subqueries, which the engine's optimizer gets wrong.
select e.n as value
from (
    select max(properties.n::decimal(38, 12)) as n, timestamp as at from events
    where properties.region in ('a', 'eu', 'x') group by all
) as e
semi join events as s on e.n = s.properties.n::decimal(38, 12)
where e.n <> (
        select sum(a.properties.m::decimal(38, 12)) from events as a
        where a.properties.n::decimal(38, 12) is not null or e.n is not null
    )
    or e.n not in (select count(b.properties.m)::decimal(38, 12) from events as b);
