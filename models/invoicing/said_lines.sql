{{ config(materialized='view') }}

with ledger_invoices as (
    select * from {{ ref('stg_ledger_invoices') }}
    where voided_at is null
),

ledger_line_items as (
    select * from {{ ref('stg_ledger_line_items') }}
),

-- What stands in the ledger of an invoice: its own lines, and those of its corrections.
final as (
    select
        coalesce(ledger_invoices.corrects_invoice_id, ledger_invoices.invoice_id) as invoice_id,
        coalesce(covered.line_type, ledger_line_items.line_type) as charge_type,
        ledger_line_items.covers_line_item_id is not null as is_twin,
        ledger_line_items.product_id,
        ledger_line_items.product_name,
        ledger_line_items.product_type,
        ledger_line_items.metric_name,
        ledger_line_items.pricing_group_values,
        ledger_line_items.presentation_group_values,
        ledger_line_items.starting_at,
        ledger_line_items.ending_before,
        ledger_line_items.tier_start,
        ledger_line_items.pricing_unit,
        ledger_line_items.is_summed,
        ledger_line_items.is_prorated,
        ledger_line_items.commit_id,
        ledger_line_items.commit_segment_starting_at,
        ledger_line_items.commit_type,
        ledger_line_items.subscription_id,
        ledger_line_items.scheduled_charge_id,
        ledger_line_items.unit_price,
        ledger_line_items.list_price,
        ledger_line_items.rate_id,
        ledger_line_items.override_id,
        ledger_line_items.quantity,
        ledger_line_items.amount
    from ledger_line_items
    inner join ledger_invoices on ledger_line_items.invoice_id = ledger_invoices.invoice_id
    -- Only the twin of a line covers one.
    left join ledger_line_items as covered
        on ledger_line_items.covers_line_item_id = covered.line_item_id
)

select * from final
