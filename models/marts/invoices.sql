with draft_invoices as (
    select * from {{ ref('draft_invoices') }}
    where not is_as_if
),

invoice_totals as (
    select * from {{ ref('invoice_totals') }}
),

invoice_line_items as (
    select * from {{ ref('invoice_line_items') }}
),

ledger_invoices as (
    select * from {{ ref('stg_ledger_invoices') }}
),

customers as (
    select * from {{ ref('stg_customers') }}
),

line_counts as (
    select
        invoice_line_items.invoice_id,
        count(*) as line_item_count
    from invoice_line_items
    group by invoice_line_items.invoice_id
),

drafts as (
    select
        draft_invoices.invoice_id,
        draft_invoices.invoice_type,
        'draft' as status,
        draft_invoices.revision,
        draft_invoices.contract_id,
        draft_invoices.customer_id,
        customers.customer_name,
        draft_invoices.period_start,
        draft_invoices.period_end,
        draft_invoices.issued_at,
        draft_invoices.due_at,
        draft_invoices.currency,
        invoice_totals.subtotal,
        invoice_totals.balance_applied,
        invoice_totals.rounding,
        invoice_totals.total,
        coalesce(line_counts.line_item_count, 0) as line_item_count,
        cast(null as timestamp) as finalized_at,
        cast(null as timestamp) as voided_at,
        cast(null as varchar) as void_reason,
        cast(null as varchar) as corrects_invoice_id,
        cast(null as varchar) as content_hash
    from draft_invoices
    inner join invoice_totals on draft_invoices.invoice_id = invoice_totals.invoice_id
    inner join customers on draft_invoices.customer_id = customers.customer_id
    -- An invoice may be empty.
    left join line_counts on draft_invoices.invoice_id = line_counts.invoice_id
),

-- From the ledger an invoice comes as it was finalized.
finalized as (
    select
        * exclude (is_regenerated),
        case when voided_at is null then 'finalized' else 'void' end as status
    from ledger_invoices
),

final as (
    select * from drafts
    union all by name
    select * from finalized
)

select * from final
order by customer_id, contract_id, period_start, invoice_type
