with balance_draws as (
    select * from {{ ref('balance_draws') }}
),

balance_charges as (
    select * from {{ ref('balance_charges') }}
),

draft_invoices as (
    select * from {{ ref('draft_invoices') }}
),

final as (
    select
        balance_draws.segment_number,
        draft_invoices.invoice_id,
        draft_invoices.period_end,
        sum(balance_draws.amount) as amount
    from balance_draws
    inner join balance_charges on balance_draws.charge_number = balance_charges.charge_number
    inner join draft_invoices
        on balance_charges.contract_id = draft_invoices.contract_id
        and balance_charges.invoice_type = draft_invoices.invoice_type
        and balance_charges.period_start = draft_invoices.period_start
    group by balance_draws.segment_number, draft_invoices.invoice_id, draft_invoices.period_end
)

select * from final
