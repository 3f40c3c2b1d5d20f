with priced_subscriptions as (
    select * from {{ ref('priced_subscriptions') }}
    where unrated_reason is not null
),

contracts as (
    select * from {{ ref('stg_contracts') }}
),

run as (
    select * from {{ ref('stg_run') }}
),

-- A charge that would have been made by now.
final as (
    select
        priced_subscriptions.contract_id,
        contracts.customer_id,
        priced_subscriptions.product_id,
        priced_subscriptions.product_name,
        priced_subscriptions.period_start,
        priced_subscriptions.starting_at,
        priced_subscriptions.period_end as ending_before,
        priced_subscriptions.quantity,
        priced_subscriptions.unrated_reason as reason,
        priced_subscriptions.subscription_id
    from priced_subscriptions
    inner join contracts on priced_subscriptions.contract_id = contracts.contract_id
    where priced_subscriptions.charged_at <= (select run.as_of from run)
)

select * from final
