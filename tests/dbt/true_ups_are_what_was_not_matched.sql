-- A true-up asks for what was promised and not used, no more and no less.
with standing_invoices as (
    select invoice_id
    from {{ ref('invoices') }}
    where status <> 'void'
),

true_ups as (
    select
        invoice_line_items.commit_id,
        sum(invoice_line_items.amount) as amount
    from {{ ref('invoice_line_items') }} as invoice_line_items
    inner join standing_invoices on invoice_line_items.invoice_id = standing_invoices.invoice_id
    where invoice_line_items.line_type = 'true_up'
    group by invoice_line_items.commit_id
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
    inner join {{ ref('stg_commit_invoices') }} as commit_invoices
        on balances.commit_id = commit_invoices.commit_id
    cross join run
    where
        balances.commit_type = 'postpaid'
        and not commit_invoices.do_not_invoice
        and commit_invoices.invoice_at
        <= {{ bursar.add_days('run.as_of', var('scheduled_horizon_days', 365)) }}
)

select
    coalesce(promised.commit_id, true_ups.commit_id) as commit_id,
    promised.amount as promised,
    true_ups.amount as trued_up
from promised
full join true_ups on promised.commit_id = true_ups.commit_id
where coalesce(promised.amount, 0) <> coalesce(true_ups.amount, 0)
