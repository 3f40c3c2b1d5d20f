with contract_overrides as (
    select * from {{ bursar.catalog_relation('contract_overrides') }}
),

override_tiers as (
    select distinct override_tiers.override_id
    from {{ bursar.catalog_relation('override_tiers') }} as override_tiers
),

final as (
    select
        contract_overrides.override_id,
        contract_overrides.contract_id,
        contract_overrides.override_type,
        nullif(trim(contract_overrides.product_id), '') as product_id,
        {{ bursar.parse_list('contract_overrides.product_tags') }} as product_tags,
        {{ bursar.parse_map('contract_overrides.pricing_group_values') }} as pricing_group_values,
        {{ bursar.parse_map('contract_overrides.presentation_group_values') }}
            as presentation_group_values,
        contract_overrides.billing_frequency,
        coalesce(
            contract_overrides.rate_type,
            case when override_tiers.override_id is not null then 'tiered' else 'flat' end
        ) as rate_type,
        contract_overrides.pricing_unit,
        {{ bursar.parse_list('contract_overrides.commit_ids') }} as commit_ids,
        coalesce(contract_overrides.rate_basis, 'list') as rate_basis,
        coalesce(cast(contract_overrides.is_commit_specific as boolean), false)
            as is_commit_specific,
        cast(contract_overrides.is_entitled as boolean) as is_entitled,
        override_tiers.override_id is not null as has_tiers,
        {{ bursar.parse_time('contract_overrides.starting_at') }} as starting_at,
        {{ bursar.parse_time('contract_overrides.ending_before') }} as ending_before,
        {{ bursar.parse_time('contract_overrides.created_at') }} as created_at,
        cast(contract_overrides.priority as integer) as priority,
        cast(contract_overrides.multiplier as decimal(38, 12)) as multiplier,
        cast(contract_overrides.price as decimal(38, 12)) as price
    from contract_overrides
    -- Most overrides have no tiers.
    left join override_tiers on contract_overrides.override_id = override_tiers.override_id
)

select * from final
