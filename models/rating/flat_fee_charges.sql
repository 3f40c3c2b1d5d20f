with tiered_spans as (
    select * from {{ ref('tiered_spans') }}
    where is_fee_reached
),

volume_spans as (
    select * from {{ ref('volume_spans') }}
    where is_fee_reached
),

fees as (
    select distinct price_tiers.tier_start
    from {{ ref('price_tiers') }} as price_tiers
    where price_tiers.flat_fee <> 0
),

-- Most tiers have no fee at any price: what starts where none has one need not be looked at.
reached as (
    select tiered_spans.*
    from tiered_spans
    inner join fees on tiered_spans.tier_start = fees.tier_start
    union all by name
    select volume_spans.*
    from volume_spans
    inner join fees on volume_spans.tier_start = fees.tier_start
),

-- Once a period, group and tier, by the price of the first slice that reaches the tier: if that
-- price has no fee there, none is due later either.
first_reached as (
    select
        reached.*,
        row_number() over (
            partition by
                reached.contract_id,
                reached.product_id,
                reached.period_start,
                reached.pricing_group_values,
                reached.presentation_group_values,
                reached.tier_start
            order by reached.slice_start
        ) as reached_number
    from reached
),

final as (
    select
        'flat_fee' as line_type,
        first_reached.slice_id,
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
        first_reached.list_flat_fee as list_price,
        first_reached.pricing_unit,
        first_reached.rate_id,
        first_reached.override_id,
        first_reached.flat_fee as amount
    from first_reached
    where
        first_reached.reached_number = 1
        and first_reached.flat_fee <> 0
)

select * from final
