-- Billing periods of a contract neither overlap nor leave a gap, and the first begins with the
-- contract.
with numbered as (
    select
        contract_periods.contract_id,
        contract_periods.period_start,
        contract_periods.period_end,
        lag(contract_periods.period_end, 1, contracts.starting_at) over (
            partition by contract_periods.contract_id
            order by contract_periods.period_start
        ) as expected_start
    from {{ ref('contract_periods') }} as contract_periods
    inner join
        {{ ref('stg_contracts') }} as contracts
        on contract_periods.contract_id = contracts.contract_id
)

select *
from numbered
where period_start is distinct from expected_start
