"""What explains a line that a balance has a part in: who paid, what was left, purchase, true-up.

Owns the queries. It leaves what must add up to ``bursar.warehouse.explaining.balance_sums``.
"""

from __future__ import annotations

from bursar.warehouse.explaining.part import STANDING_LINES, Part, same_groups

_PAYMENTS = """
, payments as (
    select
        draws.charge_number,
        segments.commit_id,
        segments.segment_starting_at,
        segments.commit_type,
        -- What drafts draw later is still there, and so is what goes at the segment's end. As if an
        -- invoice were not finalized, there is what the others have not drawn.
        case
            when draws.is_as_if then draws.left_amount
            else
                segments.left_amount
                + segments.rolled_over
                + sum(draws.amount) over (partition by draws.segment_number, draws.is_as_if)
        end
        - sum(draws.amount) over (
            partition by
                draws.segment_number,
                draws.is_as_if,
                case when draws.is_as_if then draws.pass_number end
            order by draws.charge_number, draws.units_from
            rows between unbounded preceding and current row
        ) as left_after,
        draws.is_own_price,
        draws.units_from,
        draws.quantity,
        draws.unit_price,
        draws.amount,
        draws.tier_start
    from work.balance_draws as draws
    inner join work.segment_states as segments on draws.segment_number = segments.segment_number
    where draws.segment_number in (
        select draws.segment_number
        from work.balance_draws as draws
        inner join explained_charges on draws.charge_number = explained_charges.charge_number
    )
)

"""
COMMIT = Part(
    "commit",
    "The commit or credit",
    """
    select
        line.line_item_id as explains,
        commits.commit_id,
        commits.commit_name,
        commits.commit_type,
        line.commit_segment_starting_at as segment_starting_at,
        balances.segment_ending_before,
        commits.pricing_unit,
        commits.rate_basis,
        commits.priority,
        commits.rolled_from,
        balances.amount,
        nullif(balances.adjusted, 0) as adjusted,
        case
            when line.line_type = 'commit_applied' and not line.is_summed
                and commits.commit_type = 'postpaid'
                then 'informational: the customer pays, and the promise falls'
        end as what_it_does
    from line
    inner join work.balance_commits as commits on line.commit_id = commits.commit_id
    left join billing.balances
        on line.commit_id = balances.commit_id
        and line.commit_segment_starting_at = balances.segment_starting_at
    """,
)
COVERED = Part(
    "covered",
    "The line that a balance paid, and that this one is the twin of",
    """
    select
        line.line_item_id as explains,
        others.line_item_id,
        others.line_type,
        others.quantity,
        others.unit_price,
        others.amount
    from line
    inner join billing.invoice_line_items as others
        on line.covers_line_item_id = others.line_item_id
    """,
)
WHOLE_CHARGE = Part(
    "whole_charge",
    "The whole charge, at the ordinary price, before balances paid for it",
    """
    select
        line.line_item_id as explains,
        charges.quantity,
        charges.unit_price,
        charges.amount,
        charges.pricing_unit
    from line
    inner join explained_charges as charges on line.line_item_id = charges.line_item_id
    where charges.charge_number in (select draws.charge_number from work.balance_draws as draws)
    """,
)
PAYMENTS = Part(
    "payments",
    "What paid for it, in order, and what the segment had left before and after",
    _PAYMENTS
    + """
    select
        line.line_item_id as explains,
        payments.commit_id,
        payments.segment_starting_at,
        payments.commit_type,
        case when payments.is_own_price then 'its own' else 'ordinary' end as price,
        payments.quantity,
        payments.unit_price,
        cast(payments.left_after + payments.amount as decimal(38, 12)) as left_before,
        payments.amount as paid,
        cast(payments.left_after as decimal(38, 12)) as left_after,
        line.commit_id is not distinct from payments.commit_id
        and line.commit_segment_starting_at is not distinct from payments.segment_starting_at
        and line.unit_price = payments.unit_price
        and line.tier_start is not distinct from coalesce(payments.tier_start, charges.tier_start)
            as is_this_line
    from line
    inner join explained_charges as charges on line.line_item_id = charges.line_item_id
    inner join payments on charges.charge_number = payments.charge_number
    order by payments.units_from
    """,
)
LEFT_TO_PAY = Part(
    "left_to_pay",
    "What no balance paid of it",
    f"""
    select
        line.line_item_id as explains,
        others.line_item_id,
        others.quantity,
        others.unit_price,
        others.amount
    from line
    inner join explained_charges as charges on line.line_item_id = charges.line_item_id
    inner join current_lines as lines
        on lines.commit_id is null
        and charges.line_type = lines.charge_type
        and charges.product_id = lines.product_id
        and charges.slice_start = lines.starting_at
        and charges.pricing_unit = lines.pricing_unit
        and charges.unit_price = lines.unit_price
        and {same_groups("charges", "lines")}
        and charges.subscription_id is not distinct from lines.subscription_id
        and charges.tier_start is not distinct from lines.tier_start
    inner join billing.invoice_line_items as others on lines.line_item_id = others.line_item_id
    where charges.charge_number in (select draws.charge_number from work.balance_draws as draws)
    """,
)
LEDGER_ENTRY = Part(
    "ledger_entry",
    "The segment's ledger: what this invoice drew",
    """
    , paid as (
        select
            lines.commit_id,
            lines.commit_segment_starting_at,
            sum(lines.amount) as amount
        from billing.invoice_line_items as lines
        where
            lines.invoice_id in (select line.invoice_id from line)
            and lines.line_type <> 'commit_applied'
        group by all
    )

    select
        line.line_item_id as explains,
        entries.entry_id,
        entries.entry_at,
        cast(entries.running_balance - entries.amount as decimal(38, 12)) as balance_before,
        entries.amount,
        entries.running_balance as balance_after,
        cast(paid.amount as decimal(38, 12)) as lines_that_it_paid,
        entries.is_provisional
    from line
    inner join billing.balance_ledger as entries
        on line.invoice_id = entries.invoice_id
        and line.commit_id = entries.commit_id
        and line.commit_segment_starting_at = entries.segment_starting_at
    inner join paid
        on line.commit_id = paid.commit_id
        and line.commit_segment_starting_at = paid.commit_segment_starting_at
    """,
)
PURCHASES = Part(
    "purchases",
    "What the commit costs, and the invoices that it is on so far",
    STANDING_LINES
    + """
    , due as (
        select
            commit_invoices.commit_id,
            commit_invoices.invoice_at,
            commit_invoices.amount
        from work.stg_commit_invoices as commit_invoices
        where not commit_invoices.do_not_invoice
        union all
        select
            recurring_grants.commit_id,
            recurring_grants.starting_at as invoice_at,
            recurring_grants.invoice_amount as amount
        from work.recurring_grants
    )

    select
        line.line_item_id as explains,
        due.invoice_at,
        due.amount,
        others.invoice_id,
        due.invoice_at = line.starting_at as is_this_lines
    from line
    inner join due on line.commit_id = due.commit_id
    left join standing_lines as others
        on due.commit_id = others.commit_id
        and due.invoice_at = others.starting_at
        and others.line_type = 'commit_purchase'
    order by due.invoice_at
    """,
)
GRANT = Part(
    "grant",
    "The recurring commit, and the period that it grants",
    """
    select
        line.line_item_id as explains,
        grants.recurring_commit_id,
        grants.starting_at,
        grants.ending_before,
        grants.is_prorated,
        recurring.access_amount as access_amount_of_a_period,
        recurring.invoice_amount as invoice_amount_of_a_period,
        grants.amount as granted,
        grants.invoice_amount
    from line
    inner join work.recurring_grants as grants on line.commit_id = grants.commit_id
    inner join work.stg_recurring_commits as recurring
        on grants.recurring_commit_id = recurring.recurring_commit_id
    """,
)
PROMISE = Part(
    "promise",
    "The promise, with adjustments",
    """
    select
        line.line_item_id as explains,
        balances.segment_starting_at,
        balances.segment_ending_before,
        balances.amount,
        balances.adjusted,
        cast(balances.amount + balances.adjusted as decimal(38, 12)) as promised
    from line
    inner join billing.balances on line.commit_id = balances.commit_id
    """,
)
MATCHED = Part(
    "matched",
    "What invoices have met of it",
    """
    select
        line.line_item_id as explains,
        entries.invoice_id,
        entries.entry_at,
        cast(-entries.amount as decimal(38, 12)) as amount,
        entries.is_provisional
    from line
    inner join billing.balance_ledger as entries
        on line.commit_id = entries.commit_id
        and entries.entry_type = 'invoice_deduction'
    order by entries.entry_at, entries.invoice_id
    """,
)
