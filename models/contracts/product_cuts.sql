with contract_products as (
    select * from {{ ref('contract_products') }}
),

rate_card_cuts as (
    select * from {{ ref('rate_card_cuts') }}
),

override_targets as (
    select * from {{ ref('override_targets') }}
),

balance_reach as (
    select * from {{ ref('balance_reach') }}
),

-- A balance that may pay for any product cuts all of a contract's.
balance_edges as (
    select
        contract_products.contract_id,
        contract_products.product_id,
        balance_reach.starting_at,
        balance_reach.ending_before
    from balance_reach
    inner join contract_products on balance_reach.contract_id = contract_products.contract_id
    where balance_reach.product_id is null
    union
    select
        contract_products.contract_id,
        contract_products.product_id,
        balance_reach.starting_at,
        balance_reach.ending_before
    from balance_reach
    inner join contract_products
        on balance_reach.contract_id = contract_products.contract_id
        and balance_reach.product_id = contract_products.product_id
),

-- An override cuts a product that it targets in any version, and whatever its group values are.
cut_at_instants as (
    select
        contract_products.contract_id,
        contract_products.product_id,
        rate_card_cuts.cut_at
    from contract_products
    -- A product whose price never changes has no cuts.
    inner join rate_card_cuts
        on contract_products.rate_card_id = rate_card_cuts.rate_card_id
        and contract_products.product_id = rate_card_cuts.product_id
        and contract_products.starting_at < rate_card_cuts.cut_at
        and coalesce(contract_products.ending_before > rate_card_cuts.cut_at, true)
    union
    select
        override_targets.contract_id,
        override_targets.product_id,
        override_targets.starting_at as cut_at
    from override_targets
    union
    select
        override_targets.contract_id,
        override_targets.product_id,
        override_targets.ending_before as cut_at
    from override_targets
    where override_targets.ending_before is not null
    union
    select
        balance_edges.contract_id,
        balance_edges.product_id,
        balance_edges.starting_at as cut_at
    from balance_edges
    union
    select
        balance_edges.contract_id,
        balance_edges.product_id,
        balance_edges.ending_before as cut_at
    from balance_edges
    where balance_edges.ending_before is not null
),

final as (
    select * from cut_at_instants
)

select * from final
