with balance_segments as (
    select * from {{ ref('balance_segments') }}
),

commit_scopes as (
    select * from {{ ref('commit_scopes') }}
),

contracts as (
    select * from {{ ref('stg_contracts') }}
),

-- A contract's commit reaches its contract; a customer's all the customer's, or those it names.
segment_contracts as (
    select
        balance_segments.segment_number,
        balance_segments.scope_id,
        balance_segments.contract_id,
        balance_segments.starting_at,
        balance_segments.ending_before
    from balance_segments
    where balance_segments.contract_id is not null
    union all
    select
        balance_segments.segment_number,
        balance_segments.scope_id,
        contracts.contract_id,
        balance_segments.starting_at,
        balance_segments.ending_before
    from balance_segments
    inner join contracts
        on balance_segments.customer_id = contracts.customer_id
        and (
            len(balance_segments.applicable_contract_ids) = 0
            or {{ bursar.list_has(
                'balance_segments.applicable_contract_ids', 'contracts.contract_id'
            ) }}
        )
    where balance_segments.contract_id is null
),

-- One row per segment, contract and alternative of what it may pay for there.
final as (
    select
        segment_contracts.segment_number,
        segment_contracts.contract_id,
        segment_contracts.starting_at,
        segment_contracts.ending_before,
        commit_scopes.product_id,
        commit_scopes.product_valid_from,
        commit_scopes.pricing_group_values,
        commit_scopes.presentation_group_values
    from segment_contracts
    inner join commit_scopes on segment_contracts.scope_id = commit_scopes.scope_id
)

select * from final
