with subscriptions as (
    select * from {{ bursar.catalog_relation('subscriptions') }}
),

contracts as (
    select * from {{ ref('stg_contracts') }}
),

-- A subscription lives within its contract, whatever its own dates say.
final as (
    select
        subscriptions.subscription_id,
        subscriptions.contract_id,
        contracts.rate_card_id,
        subscriptions.product_id,
        subscriptions.subscription_name,
        subscriptions.billing_frequency,
        coalesce(subscriptions.collection, 'advance') as collection,
        coalesce(subscriptions.proration_invoicing, 'next') as proration_invoicing,
        subscriptions.proration_rounding_method,
        coalesce(subscriptions.invoice_placement, 'usage') as invoice_placement,
        coalesce(cast(subscriptions.is_prorated as boolean), true) as is_prorated,
        greatest(
            coalesce(
                {{ bursar.parse_time('subscriptions.starting_at') }}, contracts.starting_at
            ),
            contracts.starting_at
        ) as starting_at,
        least(
            {{ bursar.parse_time('subscriptions.ending_before') }}, contracts.ending_before
        ) as ending_before,
        coalesce(
            {{ bursar.parse_time('subscriptions.anchor_date') }}, contracts.anchor_at
        ) as anchor_at,
        coalesce(cast(subscriptions.proration_decimal_places as integer), 0)
            as proration_decimal_places
    from subscriptions
    left join contracts on subscriptions.contract_id = contracts.contract_id
)

select * from final
