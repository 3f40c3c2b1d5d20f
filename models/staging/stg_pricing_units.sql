with pricing_units as (
    select * from {{ bursar.catalog_relation('pricing_units') }}
),

final as (
    select
        pricing_units.pricing_unit,
        pricing_units.pricing_unit_name
    from pricing_units
)

select * from final
