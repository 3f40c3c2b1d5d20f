with rate_cards as (
    select * from {{ bursar.catalog_relation('rate_cards') }}
),

final as (
    select
        rate_cards.rate_card_id,
        rate_cards.rate_card_name,
        rate_cards.currency
    from rate_cards
)

select * from final
