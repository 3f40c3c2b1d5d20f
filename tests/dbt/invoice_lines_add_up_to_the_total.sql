-- An invoice's summed lines, rounding included, are its total to the last digit.
with invoices as (
    select * from {{ ref('invoices') }}
),

invoice_line_items as (
    select * from {{ ref('invoice_line_items') }}
    where is_summed
)

select
    invoices.invoice_id,
    invoices.total,
    coalesce(sum(invoice_line_items.amount), 0) as lines_total
from invoices
left join invoice_line_items on invoices.invoice_id = invoice_line_items.invoice_id
group by invoices.invoice_id, invoices.total
having invoices.total is distinct from coalesce(sum(invoice_line_items.amount), 0)
