with bases as (
    select * from {{ ref('commit_price_bases') }}
),

verdicts as (
    {{ bursar.override_verdicts(
        ref('commit_price_bases'),
        ['slice_id', 'pricing_group_values', 'presentation_group_values', 'commit_id'],
        of_balances=true
    ) }}
),

contract_overrides as (
    select * from {{ ref('stg_contract_overrides') }}
),

priced as (
    select
        bases.slice_id,
        bases.pricing_group_values,
        bases.presentation_group_values,
        bases.commit_id,
        bases.rate_id,
        bases.rate_basis,
        bases.charged_unit,
        contract_overrides.override_id,
        contract_overrides.override_type,
        {{ bursar.overridden_rate_type('bases', 'contract_overrides') }} as rate_type,
        {{ bursar.overridden_pricing_unit('bases', 'contract_overrides') }} as pricing_unit,
        {{ bursar.overridden_unit_price('bases', 'contract_overrides') }} as unit_price
    from bases
    left join verdicts
        on bases.slice_id = verdicts.slice_id
        and bases.commit_id = verdicts.commit_id
        and coalesce(bases.pricing_group_values, '')
        = coalesce(verdicts.pricing_group_values, '')
        and coalesce(bases.presentation_group_values, '')
        = coalesce(verdicts.presentation_group_values, '')
    left join contract_overrides on verdicts.override_id = contract_overrides.override_id
),

-- A price of its own is one at the commit rate, or one that an override about balances makes. One
-- in another unit than what was charged is ignored.
final as (
    select
        priced.slice_id,
        priced.pricing_group_values,
        priced.presentation_group_values,
        priced.commit_id,
        priced.rate_id,
        priced.override_id,
        priced.override_type,
        priced.rate_type,
        priced.unit_price
    from priced
    where
        (priced.rate_basis = 'commit' or priced.override_id is not null)
        and priced.pricing_unit = priced.charged_unit
)

select * from final
