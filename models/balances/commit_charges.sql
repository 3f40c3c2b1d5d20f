with commits as (
    select * from {{ ref('granted_commits') }}
),

commit_invoices as (
    select * from {{ ref('stg_commit_invoices') }}
),

recurring_grants as (
    select * from {{ ref('recurring_grants') }}
),

segment_states as (
    select * from {{ ref('segment_states') }}
),

contracts as (
    select * from {{ ref('stg_contracts') }}
),

run as (
    select * from {{ ref('stg_run') }}
),

-- What is bought ahead is invoiced at its dates; of what was promised, what was not used.
due as (
    select
        'commit_purchase' as line_type,
        commits.commit_id,
        commit_invoices.invoice_at,
        commit_invoices.amount,
        false as is_prorated
    from commit_invoices
    inner join commits on commit_invoices.commit_id = commits.commit_id
    where
        commits.commit_type <> 'postpaid'
        and not commit_invoices.do_not_invoice
        and commit_invoices.amount <> 0
    union all
    select
        'commit_purchase' as line_type,
        recurring_grants.commit_id,
        recurring_grants.starting_at as invoice_at,
        recurring_grants.invoice_amount as amount,
        recurring_grants.is_prorated
    from recurring_grants
    where recurring_grants.invoice_amount <> 0
    union all
    select
        'true_up' as line_type,
        segment_states.commit_id,
        segment_states.closes_at as invoice_at,
        segment_states.left_amount as amount,
        false as is_prorated
    from segment_states
    where
        segment_states.is_trued_up
        and segment_states.left_amount > 0
),

final as (
    select
        due.line_type,
        commits.invoice_contract_id as contract_id,
        'scheduled' as invoice_type,
        due.invoice_at as period_start,
        commits.product_id,
        commits.commit_id,
        commits.commit_type,
        due.invoice_at as slice_start,
        due.invoice_at as slice_end,
        cast(1 as decimal(38, 12)) as quantity,
        due.amount as unit_price,
        due.amount,
        due.is_prorated,
        contracts.currency as pricing_unit
    from due
    inner join commits on due.commit_id = commits.commit_id
    inner join contracts on commits.invoice_contract_id = contracts.contract_id
    cross join run
    where
        due.invoice_at
        <= {{ bursar.add_days('run.as_of', var('scheduled_horizon_days', 365)) }}
)

select * from final
