with line_differences as (
    select * from {{ ref('line_differences') }}
),

ledger_invoices as (
    select * from {{ ref('stg_ledger_invoices') }}
    where voided_at is null
),

corrections as (
    select
        ledger_invoices.corrects_invoice_id as invoice_id,
        sum(ledger_invoices.total) as total
    from ledger_invoices
    where ledger_invoices.corrects_invoice_id is not null
    group by ledger_invoices.corrects_invoice_id
),

changed as (
    select
        line_differences.invoice_id,
        count(*) as changed_line_count,
        coalesce(
            sum(line_differences.current_amount - line_differences.said_amount)
            filter (where line_differences.is_summed),
            0
        ) as difference
    from line_differences
    group by line_differences.invoice_id
),

final as (
    select
        ledger_invoices.invoice_id,
        ledger_invoices.contract_id,
        ledger_invoices.customer_id,
        ledger_invoices.period_start,
        ledger_invoices.currency,
        ledger_invoices.total as finalized_total,
        cast(coalesce(corrections.total, 0) as decimal(38, 12)) as corrected_total,
        cast(
            ledger_invoices.total + coalesce(corrections.total, 0) + changed.difference
            as decimal(38, 12)
        ) as current_total,
        cast(changed.difference as decimal(38, 12)) as difference,
        changed.changed_line_count
    from ledger_invoices
    inner join changed on ledger_invoices.invoice_id = changed.invoice_id
    -- Few invoices are corrected.
    left join corrections on ledger_invoices.invoice_id = corrections.invoice_id
)

select * from final
order by customer_id, contract_id, period_start
