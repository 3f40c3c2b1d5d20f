-- Every charge can be recomputed from the figures that stand beside it on the line. Where a balance
-- ran dry inside a charge, it paid exactly what it had left: then the quantity is right to 10^-12,
-- and what is left of the charge is off by as much for each balance that paid before. A correction
-- is the difference of two such amounts, each rounded for itself.
with invoice_line_items as (
    select
        invoice_line_items.*,
        coalesce(invoices.corrects_invoice_id, invoices.invoice_id) as about_invoice_id,
        invoices.invoice_type = 'correction' as is_difference
    from {{ ref('invoice_line_items') }} as invoice_line_items
    inner join {{ ref('invoices') }} as invoices
        on invoice_line_items.invoice_id = invoices.invoice_id
),

paid_by_balances as (
    select
        about_invoice_id,
        product_id,
        count(*) as payment_count
    from invoice_line_items
    where commit_segment_starting_at is not null
    group by about_invoice_id, product_id
)

select
    invoice_line_items.line_item_id,
    invoice_line_items.quantity,
    invoice_line_items.unit_price,
    invoice_line_items.amount
from invoice_line_items
left join paid_by_balances
    on invoice_line_items.about_invoice_id = paid_by_balances.about_invoice_id
    and invoice_line_items.product_id = paid_by_balances.product_id
where
    abs(
        invoice_line_items.amount
        - {{ bursar.multiply('invoice_line_items.quantity', 'invoice_line_items.unit_price') }}
    )
    > case when invoice_line_items.is_difference then 0.000000000001 else 0 end
    + coalesce(paid_by_balances.payment_count, 0)
    * case when invoice_line_items.is_difference then 2 else 1 end
    * (
        {{ bursar.multiply('0.000000000001', 'abs(invoice_line_items.unit_price)') }}
        + 0.000000000002
    )
