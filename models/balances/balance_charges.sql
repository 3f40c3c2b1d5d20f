with charges as (
    select * from {{ ref('charges') }}
),

balance_reach as (
    select * from {{ ref('balance_reach') }}
),

contracts as (
    select * from {{ ref('stg_contracts') }}
),

contract_periods as (
    select * from {{ ref('contract_periods') }}
),

products as (
    select * from {{ ref('stg_products') }}
),

-- Only a contract that some balance reaches has its charges put in order.
reached as (
    select distinct balance_reach.contract_id
    from balance_reach
),

-- The span in which a segment must be usable: the slice of usage, or an instant, which is an hour
-- long since everything begins on the hour. What is charged in arrears is paid for as of the last
-- instant before its end.
timed as (
    select
        charges.*,
        contracts.customer_id,
        contracts.starting_at as contract_start,
        coalesce(contract_periods.period_end, charges.period_start) as invoice_at,
        case
            when charges.line_type in ('composite', 'minimum') or charges.is_in_arrears
                then {{ bursar.add_hours('charges.slice_end', -1) }}
            else charges.slice_start
        end as payable_from,
        case
            when charges.line_type = 'subscription' and not charges.is_in_arrears
                then {{ bursar.add_hours('charges.slice_start', 1) }}
            else charges.slice_end
        end as payable_until,
        charges.quantity > 0
        and (charges.amount > 0 or charges.line_type = 'usage')
        and charges.line_type <> 'scheduled' as is_payable
    from charges
    inner join reached on charges.contract_id = reached.contract_id
    inner join contracts on charges.contract_id = contracts.contract_id
    -- A scheduled invoice has a date and no period.
    left join contract_periods
        on charges.contract_id = contract_periods.contract_id
        and charges.period_start = contract_periods.period_start
        and charges.invoice_type = 'usage'
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
