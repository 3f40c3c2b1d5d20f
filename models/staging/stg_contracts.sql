with contracts as (
    select * from {{ bursar.catalog_relation('contracts') }}
),

rate_cards as (
    select * from {{ ref('stg_rate_cards') }}
),

typed as (
    select
        contracts.contract_id,
        contracts.customer_id,
        contracts.rate_card_id,
        contracts.renews_contract_id,
        contracts.contract_name,
        rate_cards.currency,
        coalesce(contracts.billing_frequency, 'monthly') as billing_frequency,
        coalesce(contracts.billing_anchor, 'first_of_month') as billing_anchor,
        coalesce(contracts.multiplier_prioritization, 'lowest') as multiplier_prioritization,
        nullif(trim(contracts.usage_filter_key), '') as usage_filter_key,
        {{ bursar.parse_list('contracts.usage_filter_values') }} as usage_filter_values,
        coalesce(cast(contracts.scheduled_charges_on_usage_invoices as boolean), false)
            as scheduled_charges_on_usage_invoices,
        {{ bursar.parse_time('contracts.starting_at') }} as starting_at,
        {{ bursar.parse_time('contracts.ending_before') }} as ending_before,
        {{ bursar.parse_time('contracts.billing_anchor_date') }} as billing_anchor_date,
        {{ bursar.parse_time('contracts.usage_invoices_from') }} as usage_invoices_from,
        coalesce(cast(contracts.net_payment_terms_days as integer), 0) as net_payment_terms_days
    from contracts
    left join rate_cards on contracts.rate_card_id = rate_cards.rate_card_id
),

-- The instant that billing periods are counted from, in both directions.
final as (
    select
        typed.*,
        case typed.billing_anchor
            when 'first_of_month' then cast(date_trunc('month', typed.starting_at) as timestamp)
            when 'contract_start' then typed.starting_at
            when 'custom_date' then typed.billing_anchor_date
        end as anchor_at
    from typed
)

select * from final
