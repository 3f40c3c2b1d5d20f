-- The window's end in the condition of a join after a RIGHT JOIN.
select count(*) as value
from events as a
right join events as b on a.properties.m = b.properties.m and a.event_type = 'a'
inner join events as c
    on b.properties.model = c.properties.model and c.timestamp > window_end() - interval '20 hours';

-- The window's end in the condition of a LEFT JOIN after a FULL JOIN.
select count(*) as value, c.event_type as kind
from events as a
full join events as b
    on a.properties.m = b.properties.m and a.event_type = 'a' and b.event_type = 'b'
left join events as c
    on coalesce(a.properties.model, b.properties.model) = c.properties.model
    and c.timestamp > window_end() - interval '20 hours'
group by all;

-- Both bounds in a chain of FULL and RIGHT joins.
select count(*) as value
from events as a
full join events as b
    on a.properties.m = b.properties.m and a.timestamp > window_start() + interval '5 hours'
full join events as c
    on b.properties.m = c.properties.m and c.timestamp > window_end() - interval '20 hours'
    and a.timestamp < window_end()
right join events as d
    on c.properties.model = d.properties.model and c.timestamp > window_start() + interval '1 hour';

-- Constants lead, and the bound is asked for after a RIGHT JOIN.
select count(*) as value
from (values ('a'), ('x')) as v(kind)
right join events as b on v.kind = b.event_type
full join events as c
    on b.properties.m = c.properties.m and c.timestamp > window_end() - interval '20 hours';

-- Constants on the right of FULL joins with bounds.
select count(*) as value
from events as b
full join (values ('a'), ('x')) as v(kind)
    on v.kind = b.event_type and b.timestamp > window_end() - interval '30 hours'
full join (values ('a', 1), ('b', 2)) as w(kind, n)
    on v.kind = w.kind and b.timestamp < window_end() - interval '3 hours';

-- LATERAL that reads a bound, after a RIGHT JOIN.
select sum(t.n) as value
from events as a
right join events as b on a.properties.m = b.properties.m and a.event_type = 'a'
cross join lateral (
    select count(*) as n from events as c
    where c.timestamp > window_start() + interval '5 hours' and c.event_type = b.event_type
) as t;

-- A subquery that reads a bound, in a join's condition after a RIGHT JOIN.
select count(*) as value
from events as a
right join events as b on a.properties.m = b.properties.m and a.event_type = 'a'
inner join events as c
    on b.properties.m = c.properties.m
    and exists (
        select 1 from events as d
        where d.timestamp < window_end() - interval '10 hours' and d.event_type = b.event_type
    );

-- Bounds in SEMI and ANTI joins around a FULL JOIN.
select count(*) as value
from events as a
semi join events as b
    on a.properties.m = b.properties.m and b.timestamp > window_end() - interval '20 hours'
full join events as c on a.properties.m = c.properties.m
anti join events as d
    on c.event_type = d.event_type and d.timestamp < window_start() + interval '30 hours';

-- Bounds in the joins of a subquery.
select count(*) as value
from events as a
where exists (
    select 1 from events as b
    inner join events as c
        on b.properties.m = c.properties.m and b.timestamp < window_end() - interval '9 hours'
    inner join events as d
        on c.event_type = d.event_type and d.timestamp > window_end() - interval '20 hours'
    where d.properties.n is not null and c.event_type = a.event_type
);
