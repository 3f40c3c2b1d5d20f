with balance_matches as (
    select * from {{ ref('balance_matches') }}
),

balance_segments as (
    select * from {{ ref('balance_segments') }}
),

balance_charges as (
    select * from {{ ref('balance_charges') }}
    where line_type = 'usage'
),

contracts as (
    select * from {{ ref('stg_contracts') }}
),

contract_overrides as (
    select * from {{ ref('stg_contract_overrides') }}
    where is_commit_specific or rate_basis = 'commit'
),

rates as (
    select * from {{ ref('stg_rates') }}
    where billing_frequency is null
),

overridden_contracts as (
    select distinct contract_overrides.contract_id
    from contract_overrides
),

-- Most balances pay the ordinary price: only a commit at commit rates, or an override that is about
-- balances, can have another one.
asked as (
    select distinct
        balance_charges.slice_id,
        balance_charges.pricing_group_values,
        balance_charges.presentation_group_values,
        balance_segments.commit_id,
        balance_segments.override_names,
        balance_segments.rate_basis as wanted_basis,
        balance_charges.contract_id,
        balance_charges.product_id,
        balance_charges.product_valid_from,
        balance_charges.slice_start as priced_at,
        balance_charges.pricing_unit as charged_unit
    from balance_matches
    inner join balance_segments
        on balance_matches.segment_number = balance_segments.segment_number
    inner join balance_charges on balance_matches.charge_number = balance_charges.charge_number
    left join overridden_contracts
        on balance_charges.contract_id = overridden_contracts.contract_id
    where
        balance_segments.rate_basis = 'commit'
        or overridden_contracts.contract_id is not null
),

in_force as (
    select
        asked.*,
        rates.rate_id,
        rates.rate_basis,
        rates.rate_type as list_rate_type,
        rates.pricing_unit,
        rates.price as list_price,
        row_number() over (
            partition by
                asked.slice_id,
                asked.pricing_group_values,
                asked.presentation_group_values,
                asked.commit_id
            order by case rates.rate_basis when 'commit' then 1 else 2 end
        ) as basis_number
    from asked
    inner join contracts on asked.contract_id = contracts.contract_id
    inner join rates
        on contracts.rate_card_id = rates.rate_card_id
        and asked.product_id = rates.product_id
        and coalesce(asked.pricing_group_values, '') = coalesce(rates.pricing_group_values, '')
        and asked.priced_at >= rates.starting_at
        and asked.priced_at < coalesce(rates.effective_until, timestamp '9999-01-01')
        and (rates.rate_basis = 'list' or asked.wanted_basis = 'commit')
),

-- The commit rate if one is wanted and in force, else the list rate: whatever was charged has one.
final as (
    select
        in_force.slice_id,
        in_force.pricing_group_values,
        in_force.presentation_group_values,
        in_force.commit_id,
        in_force.override_names,
        in_force.contract_id,
        in_force.product_id,
        in_force.product_valid_from,
        in_force.priced_at,
        cast(null as varchar) as billing_frequency,
        in_force.charged_unit,
        in_force.rate_id,
        in_force.rate_basis,
        in_force.list_rate_type,
        in_force.pricing_unit,
        in_force.list_price
    from in_force
    where in_force.basis_number = 1
)

select * from final
