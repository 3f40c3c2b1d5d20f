with scheduled_charge_dates as (
    select * from {{ ref('scheduled_charge_dates') }}
),

scheduled_charges as (
    select * from {{ ref('stg_scheduled_charges') }}
),

final as (
    select
        'scheduled' as line_type,
        scheduled_charges.contract_id,
        scheduled_charges.product_id,
        scheduled_charges.scheduled_charge_id,
        scheduled_charges.currency as pricing_unit,
        false as is_prorated,
        case
            when scheduled_charges.scheduled_charges_on_usage_invoices then 'ending_period'
            else 'own_invoice'
        end as placement,
        scheduled_charge_dates.charged_at,
        scheduled_charge_dates.charged_at as slice_start,
        scheduled_charge_dates.charged_at as slice_end,
        scheduled_charge_dates.quantity,
        scheduled_charge_dates.unit_price,
        {{ bursar.multiply(
            'scheduled_charge_dates.quantity', 'scheduled_charge_dates.unit_price'
        ) }} as amount
    from scheduled_charge_dates
    inner join scheduled_charges
        on scheduled_charge_dates.scheduled_charge_id = scheduled_charges.scheduled_charge_id
)

select * from final
