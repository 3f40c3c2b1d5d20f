with balance_draws as (
    select * from {{ ref('balance_draws') }}
    where not is_as_if
),

balance_charges as (
    select * from {{ ref('balance_charges') }}
),

invoice_revisions as (
    select * from {{ ref('stg_invoice_revisions') }}
),

finalized_draws as (
    select * from {{ ref('finalized_draws') }}
),

numbered as (
    select
        balance_draws.segment_number,
        balance_draws.amount,
        balance_charges.contract_id,
        balance_charges.invoice_type,
        balance_charges.period_start,
        balance_charges.invoice_at as period_end,
        coalesce(invoice_revisions.last_revision + 1, 1) as revision
    from balance_draws
    inner join balance_charges on balance_draws.charge_number = balance_charges.charge_number
    left join invoice_revisions
        on balance_charges.contract_id = invoice_revisions.contract_id
        and balance_charges.invoice_type = invoice_revisions.invoice_type
        and balance_charges.period_start = invoice_revisions.period_start
),

final as (
    select
        numbered.segment_number,
        {{ bursar.invoice_id(
            'numbered.contract_id',
            'numbered.invoice_type',
            'numbered.period_start',
            'numbered.revision'
        ) }} as invoice_id,
        numbered.period_end,
        true as is_draft,
        sum(numbered.amount) as amount
    from numbered
    group by all
    union all
    select
        finalized_draws.segment_number,
        finalized_draws.invoice_id,
        finalized_draws.period_end,
        false as is_draft,
        finalized_draws.amount
    from finalized_draws
)

select * from final
