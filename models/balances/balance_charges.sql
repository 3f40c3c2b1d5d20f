with timed as (
    select * from {{ ref('charges_within_reach') }}
),

products as (
    select * from {{ ref('stg_products') }}
),

named as (
    select
        timed.*,
        paid_products.valid_from as product_valid_from,
        charged_products.product_name
    from timed
    -- A charge may precede its product's first version, which then has neither tags nor a name.
    left join products as paid_products
        on timed.product_id = paid_products.product_id
        and timed.payable_from >= paid_products.valid_from
        and timed.payable_from < coalesce(paid_products.valid_until, timestamp '9999-01-01')
    left join products as charged_products
        on timed.product_id = charged_products.product_id
        and timed.slice_start >= charged_products.valid_from
        and timed.slice_start < coalesce(charged_products.valid_until, timestamp '9999-01-01')
),

-- The order in which a customer's charges are paid.
final as (
    select
        named.*,
        row_number() over (
            order by
                named.is_as_if,
                named.customer_id,
                named.invoice_at,
                named.contract_start,
                named.contract_id,
                case named.invoice_type when 'usage' then 1 else 2 end,
                case named.line_type
                    when 'usage' then 1
                    when 'flat_fee' then 1
                    when 'subscription' then 2
                    when 'scheduled' then 4
                    else 3
                end,
                named.slice_start,
                -named.unit_price,
                named.product_name,
                named.pricing_group_values nulls first,
                named.presentation_group_values nulls first,
                named.tier_start nulls first,
                case named.line_type when 'usage' then 1 when 'flat_fee' then 2 end,
                named.product_id,
                named.subscription_id,
                named.line_type,
                named.pricing_unit,
                named.scheduled_charge_id
        ) as charge_number
    from named
)

select * from final
