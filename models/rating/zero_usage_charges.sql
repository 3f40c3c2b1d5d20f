with product_slices as (
    select * from {{ ref('product_slices') }}
),

products as (
    select * from {{ ref('stg_products') }}
),

rates as (
    select * from {{ ref('stg_rates') }}
    where
        rate_basis = 'list'
        and billing_frequency is null
        and pricing_group_values is null
        and is_entitled
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

entitled_slices as (
    select
        product_slices.*,
        rates.rate_id,
        rates.pricing_unit,
        rate_tiers.tier_start,
        coalesce(rate_tiers.price, rates.price) as unit_price,
        row_number() over (
            partition by
                product_slices.contract_id, product_slices.product_id, product_slices.period_start
            order by product_slices.slice_start
        ) as entitled_number
    from product_slices
    -- With pricing group keys, only values that occurred have lines.
    inner join products
        on product_slices.product_id = products.product_id
        and product_slices.product_valid_from = products.valid_from
        and len(products.pricing_group_keys) = 0
    inner join rates
        on product_slices.rate_card_id = rates.rate_card_id
        and product_slices.product_id = rates.product_id
        and product_slices.slice_start >= rates.starting_at
        and product_slices.slice_start < coalesce(rates.effective_until, timestamp '9999-01-01')
    left join rate_tiers on rates.rate_id = rate_tiers.rate_id
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

final as (
    select
        'usage' as line_type,
        entitled_slices.contract_id,
        entitled_slices.product_id,
        entitled_slices.period_start,
        entitled_slices.slice_start,
        entitled_slices.slice_end,
        cast(null as varchar) as pricing_group_values,
        cast(null as varchar) as presentation_group_values,
        entitled_slices.tier_start,
        cast(0 as decimal(38, 12)) as quantity,
        entitled_slices.unit_price,
        entitled_slices.pricing_unit,
        entitled_slices.rate_id,
        cast(0 as decimal(38, 12)) as amount
    from entitled_slices
    left join charged
        on entitled_slices.contract_id = charged.contract_id
        and entitled_slices.product_id = charged.product_id
        and entitled_slices.period_start = charged.period_start
    where
        entitled_slices.entitled_number = 1
        and charged.contract_id is null
)

select * from final
