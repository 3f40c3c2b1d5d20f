with final as (
    {{ bursar.tiers_of_prices(ref('tiered_prices')) }}
)

select * from final
