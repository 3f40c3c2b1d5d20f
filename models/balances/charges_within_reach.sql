{{ config(materialized='view') }}

with charges as (
    select * from {{ ref('charges') }}
),

balance_reach as (
    select * from {{ ref('balance_reach') }}
),

contracts as (
    select * from {{ ref('stg_contracts') }}
),

contract_periods as (
    select * from {{ ref('contract_periods') }}
),

invoice_revisions as (
    select * from {{ ref('stg_invoice_revisions') }}
),

-- Only a contract that some balance reaches has its charges put in order.
reached as (
    select distinct balance_reach.contract_id
    from balance_reach
),

-- The span in which a segment must be usable: the slice of usage, or an instant, which is an hour
-- long since everything begins on the hour. What is charged in arrears is paid for as of the last
-- instant before its end.
timed as (
    select
        charges.*,
        contracts.customer_id,
        contracts.starting_at as contract_start,
        coalesce(contract_periods.period_end, charges.period_start) as invoice_at,
        case
            when charges.line_type in ('composite', 'minimum') or charges.is_in_arrears
                then {{ bursar.add_hours('charges.slice_end', -1) }}
            else charges.slice_start
        end as payable_from,
        case
            when charges.line_type = 'subscription' and not charges.is_in_arrears
                then {{ bursar.add_hours('charges.slice_start', 1) }}
            else charges.slice_end
        end as payable_until,
        charges.quantity > 0
        and (charges.amount > 0 or charges.line_type = 'usage')
        and charges.line_type <> 'scheduled' as is_payable,
        coalesce(invoice_revisions.is_open, true) as is_open,
        invoice_revisions.standing_invoice_id
    from charges
    inner join reached on charges.contract_id = reached.contract_id
    inner join contracts on charges.contract_id = contracts.contract_id
    -- A scheduled invoice has a date and no period.
    left join contract_periods
        on charges.contract_id = contract_periods.contract_id
        and charges.period_start = contract_periods.period_start
        and charges.invoice_type = 'usage'
    left join invoice_revisions
        on charges.contract_id = invoice_revisions.contract_id
        and charges.invoice_type = invoice_revisions.invoice_type
        and charges.period_start = invoice_revisions.period_start
),

-- What was finalized has been paid, and takes its draws from the ledger. What such an invoice would
-- be today is worked out beside that, for each as if it alone had not been finalized.
final as (
    select
        timed.*,
        timed.standing_invoice_id is not null as is_as_if
    from timed
    where timed.is_open or timed.standing_invoice_id is not null
)

select * from final
