-- LATERAL with an aggregate.
select sum(t.n) as value, a.event_type as kind
from events as a,
    lateral (select count(*) as n from events as b where b.timestamp < a.timestamp) as t
group by kind;

-- LATERAL with LIMIT, left.
select sum(t.n) as value
from events as a
left join lateral (
    select b.properties.m::int as n from events as b
    where b.event_type = a.event_type and b.timestamp < a.timestamp
    order by b.timestamp desc, b.transaction_id limit 1
) as t on true;

-- A derived table that reads what stands beside it needs no word.
select count(*) as value
from events as a,
    (select b.transaction_id from events as b where b.properties.model = a.properties.model
        and b.timestamp > a.timestamp) as t;

-- LATERAL over constants.
select sum(t.n * v.w) as value
from (values (1, 'a'), (100, 'b')) as v(w, kind),
    lateral (select count(*) as n from events where event_type = v.kind) as t;

-- LATERAL in a subquery.
select count(*) as value from events as a
where exists (
    select 1 from events as b,
        lateral (select max(c.timestamp) as top from events as c where c.event_type = b.event_type) as t
    where t.top > a.timestamp and b.properties.region = a.properties.region
);
