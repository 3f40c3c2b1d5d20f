with rates as (
    select * from {{ bursar.catalog_relation('rates') }}
),

rate_cards as (
    select * from {{ ref('stg_rate_cards') }}
),

typed as (
    select
        rates.rate_id,
        rates.rate_card_id,
        rates.product_id,
        {{ bursar.parse_map('rates.pricing_group_values') }} as pricing_group_values,
        coalesce(rates.rate_basis, 'list') as rate_basis,
        rates.rate_type,
        rates.billing_frequency,
        coalesce(cast(rates.is_entitled as boolean), true) as is_entitled,
        {{ bursar.parse_time('rates.starting_at') }} as starting_at,
        {{ bursar.parse_time('rates.ending_before') }} as ending_before,
        coalesce(rates.pricing_unit, rate_cards.currency) as pricing_unit,
        cast(rates.price as decimal(38, 12)) as price,
        cast(rates.minimum as decimal(38, 12)) as minimum
    from rates
    left join rate_cards on rates.rate_card_id = rate_cards.rate_card_id
),

-- A row is in force until it ends or a newer one of the same price begins, whichever is first.
final as (
    select
        typed.*,
        least(
            typed.ending_before,
            lead(typed.starting_at) over (
                partition by
                    typed.rate_card_id,
                    typed.product_id,
                    typed.pricing_group_values,
                    typed.rate_basis,
                    typed.billing_frequency
                order by typed.starting_at
            )
        ) as effective_until
    from typed
)

select * from final
