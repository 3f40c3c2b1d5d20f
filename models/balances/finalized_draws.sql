{{ config(materialized='view') }}

with ledger_draws as (
    select * from {{ ref('stg_ledger_draws') }}
),

balance_segments as (
    select * from {{ ref('balance_segments') }}
),

contracts as (
    select * from {{ ref('stg_contracts') }}
),

placed as (
    select
        ledger_draws.*,
        ledger_draws.period_end as invoice_at,
        contracts.starting_at as contract_start
    from ledger_draws
    -- The catalog may have the contract no longer.
    left join contracts on ledger_draws.contract_id = contracts.contract_id
),

-- Draws of finalized invoices stand, as long as the catalog has the segment.
final as (
    select
        balance_segments.segment_number,
        placed.invoice_id,
        placed.about_invoice_id,
        placed.period_end,
        {{ bursar.invoice_order('placed') }} as invoice_order,
        placed.amount
    from placed
    inner join balance_segments
        on placed.commit_id = balance_segments.commit_id
        and placed.segment_starting_at = balance_segments.segment_starting_at
)

select * from final
