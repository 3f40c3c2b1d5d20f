{{ config(materialized='view') }}

with ledger_draws as (
    select * from {{ ref('stg_ledger_draws') }}
),

balance_segments as (
    select * from {{ ref('balance_segments') }}
),

-- Draws of finalized invoices stand, as long as the catalog has the segment.
final as (
    select
        balance_segments.segment_number,
        ledger_draws.invoice_id,
        ledger_draws.period_end,
        ledger_draws.amount
    from ledger_draws
    inner join balance_segments
        on ledger_draws.commit_id = balance_segments.commit_id
        and ledger_draws.segment_starting_at = balance_segments.segment_starting_at
)

select * from final
