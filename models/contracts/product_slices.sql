with contract_periods as (
    select * from {{ ref('contract_periods') }}
    where has_begun and is_invoiced
),

contract_products as (
    select * from {{ ref('contract_products') }}
),

rate_card_cuts as (
    select * from {{ ref('rate_card_cuts') }}
),

products as (
    select * from {{ ref('stg_products') }}
),

cut_at_instants as (
    select
        contract_products.contract_id,
        contract_products.product_id,
        contract_periods.period_start,
        contract_periods.period_end,
        contract_periods.period_start as slice_start
    from contract_products
    inner join contract_periods on contract_products.contract_id = contract_periods.contract_id
    union
    select
        contract_products.contract_id,
        contract_products.product_id,
        contract_periods.period_start,
        contract_periods.period_end,
        rate_card_cuts.cut_at as slice_start
    from contract_products
    inner join contract_periods on contract_products.contract_id = contract_periods.contract_id
    inner join rate_card_cuts
        on contract_products.rate_card_id = rate_card_cuts.rate_card_id
        and contract_products.product_id = rate_card_cuts.product_id
        and contract_periods.period_start < rate_card_cuts.cut_at
        and contract_periods.period_end > rate_card_cuts.cut_at
),

sliced as (
    select
        cut_at_instants.*,
        lead(cut_at_instants.slice_start, 1, cut_at_instants.period_end) over (
            partition by
                cut_at_instants.contract_id,
                cut_at_instants.product_id,
                cut_at_instants.period_start
            order by cut_at_instants.slice_start
        ) as slice_end
    from cut_at_instants
),

final as (
    select
        row_number() over (
            order by sliced.contract_id, sliced.product_id, sliced.slice_start
        ) as slice_id,
        sliced.contract_id,
        contract_products.customer_id,
        contract_products.rate_card_id,
        sliced.product_id,
        sliced.period_start,
        sliced.period_end,
        sliced.slice_start,
        sliced.slice_end,
        products.valid_from as product_valid_from,
        -- What is metered ends with the slice. It begins with it, too, unless the product is
        -- evaluated once a period: then the last slice takes the whole period, and the others
        -- nothing (null).
        case
            when products.evaluation = 'incremental' then sliced.slice_start
            when sliced.slice_end = sliced.period_end then sliced.period_start
        end as metered_from
    from sliced
    inner join contract_products
        on sliced.contract_id = contract_products.contract_id
        and sliced.product_id = contract_products.product_id
    -- Before its first version a product does not exist, and has no slice.
    inner join products
        on sliced.product_id = products.product_id
        and sliced.slice_start >= products.valid_from
        and sliced.slice_start < coalesce(products.valid_until, timestamp '9999-01-01')
)

select * from final
