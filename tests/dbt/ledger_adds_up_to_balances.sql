-- A segment's entries add up to its balance, which is never below 0 and is what its columns say.
with balances as (
    select * from {{ ref('balances') }}
),

entries as (
    select
        commit_id,
        segment_starting_at,
        sum(amount) as amount
    from {{ ref('balance_ledger') }}
    group by commit_id, segment_starting_at
)

select
    coalesce(balances.commit_id, entries.commit_id) as commit_id,
    coalesce(balances.segment_starting_at, entries.segment_starting_at) as segment_starting_at,
    balances.balance,
    entries.amount as ledger
from balances
full join entries
    on balances.commit_id = entries.commit_id
    and balances.segment_starting_at = entries.segment_starting_at
where
    balances.balance is distinct from entries.amount
    or balances.balance < 0
    or balances.balance is distinct from balances.amount
    + balances.adjusted
    - balances.drawn
    - balances.drawn_provisional
    - balances.expired
    - balances.rolled_over
    - balances.trued_up
