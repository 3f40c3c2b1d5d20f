with products as (
    select * from {{ ref('stg_products') }}
),

rates as (
    select * from {{ ref('stg_rates') }}
),

-- A new row cuts even at an equal price. The end of a row that a newer one had replaced does not,
-- which is what effective_until leaves out.
rate_changes as (
    select
        rates.rate_card_id,
        rates.product_id,
        rates.starting_at as cut_at
    from rates
    union
    select
        rates.rate_card_id,
        rates.product_id,
        rates.effective_until as cut_at
    from rates
    where rates.effective_until is not null
),

version_changes as (
    select
        rates.rate_card_id,
        rates.product_id,
        products.valid_from as cut_at
    from rates
    -- Products are checked to exist; a card cuts only at versions of what it sells.
    inner join products on rates.product_id = products.product_id
),

final as (
    select * from rate_changes
    union
    select * from version_changes
)

select * from final
