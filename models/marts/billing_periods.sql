with contract_periods as (
    select * from {{ ref('contract_periods') }}
),

ledger_invoices as (
    select * from {{ ref('stg_ledger_invoices') }}
    where invoice_type = 'usage' and voided_at is null
),

run as (
    select * from {{ ref('stg_run') }}
),

final as (
    select
        contract_periods.contract_id,
        contract_periods.period_start,
        contract_periods.period_end,
        contract_periods.is_stub,
        case
            when ledger_invoices.invoice_id is not null then 'finalized'
            when not contract_periods.has_begun then 'future'
            when contract_periods.period_end > run.as_of then 'open'
            when contract_periods.issued_at > run.as_of then 'in_grace'
            else 'due'
        end as state
    from contract_periods
    cross join run
    -- Few periods of all are still open.
    left join ledger_invoices
        on contract_periods.contract_id = ledger_invoices.contract_id
        and contract_periods.period_start = ledger_invoices.period_start
)

select * from final
order by contract_id, period_start
