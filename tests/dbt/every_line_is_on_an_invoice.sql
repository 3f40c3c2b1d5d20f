-- No line without its invoice, and every invoice knows how many lines it has.
with invoices as (
    select * from {{ ref('invoices') }}
),

line_counts as (
    select
        invoice_id,
        count(*) as line_item_count
    from {{ ref('invoice_line_items') }}
    group by invoice_id
)

select
    coalesce(invoices.invoice_id, line_counts.invoice_id) as invoice_id,
    invoices.line_item_count as promised,
    line_counts.line_item_count as found
from invoices
full join line_counts on invoices.invoice_id = line_counts.invoice_id
where
    invoices.invoice_id is null
    or invoices.line_item_count is distinct from coalesce(line_counts.line_item_count, 0)
