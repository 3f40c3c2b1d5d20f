with subscription_quantities as (
    select * from {{ bursar.catalog_relation('subscription_quantities') }}
),

typed as (
    select
        subscription_quantities.subscription_id,
        {{ bursar.parse_time('subscription_quantities.starting_at') }} as starting_at,
        cast(subscription_quantities.quantity as decimal(38, 12)) as quantity
    from subscription_quantities
),

final as (
    select
        typed.*,
        lead(typed.starting_at) over (
            partition by typed.subscription_id
            order by typed.starting_at
        ) as effective_until
    from typed
)

select * from final
