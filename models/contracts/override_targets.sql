with contract_overrides as (
    select * from {{ ref('stg_contract_overrides') }}
),

contract_products as (
    select * from {{ ref('contract_products') }}
),

products as (
    select * from {{ ref('stg_products') }}
),

-- What is given of a target must hold; what is blank leaves it open.
final as (
    select
        contract_overrides.override_id,
        contract_overrides.contract_id,
        products.product_id,
        products.valid_from as product_valid_from,
        contract_overrides.starting_at,
        contract_overrides.ending_before
    from contract_overrides
    -- An override of a product that the card does not price acts on nothing.
    inner join contract_products
        on contract_overrides.contract_id = contract_products.contract_id
        and coalesce(contract_overrides.product_id = contract_products.product_id, true)
    inner join products on contract_products.product_id = products.product_id
    where
        len(contract_overrides.product_tags) = 0
        or {{ bursar.lists_overlap('products.tags', 'contract_overrides.product_tags') }}
)

select * from final
