with tiered_spans as (
    select * from {{ ref('tiered_spans') }}
    where is_fee_reached
),

-- Once a period, group and tier, by the rate of the first slice that reaches the tier: if that
-- rate has no fee there, none is due later either.
first_reached as (
    select
        tiered_spans.*,
        row_number() over (
            partition by
                tiered_spans.contract_id,
                tiered_spans.product_id,
                tiered_spans.period_start,
                tiered_spans.pricing_group_values,
                tiered_spans.presentation_group_values,
                tiered_spans.tier_start
            order by tiered_spans.slice_start
        ) as reached_number
    from tiered_spans
),

final as (
    select
        'flat_fee' as line_type,
        first_reached.contract_id,
        first_reached.product_id,
        first_reached.period_start,
        first_reached.slice_start,
        first_reached.slice_end,
        first_reached.pricing_group_values,
        first_reached.presentation_group_values,
        first_reached.tier_start,
        cast(1 as decimal(38, 12)) as quantity,
        first_reached.flat_fee as unit_price,
        first_reached.pricing_unit,
        first_reached.rate_id,
        first_reached.flat_fee as amount
    from first_reached
    where
        first_reached.reached_number = 1
        and first_reached.flat_fee <> 0
)

select * from final
