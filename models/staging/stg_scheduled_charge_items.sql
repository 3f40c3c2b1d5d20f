with scheduled_charge_items as (
    select * from {{ bursar.catalog_relation('scheduled_charge_items') }}
),

final as (
    select
        scheduled_charge_items.scheduled_charge_id,
        {{ bursar.parse_time('scheduled_charge_items.invoice_at') }} as invoice_at,
        cast(scheduled_charge_items.unit_price as decimal(38, 12)) as unit_price,
        coalesce(cast(scheduled_charge_items.quantity as decimal(38, 12)), 1) as quantity
    from scheduled_charge_items
)

select * from final
