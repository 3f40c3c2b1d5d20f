"""What explains a line of usage: its slice, days, counter, rate, override, tiers and lines.

Owns the queries. It leaves the events to ``bursar.warehouse.explaining.events``.
"""

from __future__ import annotations

from bursar.warehouse.explaining.part import Part, same_groups

SLICE = Part(
    "slice",
    "The slice of time, and how its quantity is made of the metric",
    """
    select
        slice.line_item_id as explains,
        slice.slice_start,
        slice.slice_end,
        products.metric_name,
        metric_definitions.metric_class,
        products.evaluation,
        products.conversion_operation,
        products.conversion_factor,
        products.rounding_method,
        products.rounding_decimal_places
    from slice
    inner join work.stg_products as products
        on slice.product_id = products.product_id
        and slice.product_valid_from = products.valid_from
    inner join work.metric_definitions
        on products.metric_name = metric_definitions.metric_name
    """,
)
DAYS = Part(
    "days",
    "What each day added to the quantity, converted and rounded",
    f"""
    select
        slice.line_item_id as explains,
        cast(step_usage.step_end - interval 1 microsecond as date) as usage_date,
        step_usage.quantity
    from slice
    inner join work.step_usage
        on slice.slice_id = step_usage.slice_id
        and {same_groups("slice", "step_usage")}
    order by usage_date
    """,
)
COUNTER = Part(
    "counter",
    "The period's counter before and after the slice",
    f"""
    select
        slice.line_item_id as explains,
        priced_usage.counter_before,
        priced_usage.quantity,
        cast(priced_usage.counter_before + priced_usage.quantity as decimal(38, 12))
            as counter_after,
        priced_usage.period_counter as counter_at_the_periods_end
    from slice
    inner join work.priced_usage
        on slice.slice_id = priced_usage.slice_id
        and {same_groups("slice", "priced_usage")}
    """,
)
RATE = Part(
    "rate",
    "The row of the rate card",
    """
    select
        line.line_item_id as explains,
        rates.rate_id,
        rates.rate_card_id,
        rates.rate_basis,
        rates.rate_type,
        rates.price,
        rates.minimum,
        rates.pricing_unit,
        rates.billing_frequency,
        rates.is_entitled,
        rates.starting_at,
        rates.effective_until
    from line
    inner join work.stg_rates as rates on line.rate_id = rates.rate_id
    """,
)
OVERRIDE = Part(
    "override",
    "The override that made the price",
    """
    select
        line.line_item_id as explains,
        overrides.override_id,
        overrides.override_type,
        overrides.rate_type,
        overrides.price,
        overrides.multiplier,
        overrides.pricing_unit,
        overrides.priority,
        case when overrides.is_commit_specific then true end as is_commit_specific,
        case when len(overrides.commit_ids) > 0 then overrides.commit_ids end as commit_ids,
        case when overrides.rate_basis = 'commit' then 'commit' end as acts_on_rates_of,
        overrides.starting_at,
        overrides.ending_before,
        overrides.created_at
    from line
    inner join work.stg_contract_overrides as overrides
        on line.override_id = overrides.override_id
    """,
)
TIERS = Part(
    "tiers",
    "The tiers of the price, after the override",
    """
    select
        line.line_item_id as explains,
        price_tiers.tier_start,
        price_tiers.tier_end,
        price_tiers.unit_price,
        price_tiers.flat_fee,
        price_tiers.tier_start = line.tier_start as is_this_lines
    from line
    inner join (
        select rate_id, override_id, tier_start, tier_end, unit_price, flat_fee
        from work.price_tiers
        union all by name
        -- Prices of balances' own are of commit rates, or of overrides that are about balances.
        select rate_id, override_id, tier_start, tier_end, unit_price
        from work.commit_price_tiers
    ) as price_tiers
        on line.rate_id = price_tiers.rate_id
        and line.override_id is not distinct from price_tiers.override_id
    order by price_tiers.tier_start
    """,
)
LINES_OF_THE_SLICE = Part(
    "lines",
    "The lines of the same slice and groups, twins of what balances paid left out",
    f"""
    select
        line.line_item_id as explains,
        others.line_item_id,
        others.line_type,
        others.commit_id,
        others.tier_start,
        others.quantity,
        others.unit_price,
        others.amount
    from line
    inner join billing.invoice_line_items as others
        on line.invoice_id = others.invoice_id
        and line.product_id = others.product_id
        and line.starting_at = others.starting_at
        and {same_groups("line", "others")}
        and others.line_type <> 'commit_applied'
    order by others.line_number
    """,
)
