-- A true-up asks for what was promised and not used, no more and no less: as it stands, or as its
-- correction would leave it. One that was voided for good asks for nothing.
with standing_invoices as (
    select invoice_id
    from {{ ref('invoices') }}
    where status <> 'void'
),

asked as (
    select
        invoice_line_items.commit_id,
        invoice_line_items.amount
    from {{ ref('invoice_line_items') }} as invoice_line_items
    inner join standing_invoices on invoice_line_items.invoice_id = standing_invoices.invoice_id
    where invoice_line_items.line_type = 'true_up'
    union all
    select
        line_differences.commit_id,
        line_differences.current_amount - line_differences.said_amount as amount
    from {{ ref('line_differences') }} as line_differences
    where line_differences.charge_type = 'true_up'
),

true_ups as (
    select
        commit_id,
        sum(amount) as amount
    from asked
    group by commit_id
),

run as (
    select * from {{ ref('stg_run') }}
),

promised as (
    select
        balances.commit_id,
        balances.amount
        + balances.adjusted
        - balances.drawn
        - balances.drawn_provisional as amount
    from {{ ref('balances') }} as balances
    inner join {{ ref('stg_commits') }} as commits on balances.commit_id = commits.commit_id
    inner join {{ ref('stg_commit_invoices') }} as commit_invoices
        on balances.commit_id = commit_invoices.commit_id
    left join {{ ref('stg_invoice_revisions') }} as invoice_revisions
        on commits.invoice_contract_id = invoice_revisions.contract_id
        and commit_invoices.invoice_at = invoice_revisions.period_start
        and invoice_revisions.invoice_type = 'scheduled'
    cross join run
    where
        balances.commit_type = 'postpaid'
        and not commit_invoices.do_not_invoice
        and commit_invoices.invoice_at
        <= {{ bursar.add_days('run.as_of', var('scheduled_horizon_days', 365)) }}
        and coalesce(
            invoice_revisions.is_open or invoice_revisions.standing_invoice_id is not null, true
        )
)

select
    coalesce(promised.commit_id, true_ups.commit_id) as commit_id,
    promised.amount as promised,
    true_ups.amount as trued_up
from promised
full join true_ups on promised.commit_id = true_ups.commit_id
where coalesce(promised.amount, 0) <> coalesce(true_ups.amount, 0)
