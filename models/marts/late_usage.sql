with events as (
    select * from {{ ref('stg_events') }}
),

customer_identities as (
    select * from {{ ref('stg_customer_identities') }}
),

ledger_invoices as (
    select * from {{ ref('stg_ledger_invoices') }}
    where voided_at is null and invoice_type = 'usage'
),

ledger_line_items as (
    select * from {{ ref('stg_ledger_line_items') }}
    where line_type in ('usage', 'flat_fee')
),

as_if_lines as (
    select * from {{ ref('as_if_lines') }}
    where line_type in ('usage', 'flat_fee')
),

-- Events of a finalized period that came when it was final.
late_events as (
    select
        ledger_invoices.invoice_id,
        count(*) as event_count
    from ledger_invoices
    inner join customer_identities
        on ledger_invoices.customer_id = customer_identities.customer_id
    inner join events
        on customer_identities.ingest_id = events.ingest_customer_id
        and ledger_invoices.period_start <= events.timestamp
        and ledger_invoices.period_end > events.timestamp
        and ledger_invoices.finalized_at < events.received_at
    group by ledger_invoices.invoice_id
),

compared as (
    select
        as_if_lines.invoice_id,
        as_if_lines.product_id,
        as_if_lines.pricing_group_values,
        as_if_lines.presentation_group_values,
        as_if_lines.pricing_unit,
        case when as_if_lines.line_type = 'usage' then as_if_lines.quantity else 0 end as quantity,
        as_if_lines.amount
    from as_if_lines
    union all
    select
        ledger_line_items.invoice_id,
        ledger_line_items.product_id,
        ledger_line_items.pricing_group_values,
        ledger_line_items.presentation_group_values,
        ledger_line_items.pricing_unit,
        case when ledger_line_items.line_type = 'usage' then -ledger_line_items.quantity else 0 end
            as quantity,
        -ledger_line_items.amount as amount
    from ledger_line_items
),

differences as (
    select
        compared.invoice_id,
        compared.product_id,
        compared.pricing_group_values,
        compared.presentation_group_values,
        compared.pricing_unit,
        sum(compared.quantity) as quantity,
        sum(compared.amount) as amount
    from compared
    group by all
    having sum(compared.quantity) <> 0
),

final as (
    select
        ledger_invoices.invoice_id,
        ledger_invoices.contract_id,
        ledger_invoices.customer_id,
        ledger_invoices.period_start,
        ledger_invoices.period_end,
        differences.product_id,
        differences.pricing_group_values,
        differences.presentation_group_values,
        cast(differences.quantity as decimal(38, 12)) as quantity,
        cast(differences.amount as decimal(38, 12)) as amount,
        differences.pricing_unit,
        late_events.event_count as late_event_count
    from differences
    inner join late_events on differences.invoice_id = late_events.invoice_id
    inner join ledger_invoices on differences.invoice_id = ledger_invoices.invoice_id
)

select * from final
order by customer_id, contract_id, period_start, product_id
