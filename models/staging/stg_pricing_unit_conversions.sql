with pricing_unit_conversions as (
    select * from {{ bursar.catalog_relation('pricing_unit_conversions') }}
),

final as (
    select
        pricing_unit_conversions.rate_card_id,
        pricing_unit_conversions.pricing_unit,
        cast(pricing_unit_conversions.price_per_unit as decimal(38, 12)) as price_per_unit
    from pricing_unit_conversions
)

select * from final
