with balance_commits as (
    select * from {{ ref('balance_commits') }}
    where rolled_from is not null
),

contracts as (
    select * from {{ ref('stg_contracts') }}
),

balance_charges as (
    select * from {{ ref('balance_charges') }}
    where is_payable and not is_as_if
),

renewals as (
    select distinct
        balance_commits.customer_id,
        balance_commits.renewed_at,
        contracts.renews_contract_id as renewed_contract_id
    from balance_commits
    inner join contracts on balance_commits.contract_id = contracts.contract_id
),

last_charges as (
    select
        renewals.customer_id,
        renewals.renewed_at,
        coalesce(max(balance_charges.charge_number), 0) as charge_number
    from renewals
    -- The old contract may have no charge that could be paid.
    left join balance_charges
        on renewals.renewed_contract_id = balance_charges.contract_id
    group by renewals.customer_id, renewals.renewed_at
),

-- A pass ends with the last charge of the contracts that end at a renewal; what they leave may be
-- used from the next charge on.
final as (
    select
        last_charges.customer_id,
        last_charges.renewed_at,
        row_number() over earlier as pass_number,
        max(last_charges.charge_number) over earlier as last_charge_number
    from last_charges
    window earlier as (
        partition by last_charges.customer_id
        order by last_charges.renewed_at
        rows between unbounded preceding and current row
    )
)

select * from final
