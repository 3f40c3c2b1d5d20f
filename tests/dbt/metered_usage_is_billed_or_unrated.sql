-- What was metered is on an invoice line or in unrated_usage, to the last digit: nothing is lost
-- between the two. A finalized period says what was metered then; what came later is late usage.
with finalized_periods as (
    select
        contract_periods.contract_id,
        contract_periods.period_start,
        contract_periods.period_end
    from {{ ref('contract_periods') }} as contract_periods
    inner join {{ ref('stg_invoice_revisions') }} as invoice_revisions
        on contract_periods.contract_id = invoice_revisions.contract_id
        and contract_periods.period_start = invoice_revisions.period_start
        and invoice_revisions.invoice_type = 'usage'
        and not invoice_revisions.is_open
),

drafts as (
    select invoice_id
    from {{ ref('invoices') }}
    where status = 'draft'
),

slice_usage as (
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
    left join finalized_periods
        on product_slices.contract_id = finalized_periods.contract_id
        and product_slices.period_start = finalized_periods.period_start
    where finalized_periods.contract_id is null
    union all
    select
        invoice_line_items.contract_id,
        invoice_line_items.product_id,
        0 as metered,
        invoice_line_items.quantity as billed_or_unrated
    from {{ ref('invoice_line_items') }} as invoice_line_items
    inner join drafts on invoice_line_items.invoice_id = drafts.invoice_id
    where invoice_line_items.line_type = 'usage'
    union all
    select
        unrated_usage.contract_id,
        unrated_usage.product_id,
        0 as metered,
        unrated_usage.quantity as billed_or_unrated
    from {{ ref('unrated_usage') }} as unrated_usage
    left join finalized_periods
        on unrated_usage.contract_id = finalized_periods.contract_id
        and unrated_usage.starting_at >= finalized_periods.period_start
        and unrated_usage.starting_at < finalized_periods.period_end
    where
        unrated_usage.subscription_id is null
        and finalized_periods.contract_id is null
)

select
    contract_id,
    product_id,
    sum(metered) as metered,
    sum(billed_or_unrated) as billed_or_unrated
from accounted
group by contract_id, product_id
having sum(metered) is distinct from sum(billed_or_unrated)
