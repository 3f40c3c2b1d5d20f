-- What a segment covers on an invoice, its twins take off again: line by line, and together what
-- the segment has drawn. What a void invoice drew is back in its segments.
with standing_invoices as (
    select invoice_id
    from {{ ref('invoices') }}
    where status <> 'void'
),

lines as (
    select invoice_line_items.*
    from {{ ref('invoice_line_items') }} as invoice_line_items
    inner join standing_invoices on invoice_line_items.invoice_id = standing_invoices.invoice_id
    where invoice_line_items.commit_segment_starting_at is not null
),

covered as (
    select *
    from lines
    where line_type <> 'commit_applied'
),

twins as (
    select *
    from lines
    where line_type = 'commit_applied'
),

drawn as (
    select
        commit_id,
        segment_starting_at,
        drawn + drawn_provisional as amount
    from {{ ref('balances') }}
),

applied as (
    select
        commit_id,
        commit_segment_starting_at,
        -sum(amount) as amount
    from twins
    group by commit_id, commit_segment_starting_at
)

select
    coalesce(covered.line_item_id, twins.line_item_id) as line_item_id,
    covered.commit_id,
    covered.amount as covered,
    twins.amount as applied
from covered
full join twins on covered.line_item_id = twins.covers_line_item_id
where
    covered.amount is distinct from -twins.amount
    or covered.quantity is distinct from -twins.quantity
    or covered.unit_price is distinct from twins.unit_price
    or covered.commit_id is distinct from twins.commit_id
union all
select
    null as line_item_id,
    drawn.commit_id,
    drawn.amount as covered,
    applied.amount as applied
from drawn
left join applied
    on drawn.commit_id = applied.commit_id
    and drawn.segment_starting_at = applied.commit_segment_starting_at
where drawn.amount <> coalesce(applied.amount, 0)
