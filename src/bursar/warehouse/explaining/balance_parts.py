"""What explains a line that a balance has a part in: who paid, what was left, purchase, true-up.

Owns the queries. It leaves what must add up to ``bursar.warehouse.explaining.balance_sums``.
"""

from __future__ import annotations

from bursar.warehouse.explaining.part import Part, same_groups

# A charge is cut by what pays for it, and each piece is a line: here are all of them again. What a
# balance paid has the tier of its own price, and remembers that of the charge.
_CHARGE = f"""
, charge as (
    select
        charges.charge_number,
        charges.quantity,
        charges.unit_price,
        charges.amount,
        charges.tier_start,
        charges.pricing_unit
    from line
    inner join work.invoice_lines as lines on line.line_item_id = lines.line_item_id
    inner join work.balance_charges as charges
        on line.contract_id = charges.contract_id
        and line.invoice_type = charges.invoice_type
        and line.period_start = charges.period_start
        and lines.charge_type = charges.line_type
        and line.product_id = charges.product_id
        and line.starting_at = charges.slice_start
        and line.pricing_unit = charges.pricing_unit
        and {same_groups("line", "charges")}
        and line.subscription_id is not distinct from charges.subscription_id
        and case when line.commit_id is null then line.tier_start else lines.charged_tier_start end
            is not distinct from charges.tier_start
        -- A composite may have several shares at once; only usage is paid at other prices.
        and (charges.line_type = 'usage' or line.unit_price = charges.unit_price)
),

payments as (
    select
        draws.charge_number,
        segments.commit_id,
        segments.segment_starting_at,
        segments.commit_type,
        -- What drafts draw later is still there, and so is what goes at the segment's end.
        segments.left_amount
        + segments.rolled_over
        + coalesce(sum(draws.amount) over (
            partition by draws.segment_number
            order by draws.charge_number desc, draws.units_from desc
            rows between unbounded preceding and 1 preceding
        ), 0) as left_after,
        draws.is_own_price,
        draws.units_from,
        draws.quantity,
        draws.unit_price,
        draws.amount,
        draws.tier_start
    from work.balance_draws as draws
    inner join work.segment_states as segments on draws.segment_number = segments.segment_number
)

"""
COMMIT = Part(
    "commit",
    "The commit or credit",
    """
    select
        commits.commit_id,
        commits.commit_name,
        commits.commit_type,
        line.commit_segment_starting_at as segment_starting_at,
        balances.segment_ending_before,
        commits.pricing_unit,
        commits.rate_basis,
        commits.priority,
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
    _CHARGE
    + """
    select
        charge.quantity,
        charge.unit_price,
        charge.amount,
        charge.pricing_unit
    from charge
    where charge.charge_number in (select payments.charge_number from payments)
    """,
)
PAYMENTS = Part(
    "payments",
    "What paid for it, in order, and what the segment had left before and after",
    _CHARGE
    + """
    select
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
        and line.tier_start is not distinct from coalesce(payments.tier_start, charge.tier_start)
            as is_this_line
    from line
    cross join charge
    inner join payments on charge.charge_number = payments.charge_number
    order by payments.units_from
    """,
)
LEFT_TO_PAY = Part(
    "left_to_pay",
    "What no balance paid of it",
    _CHARGE
    + """
    select
        others.line_item_id,
        others.quantity,
        others.unit_price,
        others.amount
    from line
    cross join charge
    inner join work.invoice_lines as lines
        on line.invoice_id = lines.invoice_id
        and lines.commit_id is null
    inner join billing.invoice_line_items as others on lines.line_item_id = others.line_item_id
    inner join work.balance_charges as charges
        on charge.charge_number = charges.charge_number
        and lines.charge_type = charges.line_type
        and lines.product_id = charges.product_id
        and lines.starting_at = charges.slice_start
        and lines.pricing_unit = charges.pricing_unit
        and lines.subscription_id is not distinct from charges.subscription_id
        and lines.tier_start is not distinct from charges.tier_start
        and lines.unit_price = charges.unit_price
    where
        line.pricing_group_values is not distinct from lines.pricing_group_values
        and line.presentation_group_values is not distinct from lines.presentation_group_values
        and charge.charge_number in (select payments.charge_number from payments)
    """,
)
LEDGER_ENTRY = Part(
    "ledger_entry",
    "The segment's ledger: what this invoice drew",
    """
    select
        entries.entry_id,
        entries.entry_at,
        cast(entries.running_balance - entries.amount as decimal(38, 12)) as balance_before,
        entries.amount,
        entries.running_balance as balance_after,
        cast(sum(others.amount) as decimal(38, 12)) as lines_that_it_paid,
        entries.is_provisional
    from line
    inner join billing.balance_ledger as entries
        on line.invoice_id = entries.invoice_id
        and line.commit_id = entries.commit_id
        and line.commit_segment_starting_at = entries.segment_starting_at
    inner join billing.invoice_line_items as others
        on line.invoice_id = others.invoice_id
        and line.commit_id = others.commit_id
        and line.commit_segment_starting_at = others.commit_segment_starting_at
        and others.line_type <> 'commit_applied'
    group by all
    """,
)
PURCHASES = Part(
    "purchases",
    "What the commit costs, and the invoices that it is on so far",
    """
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
        due.invoice_at,
        due.amount,
        others.invoice_id,
        due.invoice_at = line.starting_at as is_this_lines
    from line
    inner join due on line.commit_id = due.commit_id
    left join billing.invoice_line_items as others
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
