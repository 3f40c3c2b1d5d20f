"""Metrics in SQL, by what they show; each is compiled and proved against itself alone."""

from __future__ import annotations

N = "properties.n::decimal(38, 12)"

SQL_METRICS = {
    "a_sum": f"select sum({N}) as value from events",
    "a_sum_by_group": f"""
        select sum({N}) as value, properties.model as model from events group by all
    """,
    "a_sum_of_an_expression": """
        select
            sum(
                properties.n::decimal(38, 0)
                + 4 * coalesce(properties.m::decimal(38, 0), 0)
            ) as value,
            properties.model as model,
            properties.region as region
        from events
        where event_type = 'a'
        group by all
    """,
    "a_count_of_an_empty_scope_is_zero": """
        select count(*) as value from events where event_type = 'b'
    """,
    "counts": f"""
        select count({N}) + count(distinct properties.model) * 10 as value from events
    """,
    "distinct_by_group": """
        select event_type as kind, count(distinct properties.model) as value from events group
        by kind
    """,
    "extremes": f"select max({N}) - min({N}) as value from events",
    "extremes_by_group": f"""
        select max({N}) as value, customer_id from events group by customer_id
    """,
    "an_average": f"select avg({N}) as value from events",
    "an_average_of_integers": """
        select avg(properties.m::int) as value, event_type from events group by 2
    """,
    "a_ratio": f"select sum({N}) / count(*) as value from events",
    "a_ratio_with_zero_divisors": """
        select sum(properties.n::decimal(20, 6) / properties.m::decimal(20, 6)) as value from
        events
    """,
    "latest": f"select latest({N}) as value from events",
    "earliest_by_group": f"""
        select earliest({N}) as value, properties.model as model from events group by
        all
    """,
    "latest_with_a_filter": f"""
        select latest({N}) filter (where event_type = 'a') as value from events
    """,
    "filters_on_aggregates": f"""
        select
            sum({N}) filter (where properties.model = 'x') as value,
            properties.region as region
        from events
        group by region
    """,
    "filtered_counts_without_groups": """
        select count(*) filter (where event_type = 'a') - count(*) filter (where event_type =
        'b') as value
        from events
    """,
    "case_when": f"""
        select sum(case when properties.model = 'x' then {N} when event_type = 'b' then 2 else
        0.5 end) as value
        from events
    """,
    "simple_case": """
        select sum(case event_type when 'a' then 1 when 'b' then 2 else 0 end) as value
        from events
    """,
    "a_filter_on_a_number": f"select count(*) as value from events where {N} > 5",
    "having_by_group": f"""
        select sum({N}) as value, properties.model as model from events group by all having
        sum({N}) > 4
    """,
    "having_without_groups": f"select sum({N}) as value from events having count(*) > 2",
    "having_that_an_empty_scope_passes": """
        select count(*) as value from events having count(*) < 3
    """,
    "having_by_alias": f"""
        select sum({N}) as value, event_type from events group by 2 having value > 3
    """,
    "group_by_what_is_not_selected": f"""
        select sum({N}) as value from events group by properties.model
    """,
    "group_by_alias_and_position": """
        select lower(properties.model) as model, event_type as kind, count(*) as value
        from events group by model, 2
    """,
    "an_alias_like_a_column_groups_by_the_column": """
        select lower(event_type) as event_type, count(*) as value from events group by event_type
    """,
    "distinct_rows_by_group_by_all": """
        select properties.model as model, 1 as value from events group by all
    """,
    "one_row_an_event": f"""
        select {N} as value, properties.model as model from events where event_type =
        'a'
    """,
    "a_cte": f"""
        with costly as (select * from events where {N} > 2)
        select count(*) as value from costly
    """,
    "a_cte_called_events": """
        with events as (select * from events where event_type = 'a')
        select sum(properties.n::decimal(38, 12)) as value from events
    """,
    "ctes_called_like_ours": f"""
        with scopes as (select {N} as n, properties.model as model from events),
        quantities as (select sum(n) as value, model from scopes group by model),
        final as (select * from quantities)
        select * from final
    """,
    "a_cte_read_twice_by_name": f"""
        with base as (select {N} as n, timestamp, transaction_id from events),
        again as (select n from base where n < 100)
        select sum(n) as value from again
    """,
    "an_aggregate_in_a_cte": f"""
        with total as (select sum({N}) as n, count(*) as events from events)
        select coalesce(n, 0) + events as value from total
    """,
    "daily_peaks": f"""
        with daily as (
            select date_trunc('day', timestamp) as day, max({N}) as peak
            from events
            group by day
        )
        select sum(peak) as value from daily
    """,
    "nested_derived_tables": f"""
        select sum(total) as value, model
        from (
            select model, region, sum(n) as total
            from (select properties.model as model, properties.region as region, {N} as n from
            events) as rows_
            where region is not null
            group by model, region
        ) as grouped
        where total > 1
        group by model
    """,
    "an_aggregate_of_an_aggregate_without_groups": f"""
        select max(n) as value from (select sum({N}) as n from events) as totals
    """,
    "count_of_a_derived_row": """
        select count(*) as value from (select count(*) as n from events) as t
    """,
    "properties_through_a_star": f"""
        select latest({N}) as value, properties.model as model
        from (select * from (select * from events where event_type in ('a', 'b')) as t) as u
        group by all
    """,
    "properties_by_name_through_a_cte": """
        with picked as (select properties, event_type from events where event_type = 'a')
        select sum(p.properties.n::decimal(38, 12)) as value, p.properties.region as region
        from picked as p group by all
    """,
    "a_text_cast_above_a_cte": """
        with texts as (select properties.n as text from events)
        select sum(text::decimal(38, 12)) as value from texts where text <> '1_000'
    """,
    "case_does_not_matter": """
        SELECT SUM(E.properties.n::DECIMAL(38, 12)) AS Value, E.Event_Type AS Kind
        FROM EVENTS AS e GROUP BY KIND
    """,
    "aliases_as_expressions": f"""
        select m, sum(twice) as value
        from (select {N} as n, n * 2 as twice, properties.model as m from events where twice >
        1) as t
        group by m
    """,
    "text_functions": """
        select
            count(*) as value,
            upper(substring(coalesce(properties.model, 'none'), 1, 2)) || '-' ||
            split_part(event_type, '_', 1) as k
        from events
        group by k
    """,
    "whole_quotients": """
        select sum(properties.m::bigint // 3 + properties.m::bigint % 3) as value from events
    """,
    "casts_of_numbers": """
        select sum(cast(properties.n::decimal(20, 6) as integer)) as value,
            cast(cast(count(*) as bigint) as varchar) as how_many
        from events group by event_type
    """,
    "comparing_mixed_scales": """
        select count(*) as value from events
        where properties.m::decimal(38, 0) in (1, 2.5, 3) or properties.n::decimal(38, 12)
        between 1 and 2.5
    """,
    "window_bounds": """
        select count(*) as value, cast(window_start() as varchar) as since from events group
        by all
    """,
    "window_bounds_without_groups": """
        select count(*) filter (where timestamp >= window_start()) as value,
            cast(window_end() as varchar) as until
        from events
    """,
    "a_time_literal": "select count(*) as value from events where timestamp >= '2026-01-02'",
    "null_tests": """
        select count(*) as value from events
        where properties.model is not distinct from null or not (properties.region is null)
    """,
    "rounding": """
        select sum(round(properties.n::decimal(38, 12), 1)) + floor(1.5) as value from
        events
    """,
    "odd_keys": """
        select count(properties."Odd Key") as value, properties."select" as "Group By" from
        events group by all
    """,
}
