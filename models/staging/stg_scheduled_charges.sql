with scheduled_charges as (
    select * from {{ bursar.catalog_relation('scheduled_charges') }}
),

contracts as (
    select * from {{ ref('stg_contracts') }}
),

final as (
    select
        scheduled_charges.scheduled_charge_id,
        scheduled_charges.contract_id,
        scheduled_charges.product_id,
        scheduled_charges.charge_name,
        contracts.currency,
        scheduled_charges.frequency as billing_frequency,
        coalesce(scheduled_charges.amount_distribution, 'each') as amount_distribution,
        contracts.scheduled_charges_on_usage_invoices,
        coalesce(
            {{ bursar.parse_time('scheduled_charges.starting_at') }}, contracts.starting_at
        ) as starting_at,
        coalesce(
            {{ bursar.parse_time('scheduled_charges.ending_before') }}, contracts.ending_before
        ) as ending_before,
        cast(scheduled_charges.amount as decimal(38, 12)) as amount
    from scheduled_charges
    left join contracts on scheduled_charges.contract_id = contracts.contract_id
)

select * from final
