with contract_periods as (
    select * from {{ ref('contract_periods') }}
),

contracts as (
    select * from {{ ref('stg_contracts') }}
),

final as (
    select
        'usage' as invoice_type,
        contract_periods.contract_id,
        contract_periods.customer_id,
        contract_periods.rate_card_id,
        contract_periods.currency,
        contract_periods.period_start,
        contract_periods.period_end,
        contract_periods.issued_at,
        {{ bursar.add_days('contract_periods.issued_at', 'contracts.net_payment_terms_days') }}
            as due_at
    from contract_periods
    inner join contracts on contract_periods.contract_id = contracts.contract_id
    where
        contract_periods.has_begun
        and contract_periods.is_invoiced
)

select * from final
