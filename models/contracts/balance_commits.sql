with granted_commits as (
    select * from {{ ref('granted_commits') }}
),

contracts as (
    select * from {{ ref('stg_contracts') }}
),

run as (
    select * from {{ ref('stg_run') }}
),

renewals as (
    select
        renewing.contract_id,
        renewed.contract_id as renewed_contract_id,
        renewed.ending_before as renewed_at
    from contracts as renewing
    inner join contracts as renewed on renewing.renews_contract_id = renewed.contract_id
    cross join run
    -- Before the old contract has ended nobody knows what it leaves.
    where renewed.ending_before <= run.as_of
),

-- What a renewal may carry over is a commit of the new contract, and is not carried over again. How
-- much it is, if anything, is known once the old contract's charges are paid.
final as (
    select
        granted_commits.*,
        cast(null as varchar) as rolled_from,
        cast(null as timestamp) as renewed_at,
        granted_commits.paid_amount > 0 as is_paid
    from granted_commits
    union all by name
    select
        'rollover:' || granted_commits.commit_id as commit_id,
        granted_commits.scope_id,
        {{ bursar.empty_list() }} as override_names,
        granted_commits.commit_type,
        renewals.contract_id,
        granted_commits.customer_id,
        granted_commits.product_id,
        granted_commits.commit_name,
        granted_commits.pricing_unit,
        granted_commits.rate_basis,
        {{ bursar.empty_list() }} as applicable_contract_ids,
        renewals.contract_id as invoice_contract_id,
        granted_commits.priority,
        granted_commits.rollover_fraction,
        granted_commits.access_amount,
        cast(0 as decimal(38, 12)) as paid_amount,
        granted_commits.commit_id as rolled_from,
        renewals.renewed_at,
        granted_commits.cost_basis,
        false as is_paid
    from granted_commits
    inner join renewals on granted_commits.contract_id = renewals.renewed_contract_id
    where
        granted_commits.rollover_fraction > 0
        and granted_commits.commit_type in ('prepaid', 'credit')
)

select * from final
