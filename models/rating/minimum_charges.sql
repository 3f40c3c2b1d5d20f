with composite_slices as (
    select * from {{ ref('composite_slices') }}
    where is_last_entitled and minimum is not null
),

composite_charges as (
    select * from {{ ref('composite_charges') }}
),

charged as (
    select
        composite_slices.contract_id,
        composite_slices.product_id,
        composite_slices.period_start,
        composite_slices.pricing_unit,
        composite_slices.rate_id,
        composite_slices.minimum,
        min(composite_charges.slice_start) as slice_start,
        min(composite_charges.slice_end) as slice_end,
        coalesce(sum(composite_charges.amount) filter (
            where composite_charges.pricing_unit = composite_slices.pricing_unit
        ), 0) as amount
    from composite_slices
    -- Where a contract is entitled to a composite, the period has a line of it.
    inner join composite_charges
        on composite_slices.contract_id = composite_charges.contract_id
        and composite_slices.product_id = composite_charges.product_id
        and composite_slices.period_start = composite_charges.period_start
    group by all
),

-- Not prorated, and not multiplied.
lacking as (
    select
        charged.*,
        cast(charged.minimum - charged.amount as decimal(38, 12)) as difference
    from charged
    where charged.amount < charged.minimum
),

final as (
    select
        'minimum' as line_type,
        lacking.contract_id,
        lacking.product_id,
        lacking.period_start,
        lacking.slice_start,
        lacking.slice_end,
        cast(1 as decimal(38, 12)) as quantity,
        lacking.difference as unit_price,
        lacking.difference as list_price,
        lacking.pricing_unit,
        lacking.rate_id,
        cast(null as varchar) as override_id,
        lacking.difference as amount
    from lacking
)

select * from final
