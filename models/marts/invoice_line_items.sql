with invoice_lines as (
    select * from {{ ref('invoice_lines') }}
),

ledger_line_items as (
    select * from {{ ref('stg_ledger_line_items') }}
),

draft_invoices as (
    select * from {{ ref('draft_invoices') }}
),

drafts as (
    select
        invoice_lines.line_item_id,
        invoice_lines.invoice_id,
        invoice_lines.line_number,
        invoice_lines.contract_id,
        draft_invoices.customer_id,
        invoice_lines.line_type,
        invoice_lines.product_id,
        invoice_lines.product_name,
        invoice_lines.product_type,
        invoice_lines.metric_name,
        invoice_lines.pricing_group_values,
        invoice_lines.presentation_group_values,
        invoice_lines.starting_at,
        invoice_lines.ending_before,
        invoice_lines.tier_start,
        invoice_lines.quantity,
        invoice_lines.unit_price,
        invoice_lines.list_price,
        invoice_lines.amount,
        invoice_lines.pricing_unit,
        invoice_lines.is_summed,
        coalesce(invoice_lines.is_prorated, false) as is_prorated,
        invoice_lines.rate_id,
        invoice_lines.override_id,
        invoice_lines.commit_id,
        invoice_lines.commit_segment_starting_at,
        invoice_lines.commit_type,
        invoice_lines.covers_line_item_id,
        invoice_lines.subscription_id,
        invoice_lines.scheduled_charge_id
    from invoice_lines
    inner join draft_invoices on invoice_lines.invoice_id = draft_invoices.invoice_id
),

-- From the ledger a line comes as it was finalized.
final as (
    select * from drafts
    union all by name
    select * from ledger_line_items
)

-- Numbering has put the lines of an invoice beside each other already; which invoice comes first is
-- nobody's question, and sorting the widest table of all is a fifth of its time.
select * from final
