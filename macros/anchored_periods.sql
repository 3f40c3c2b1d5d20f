{#-
    The periods of a calendar, cut to a term, as a query: one row a term and period that begins
    before `listed_before`.

    A calendar's boundaries are its anchor plus a whole number of steps, in both directions.

    Args: `terms` is a relation with the columns `anchor_at`, `billing_frequency`, `starting_at`,
    `ending_before` (null without end) and `listed_before`; its other columns are kept.
-#}
{% macro anchored_periods(terms) %}
    {{- return(adapter.dispatch('anchored_periods', 'bursar')(terms)) -}}
{% endmacro %}

{% macro default__anchored_periods(terms) -%}
    select
        dated.*,
        greatest(dated.calendar_start, dated.starting_at) as period_start,
        least(dated.calendar_end, coalesce(dated.ending_before, dated.calendar_end)) as period_end
    from (
        select
            stepped.*,
            {{ bursar.add_billing_steps(
                'stepped.anchor_at', 'stepped.step', 'stepped.billing_frequency'
            ) }} as calendar_start,
            {{ bursar.add_billing_steps(
                'stepped.anchor_at', '(stepped.step + 1)', 'stepped.billing_frequency'
            ) }} as calendar_end
        from (
            -- The estimate of steps is right to within two on either side; what it takes too many
            -- falls out below.
            select
                terms.*,
                {{ bursar.explode_range(
                    bursar.billing_steps_between(
                        'terms.anchor_at', 'terms.starting_at', 'terms.billing_frequency'
                    ) ~ ' - 2',
                    bursar.billing_steps_between(
                        'terms.anchor_at', 'terms.listed_before', 'terms.billing_frequency'
                    ) ~ ' + 2'
                ) }} as step
            from {{ terms }} as terms
            where terms.starting_at < terms.listed_before
        ) as stepped
    ) as dated
    where
        dated.calendar_start < dated.listed_before
        and greatest(dated.calendar_start, dated.starting_at)
        < least(dated.calendar_end, coalesce(dated.ending_before, dated.calendar_end))
{%- endmacro %}
