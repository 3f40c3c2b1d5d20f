-- What was metered is on an invoice line or in unrated_usage, to the last digit: nothing is lost
-- between the two.
with slice_usage as (
    select * from {{ ref('slice_usage') }}
),

product_slices as (
    select * from {{ ref('product_slices') }}
),

accounted as (
    select
        product_slices.contract_id,
        product_slices.product_id,
        slice_usage.quantity as metered,
        0 as billed_or_unrated
    from slice_usage
    inner join product_slices on slice_usage.slice_id = product_slices.slice_id
    union all
    select
        contract_id,
        product_id,
        0 as metered,
        quantity as billed_or_unrated
    from {{ ref('invoice_line_items') }}
    where line_type = 'usage'
    union all
    select
        contract_id,
        product_id,
        0 as metered,
        quantity as billed_or_unrated
    from {{ ref('unrated_usage') }}
    where subscription_id is null
)

select
    contract_id,
    product_id,
    sum(metered) as metered,
    sum(billed_or_unrated) as billed_or_unrated
from accounted
group by contract_id, product_id
having sum(metered) is distinct from sum(billed_or_unrated)
