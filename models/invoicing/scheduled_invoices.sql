with placed_charges as (
    select * from {{ ref('placed_charges') }}
    where invoice_type = 'scheduled'
),

commit_charges as (
    select * from {{ ref('commit_charges') }}
),

contracts as (
    select * from {{ ref('stg_contracts') }}
),

dates as (
    select
        placed_charges.contract_id,
        placed_charges.period_start as invoice_at
    from placed_charges
    union
    select
        commit_charges.contract_id,
        commit_charges.period_start as invoice_at
    from commit_charges
),

final as (
    select
        'scheduled' as invoice_type,
        dates.contract_id,
        contracts.customer_id,
        contracts.rate_card_id,
        contracts.currency,
        dates.invoice_at as period_start,
        dates.invoice_at as period_end,
        dates.invoice_at as issued_at,
        {{ bursar.add_days('dates.invoice_at', 'contracts.net_payment_terms_days') }} as due_at
    from dates
    inner join contracts on dates.contract_id = contracts.contract_id
)

select * from final
