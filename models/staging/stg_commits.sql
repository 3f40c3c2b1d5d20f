with commits as (
    select * from {{ bursar.catalog_relation('commits') }}
),

contracts as (
    select * from {{ ref('stg_contracts') }}
),

-- A contract's commit is in its card's currency unless it says otherwise, and is invoiced there.
final as (
    select
        commits.commit_id,
        commits.commit_type,
        nullif(trim(commits.contract_id), '') as contract_id,
        coalesce(contracts.customer_id, commits.customer_id) as customer_id,
        commits.product_id,
        commits.commit_name,
        coalesce(commits.pricing_unit, contracts.currency) as pricing_unit,
        coalesce(commits.rate_basis, 'list') as rate_basis,
        {{ bursar.parse_list('commits.applicable_product_ids') }} as applicable_product_ids,
        {{ bursar.parse_list('commits.applicable_product_tags') }} as applicable_product_tags,
        {{ bursar.parse_list('commits.applicable_contract_ids') }} as applicable_contract_ids,
        coalesce(contracts.contract_id, commits.invoice_contract_id) as invoice_contract_id,
        contracts.starting_at as term_starting_at,
        contracts.ending_before as term_ending_before,
        coalesce(cast(commits.priority as integer), 100) as priority,
        cast(commits.rollover_fraction as decimal(38, 12)) as rollover_fraction
    from commits
    -- A customer's commit has no contract.
    left join contracts on commits.contract_id = contracts.contract_id
)

select * from final
