-- The days of usage_daily are the slices that are billed, divided differently.
with metered as (
    select
        product_slices.contract_id,
        product_slices.product_id,
        sum(slice_usage.quantity) as quantity
    from {{ ref('slice_usage') }} as slice_usage
    inner join
        {{ ref('product_slices') }} as product_slices
        on slice_usage.slice_id = product_slices.slice_id
    group by product_slices.contract_id, product_slices.product_id
),

daily as (
    select
        contract_id,
        product_id,
        sum(quantity) as quantity
    from {{ ref('usage_daily') }}
    group by contract_id, product_id
)

select
    coalesce(metered.contract_id, daily.contract_id) as contract_id,
    coalesce(metered.product_id, daily.product_id) as product_id,
    metered.quantity as metered,
    daily.quantity as daily
from metered
full join daily
    on metered.contract_id = daily.contract_id
    and metered.product_id = daily.product_id
where coalesce(metered.quantity, 0) is distinct from coalesce(daily.quantity, 0)
