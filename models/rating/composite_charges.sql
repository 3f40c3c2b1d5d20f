with composite_slices as (
    select * from {{ ref('composite_slices') }}
),

metered_charges as (
    select * from {{ ref('metered_charges') }}
),

products as (
    select * from {{ ref('stg_products') }}
),

-- Each charge that a composite is a share of, at the share in force at the charge's start.
shared as (
    select
        composite_slices.*,
        metered_charges.pricing_unit as base_pricing_unit,
        metered_charges.amount as base_amount
    from composite_slices
    inner join metered_charges
        on composite_slices.contract_id = metered_charges.contract_id
        and composite_slices.period_start = metered_charges.period_start
        and composite_slices.slice_start <= metered_charges.slice_start
        and composite_slices.slice_end > metered_charges.slice_start
    inner join products
        on metered_charges.product_id = products.product_id
        and metered_charges.slice_start >= products.valid_from
        and metered_charges.slice_start < coalesce(products.valid_until, timestamp '9999-01-01')
    where
        (
            {{ bursar.list_has('composite_slices.composite_product_ids', 'products.product_id') }}
            or {{ bursar.lists_overlap('composite_slices.composite_tags', 'products.tags') }}
        )
        and not (composite_slices.composite_excludes_free and metered_charges.unit_price = 0)
),

-- Without a base there is a line of quantity 0.
based as (
    select
        shared.contract_id,
        shared.product_id,
        shared.period_start,
        shared.period_end,
        shared.base_pricing_unit as pricing_unit,
        shared.unit_price,
        min(shared.list_price) as list_price,
        min(shared.rate_id) as rate_id,
        min(shared.override_id) as override_id,
        cast(sum(shared.base_amount) as decimal(38, 12)) as quantity
    from shared
    group by all
    union all
    select
        composite_slices.contract_id,
        composite_slices.product_id,
        composite_slices.period_start,
        composite_slices.period_end,
        composite_slices.pricing_unit,
        composite_slices.unit_price,
        composite_slices.list_price,
        composite_slices.rate_id,
        composite_slices.override_id,
        cast(0 as decimal(38, 12)) as quantity
    from composite_slices
    left join shared
        on composite_slices.contract_id = shared.contract_id
        and composite_slices.product_id = shared.product_id
        and composite_slices.period_start = shared.period_start
    where composite_slices.entitled_number = 1 and shared.contract_id is null
),

first_versions as (
    select
        products.product_id,
        min(products.valid_from) as valid_from
    from products
    group by products.product_id
),

final as (
    select
        'composite' as line_type,
        based.contract_id,
        based.product_id,
        based.period_start,
        -- A composite that began within the period is charged from there.
        greatest(based.period_start, first_versions.valid_from) as slice_start,
        based.period_end as slice_end,
        based.quantity,
        based.unit_price,
        based.list_price,
        based.pricing_unit,
        based.rate_id,
        based.override_id,
        {{ bursar.multiply('based.quantity', 'based.unit_price') }} as amount
    from based
    inner join first_versions on based.product_id = first_versions.product_id
)

select * from final
