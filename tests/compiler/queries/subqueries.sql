-- EXISTS, correlated.
select count(*) as value
from events as a
where exists (
    select 1 from events as b
    where b.properties.model = a.properties.model and b.event_type = 'b' and b.timestamp > a.timestamp
);

-- EXISTS, not correlated by its author.
select count(*) as value from events where exists (select 1 from events as b where b.event_type = 'c_d');

-- NOT EXISTS of a grouping.
select count(*) as value, event_type as kind
from events as a
where not exists (
    select b.properties.model from events as b where b.event_type = a.event_type
    group by 1 having count(*) > 3
)
group by kind;

-- IN.
select count(*) as value from events
where properties.model in (select b.properties.region from events as b) or properties.model in
    (select b.properties.model from events as b where b.event_type = 'a');

-- NOT IN: one customer's null silences no other's.
select count(*) as value from events
where event_type not in (select b.properties.model from events as b where b.event_type = 'a');

-- NOT IN of numbers, with nulls on both sides.
select count(*) as value from events
where properties.m::int not in (select properties.n::int from events as b where event_type = 'b');

-- IN with a correlated query.
select count(*) as value from events as a
where a.properties.region in (
    select b.properties.region from events as b
    where b.timestamp < a.timestamp and b.event_type <> a.event_type
);

-- NOT IN with a correlated query that has nulls.
select count(*) as value from events as a
where a.properties.model not in (
    select b.properties.model from events as b where b.timestamp < a.timestamp
);

-- A scalar subquery in WHERE.
select count(*) as value from events
where properties.n::decimal(38, 12) > (select avg(properties.n::decimal(38, 12)) from events);

-- A scalar subquery in SELECT, with an empty scope's 0.
select (select count(*) from events where event_type = 'a') as value;

-- Two scalar subqueries make a ratio.
select (select count(*) from events where event_type = 'a')
    / (select count(*) from events where event_type = 'b') as value;

-- A correlated scalar subquery in SELECT.
select a.event_type as kind, (
    select sum(b.properties.m::int) from events as b where b.event_type = a.event_type
) as value
from events as a
group by a.event_type;

-- A correlated count in SELECT, 0 where there is none.
select sum(n) as value, kind from (
    select a.event_type as kind, (
        select count(*) from events as b
        where b.properties.model = a.properties.model and b.timestamp > a.timestamp
    ) as n
    from events as a
) as t group by kind;

-- A subquery in an aggregate's argument.
select sum((select count(*) from events as b where b.properties.model = a.properties.model)) as value
from events as a;

-- A subquery in an aggregate's argument, by group and filtered.
select
    sum((select max(b.properties.m::int) from events as b where b.timestamp <= a.timestamp))
        filter (where a.event_type = 'a') as value,
    a.properties.region as region
from events as a
group by region;

-- A subquery in JOIN ON.
select count(*) as value
from events as a
inner join events as b
    on a.event_type = b.event_type
    and b.properties.m::int > (select avg(properties.m::int) from events as c);

-- A correlated subquery in JOIN ON.
select count(*) as value
from events as a
inner join events as b
    on a.properties.model = b.properties.model
    and b.properties.m::int = (
        select max(c.properties.m::int) from events as c where c.properties.model = b.properties.model
    );

-- Two levels: EXISTS with a correlated scalar in it.
select count(*) as value from events as a
where exists (
    select 1 from events as b
    where b.event_type <> a.event_type
        and b.properties.m::int > (
            select avg(c.properties.m::int) from events as c where c.event_type = b.event_type
        )
);

-- Two levels: the inner one asks for the outermost row.
select count(*) as value from events as a
where a.event_type in (
    select b.event_type from events as b
    where exists (
        select 1 from events as c
        where c.properties.model = a.properties.model and c.timestamp > b.timestamp
    )
);

-- A subquery over a derived table.
select count(*) as value from events as a
where a.properties.m::int >= (
    select max(n) from (
        select b.event_type, avg(b.properties.m::int) as n from events as b group by b.event_type
    ) as t
);

-- A subquery over a correlated derived table.
select count(*) as value from events as a
where 2 <= (
    select count(*) from (
        select b.properties.region from events as b where b.event_type = a.event_type
        group by b.properties.region
    ) as t
);

-- A subquery with a CTE.
select count(*) as value from events as a
where a.properties.m::int > (
    with lows as (select min(properties.m::int) as low from events group by event_type)
    select min(low) from lows
);

-- A subquery that reads a CTE of the query around it.
with daily as (
    select date_trunc('day', timestamp) as day, count(*) as n from events group by 1
)
select count(*) as value from events as a
where (select max(n) from daily) = (
    select d.n from daily as d where d.day = date_trunc('day', a.timestamp) order by d.n limit 1
);

-- The latest row before, by ORDER BY and LIMIT 1.
select sum((
    select b.properties.m::int from events as b
    where b.timestamp < a.timestamp order by b.timestamp desc, b.transaction_id limit 1
)) as value
from events as a;

-- A subquery in HAVING.
select count(*) as value, event_type as kind from events
group by kind
having count(*) > (select count(*) from events as b where b.event_type = 'b') - 2;

-- A subquery in CASE.
select sum(case
    when exists (select 1 from events as b where b.properties.region = a.properties.region
        and b.event_type = 'c_d') then a.properties.m::int
    else -1 end) as value
from events as a;

-- A subquery in a group key, in a derived table.
select count(*) as value, k from (
    select case when a.properties.m::int > (select avg(properties.m::int) from events)
        then 'high' else 'low' end as k
    from events as a
) as t group by k;

-- IN with a set operation.
select count(*) as value from events
where properties.model in (
    select properties.region from events where event_type = 'a'
    union all select 'x' union all select lower(properties.model) from events as c where c.event_type = 'b'
);

-- EXISTS with EXCEPT.
select count(*) as value from events as a
where exists (
    select b.properties.model from events as b where b.event_type = a.event_type
    except
    select c.properties.model from events as c where c.event_type <> a.event_type
);

-- A total over an empty subquery.
select coalesce((select sum(properties.m::int) from events where event_type = 'nothing'), -1) as value;

-- NOT IN of an empty query is true, of every scope.
select count(*) as value from events as a
where a.properties.model not in (
    select b.properties.model from events as b where b.event_type = 'nothing'
);
