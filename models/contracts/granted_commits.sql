with commits as (
    select * from {{ ref('stg_commits') }}
),

commit_segments as (
    select * from {{ ref('stg_commit_segments') }}
),

commit_invoices as (
    select * from {{ ref('stg_commit_invoices') }}
),

recurring_commits as (
    select * from {{ ref('stg_recurring_commits') }}
),

recurring_grants as (
    select * from {{ ref('recurring_grants') }}
),

amounts as (
    select
        commit_segments.commit_id,
        sum(commit_segments.amount) as access_amount
    from commit_segments
    group by commit_segments.commit_id
),

purchases as (
    select
        commit_invoices.commit_id,
        sum(commit_invoices.amount) as paid_amount
    from commit_invoices
    group by commit_invoices.commit_id
),

-- Each period's grant is a commit of its own. What it may pay for is said once, by its scope: the
-- commit, or the recurring commit that grants it. Overrides name either.
granted as (
    select
        commits.commit_id,
        commits.commit_id as scope_id,
        [commits.commit_id] as override_names,
        commits.commit_type,
        commits.contract_id,
        commits.customer_id,
        commits.product_id,
        commits.commit_name,
        commits.pricing_unit,
        commits.rate_basis,
        commits.applicable_contract_ids,
        commits.invoice_contract_id,
        commits.priority,
        commits.rollover_fraction,
        cast(amounts.access_amount as decimal(38, 12)) as access_amount,
        cast(coalesce(purchases.paid_amount, 0) as decimal(38, 12)) as paid_amount
    from commits
    inner join amounts on commits.commit_id = amounts.commit_id
    -- Credits and complimentary commits are not bought.
    left join purchases on commits.commit_id = purchases.commit_id
    union all by name
    select
        recurring_grants.commit_id,
        recurring_commits.recurring_commit_id as scope_id,
        [recurring_grants.commit_id, recurring_commits.recurring_commit_id] as override_names,
        recurring_commits.commit_type,
        recurring_commits.contract_id,
        recurring_commits.customer_id,
        recurring_commits.product_id,
        recurring_commits.commit_name,
        recurring_commits.pricing_unit,
        recurring_commits.rate_basis,
        {{ bursar.empty_list() }} as applicable_contract_ids,
        recurring_commits.contract_id as invoice_contract_id,
        recurring_commits.priority,
        recurring_commits.rollover_fraction,
        recurring_grants.amount as access_amount,
        recurring_grants.invoice_amount as paid_amount
    from recurring_grants
    inner join recurring_commits
        on recurring_grants.recurring_commit_id = recurring_commits.recurring_commit_id
),

final as (
    select
        granted.*,
        case
            when granted.commit_type = 'postpaid' then 1
            when granted.paid_amount = 0 then 0
            when granted.access_amount = 0 then null
            else {{ bursar.divide('granted.paid_amount', 'granted.access_amount') }}
        end as cost_basis
    from granted
)

select * from final
