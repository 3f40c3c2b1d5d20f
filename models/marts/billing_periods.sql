with contract_periods as (
    select * from {{ ref('contract_periods') }}
),

run as (
    select * from {{ ref('stg_run') }}
),

final as (
    select
        contract_periods.contract_id,
        contract_periods.period_start,
        contract_periods.period_end,
        contract_periods.is_stub,
        case
            when not contract_periods.has_begun then 'future'
            when contract_periods.period_end > run.as_of then 'open'
            when contract_periods.issued_at > run.as_of then 'in_grace'
            else 'due'
        end as state
    from contract_periods
    cross join run
)

select * from final
order by contract_id, period_start
