-- Every charge can be recomputed from the figures that stand beside it on the line. Where a balance
-- ran dry inside a charge, it paid exactly what it had left: then the quantity is right to 10^-12,
-- and what is left of the charge is off by as much for each balance that paid before.
with invoice_line_items as (
    select * from {{ ref('invoice_line_items') }}
),

paid_by_balances as (
    select
        invoice_id,
        product_id,
        count(*) as payment_count
    from invoice_line_items
    where commit_segment_starting_at is not null
    group by invoice_id, product_id
)

select
    invoice_line_items.line_item_id,
    invoice_line_items.quantity,
    invoice_line_items.unit_price,
    invoice_line_items.amount
from invoice_line_items
left join paid_by_balances
    on invoice_line_items.invoice_id = paid_by_balances.invoice_id
    and invoice_line_items.product_id = paid_by_balances.product_id
where
    abs(
        invoice_line_items.amount
        - {{ bursar.multiply('invoice_line_items.quantity', 'invoice_line_items.unit_price') }}
    ) > case
        when paid_by_balances.invoice_id is null then 0
        else
            paid_by_balances.payment_count
            * (
                {{ bursar.multiply('0.000000000001', 'abs(invoice_line_items.unit_price)') }}
                + 0.000000000002
            )
    end
