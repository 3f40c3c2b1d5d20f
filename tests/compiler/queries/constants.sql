-- VALUES on the right.
select sum(properties.m::int * weight) as value
from events inner join (values ('a', 1), ('b', 10)) as w(kind, weight) on event_type = w.kind;

-- VALUES on the right of a left join.
select sum(coalesce(weight, 5)) as value, event_type as kind
from events left join (values ('a', 1), ('b', 10)) as w(kind, weight) on event_type = w.kind
group by all;

-- VALUES lead: every scope has them, an empty one too.
select w.kind, count(transaction_id) as value
from (values ('a', 1), ('b', 10), ('z', 100)) as w(kind, weight)
left join events on event_type = w.kind
group by w.kind;

-- VALUES lead a cross join.
select sum(weight) as value from (values (1), (2.5)) as w(weight), events;

-- VALUES on the right of a right join.
select w.kind, count(transaction_id) as value
from events right join (values ('a'), ('z')) as w(kind) on event_type = w.kind
group by w.kind;

-- VALUES on the right of a full join.
select coalesce(w.kind, event_type) as kind, count(transaction_id) as value
from events full join (values ('a'), ('z')) as w(kind) on event_type = w.kind
group by 1;

-- VALUES lead nothing but a subquery: the same rows for every scope.
select sum(n * (select count(*) from events)) as value from (values (1), (2)) as v(n);

-- VALUES in a CTE, and in a subquery.
with w(kind, weight) as (values ('a', 2), ('b', 3))
select sum((select max(weight) from w where w.kind = e.event_type)) as value from events as e;

-- A series leads: hours without events count 0.
select sum(n) as value from (
    select g.h, count(e.transaction_id) as n
    from generate_series(0, 23) as g(h)
    left join events as e on extract(hour from e.timestamp) = g.h
    group by g.h having count(e.transaction_id) <> 1
) as t;

-- A series by the hour of the scope's window.
select count(*) as value from (
    select h.at from unnest(generate_series(window_start(), window_end(), interval '1 day')) as h(at)
    left join events as e on date_trunc('day', e.timestamp) = h.at
    where e.transaction_id is null
) as t;

-- A series on the right.
select count(*) as value, event_type as kind
from events cross join range(3) as r(i)
where r.i < properties.m::int group by kind;

-- UNNEST of a text's parts, in FROM.
select count(*) as value, tag
from events, unnest(string_split(properties.tags, ',')) as t(tag)
group by tag;

-- UNNEST in SELECT.
select count(*) as value, tag from (
    select unnest(string_split(properties.tags, ',')) as tag, event_type from events
) as t group by tag;

-- UNNEST of a list as written, left.
select sum(x) as value from events left join unnest([1, 2, 3]) as u(x) on u.x < properties.m::int;

-- UNNEST with LIMIT.
select count(*) as value, tag from (
    select unnest(string_split(properties.tags, ',')) as tag, transaction_id as i from events
    order by i, tag limit 3
) as t group by tag;

-- No FROM: what depends on the scope's window alone, beside a subquery.
select date_diff('hour', window_start(), window_end()) - (select count(*) from events) as value;

-- The part of the window before the first event.
select date_diff('hour', window_start(), coalesce(min(timestamp), window_end())) as value from events;

-- The window in WHERE, and by group.
select count(*) as value, event_type as kind from events
where timestamp >= window_start() + interval '5 hours' and timestamp < window_end() - interval '1 hour'
group by kind;

-- The window in JOIN ON.
select count(b.transaction_id) as value from events as a
left join events as b
    on a.properties.model = b.properties.model and b.timestamp < window_start() + interval '6 hours';

-- The window in a subquery.
select count(*) as value from events as a
where exists (select 1 from events as b where b.event_type = a.event_type
    and b.timestamp >= window_end() - interval '1 day');

-- The window after a full join.
select count(*) as value
from (select timestamp as ts from events where event_type = 'a') as a
full join (select timestamp as tt from events where event_type = 'b') as b on a.ts = b.tt
where coalesce(a.ts, b.tt) > window_start();
