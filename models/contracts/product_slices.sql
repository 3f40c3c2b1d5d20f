with contract_periods as (
    select * from {{ ref('contract_periods') }}
    where has_begun and is_invoiced
),

contract_products as (
    select * from {{ ref('contract_products') }}
    where product_type in ('usage', 'composite')
),

product_cuts as (
    select * from {{ ref('product_cuts') }}
),

products as (
    select * from {{ ref('stg_products') }}
),

slice_starts as (
    select
        contract_products.contract_id,
        contract_products.product_id,
        contract_periods.period_start as slice_start,
        contract_periods.period_start,
        contract_periods.period_end
    from contract_products
    -- A contract without a period that has begun has no slices.
    inner join contract_periods on contract_products.contract_id = contract_periods.contract_id
    union all
    select
        product_cuts.contract_id,
        product_cuts.product_id,
        product_cuts.cut_at as slice_start,
        null as period_start,
        null as period_end
    from product_cuts
),

-- A cut lies in the period that began last; one at a period's very start is none.
sliced as (
    select
        slice_starts.contract_id,
        slice_starts.product_id,
        slice_starts.slice_start,
        max(max(slice_starts.period_start)) over earlier as period_start,
        max(max(slice_starts.period_end)) over earlier as period_end,
        lead(slice_starts.slice_start) over (
            partition by slice_starts.contract_id, slice_starts.product_id
            order by slice_starts.slice_start
        ) as next_start
    from slice_starts
    group by slice_starts.contract_id, slice_starts.product_id, slice_starts.slice_start
    window earlier as (
        partition by slice_starts.contract_id, slice_starts.product_id
        order by slice_starts.slice_start
        rows between unbounded preceding and current row
    )
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
        contract_products.product_type,
        sliced.period_start,
        sliced.period_end,
        sliced.slice_start,
        least(sliced.next_start, sliced.period_end) as slice_end,
        products.valid_from as product_valid_from,
        -- What is metered ends with the slice. It begins with it, too, unless the product is
        -- evaluated once a period: then the last slice takes the whole period, and the others
        -- nothing (null). A composite is not metered.
        case
            when contract_products.product_type <> 'usage' then null
            when products.evaluation = 'incremental' then sliced.slice_start
            when coalesce(sliced.next_start >= sliced.period_end, true) then sliced.period_start
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
    -- A cut may lie outside of the periods that are invoiced.
    where sliced.slice_start < sliced.period_end
)

select * from final
