-- UNION ALL.
select sum(n) as value from (
    select properties.m::int as n from events where event_type = 'a'
    union all
    select 2 * properties.n::int from events where event_type = 'b'
) as t;

-- UNION drops equal rows within a scope, not across.
select count(*) as value from (
    select properties.model as k from events union select properties.region from events
) as t;

-- INTERSECT and EXCEPT, nested with parentheses.
select count(*) as value from (
    select properties.model as k from events where event_type = 'a'
    except
    (
        select properties.model from events where event_type = 'b'
        intersect
        select properties.model from events where event_type = 'c_d'
    )
) as t;

-- The same without parentheses: INTERSECT binds closer.
select count(*) as value from (
    select properties.model as k from events where event_type = 'a'
    union all
    select properties.model from events where event_type = 'b'
    intersect
    select properties.model from events where event_type = 'c_d'
) as t;

-- Parentheses on the left.
select count(*) as value from (
    (
        select properties.model as k from events
        except
        select properties.model from events where event_type = 'b'
    )
    union all
    select properties.region from events where event_type = 'c_d'
) as t;

-- EXCEPT within EXCEPT changes with its parentheses.
select count(*) as value from (
    select properties.model as k from events
    except (
        select properties.model from events where event_type = 'a'
        except
        select properties.model from events where event_type = 'b'
    )
) as t;

-- INTERSECT ALL and EXCEPT ALL count rows.
select count(*) as value from (
    (select properties.model as k from events intersect all select 'x' from events as b)
    union all
    (select event_type from events except all select properties.model from events as c)
) as t;

-- A metric that is a set operation.
select count(*) as value, 'a' as kind from events where event_type = 'a'
union all
select count(*), 'b' from events where event_type = 'b';

-- Each side with its ORDER BY and LIMIT.
select sum(n) as value from (
    (select properties.m::int as n from events where event_type = 'a'
        order by timestamp, transaction_id limit 3)
    union all
    (select properties.m::int from events where event_type = 'b'
        order by timestamp desc, transaction_id limit 2)
) as t;

-- ORDER BY and LIMIT of the whole.
select sum(n) as value from (
    select properties.m::int as n, transaction_id as i from events where event_type = 'a'
    union all
    select properties.m::int + 1, transaction_id || 'x' from events where event_type = 'b'
    order by n desc, i limit 4 offset 1
) as t;

-- BY NAME puts columns together by their names.
select sum(n) as value, k from (
    select properties.model as k, 1 as n from events where event_type = 'a'
    union all by name
    select 2 as n, properties.region as k from events where event_type = 'b'
) as t group by k;

-- Columns of different types meet in one.
select sum(n) as value from (
    select properties.m::int as n from events
    union all
    select properties.n::decimal(38, 12) from events
) as t;

-- Properties pass through UNION ALL.
select sum(properties.n::decimal(38, 12)) as value, properties.model as model
from (
    select * from events where event_type = 'a' union all select * from events where event_type = 'b'
) as t group by model;

-- A CTE used on both sides.
with firsts as (
    select event_type as kind, min(timestamp) as at, count(*) as n from events group by event_type
)
select sum(n) as value from (
    select n from firsts where kind = 'a' union all select n * 10 from firsts where kind <> 'a'
) as t;

-- A constant row beside events.
select sum(n) as value, k from (
    select 1 as n, 'fixed' as k union all select properties.m::int, event_type from events
) as t group by k;

-- DISTINCT ON keeps its order within a side.
select sum(n) as value from (
    (select distinct on (event_type) properties.m::int as n from events
        order by event_type, timestamp, transaction_id)
    union all
    (with t as (select 1 as n from events) select n from t)
    except all
    select 2 from events
) as t;

-- Constants of different types are one column.
select median(w) as value, k
from (values ('a', 1), ('a', 2.5), ('b', null)) as v(k, w)
inner join events on event_type = k group by k;
