with slice_prices as (
    select * from {{ ref('slice_prices') }}
    where product_type = 'usage' and unrated_reason is null and not is_used
),

price_tiers as (
    select * from {{ ref('price_tiers') }}
    where tier_start = 0
),

rate_tiers as (
    select * from {{ ref('stg_rate_tiers') }}
    where tier_start = 0
),

usage_charges as (
    select * from {{ ref('usage_charges') }}
),

flat_fee_charges as (
    select * from {{ ref('flat_fee_charges') }}
),

charged as (
    select
        usage_charges.contract_id,
        usage_charges.product_id,
        usage_charges.period_start
    from usage_charges
    union
    select
        flat_fee_charges.contract_id,
        flat_fee_charges.product_id,
        flat_fee_charges.period_start
    from flat_fee_charges
),

uncharged as (
    select
        slice_prices.*,
        row_number() over (
            partition by
                slice_prices.contract_id, slice_prices.product_id, slice_prices.period_start
            order by slice_prices.slice_start
        ) as entitled_number
    from slice_prices
    left join charged
        on slice_prices.contract_id = charged.contract_id
        and slice_prices.product_id = charged.product_id
        and slice_prices.period_start = charged.period_start
    where charged.contract_id is null
),

final as (
    select
        'usage' as line_type,
        uncharged.slice_id,
        uncharged.contract_id,
        uncharged.product_id,
        uncharged.period_start,
        uncharged.slice_start,
        uncharged.slice_end,
        uncharged.pricing_group_values,
        uncharged.presentation_group_values,
        price_tiers.tier_start,
        uncharged.quantity,
        coalesce(price_tiers.unit_price, uncharged.unit_price) as unit_price,
        coalesce(uncharged.list_price, rate_tiers.price) as list_price,
        uncharged.pricing_unit,
        uncharged.rate_id,
        uncharged.override_id,
        cast(0 as decimal(38, 12)) as amount
    from uncharged
    left join price_tiers
        on uncharged.rate_id = price_tiers.rate_id
        and coalesce(uncharged.override_id, '') = coalesce(price_tiers.override_id, '')
        and uncharged.rate_type in ('tiered', 'volume')
    left join rate_tiers on uncharged.rate_id = rate_tiers.rate_id
    where uncharged.entitled_number = 1
)

select * from final
