with priced_subscriptions as (
    select * from {{ ref('priced_subscriptions') }}
    where unrated_reason is null
),

subscriptions as (
    select * from {{ ref('stg_subscriptions') }}
),

covered as (
    select
        priced_subscriptions.*,
        subscriptions.proration_invoicing,
        subscriptions.invoice_placement,
        subscriptions.proration_decimal_places,
        subscriptions.proration_rounding_method,
        {{ bursar.hours_between(
            'priced_subscriptions.starting_at', 'priced_subscriptions.period_end'
        ) }} as hours_covered,
        {{ bursar.hours_between(
            'priced_subscriptions.calendar_start', 'priced_subscriptions.calendar_end'
        ) }} as hours_whole,
        subscriptions.is_prorated and (
            priced_subscriptions.starting_at > priced_subscriptions.calendar_start
            or priced_subscriptions.period_end < priced_subscriptions.calendar_end
        ) as is_prorated
    from priced_subscriptions
    inner join subscriptions
        on priced_subscriptions.subscription_id = subscriptions.subscription_id
),

-- What the part of a period costs that a charge covers, at the price paid and at the card's.
parted as (
    select
        covered.*,
        {{ bursar.multiply('covered.hours_covered', 'covered.period_price') }} as paid_hours,
        {{ bursar.multiply('covered.hours_covered', 'covered.list_price') }} as listed_hours
    from covered
),

prorated as (
    select
        parted.*,
        {{ bursar.divide('parted.paid_hours', 'parted.hours_whole') }} as paid_part,
        {{ bursar.divide('parted.listed_hours', 'parted.hours_whole') }} as listed_part
    from parted
),

rounded as (
    select
        prorated.*,
        case
            when not prorated.is_prorated then prorated.period_price
            when prorated.proration_rounding_method is null then prorated.paid_part
            else {{ bursar.round_to_places(
                'prorated.paid_part',
                'prorated.proration_decimal_places',
                'prorated.proration_rounding_method'
            ) }}
        end as unit_price,
        case
            when not prorated.is_prorated then prorated.list_price
            else prorated.listed_part
        end as listed_price
    from prorated
),

final as (
    select
        'subscription' as line_type,
        rounded.contract_id,
        rounded.product_id,
        rounded.subscription_id,
        rounded.rate_id,
        rounded.override_id,
        rounded.pricing_unit,
        rounded.is_prorated,
        rounded.is_in_arrears,
        -- Where the charge goes: onto the usage invoice that ends on its day, or the one whose
        -- period holds the instant before, or an invoice of its own.
        case
            when rounded.invoice_placement = 'scheduled' then 'own_invoice'
            when rounded.is_in_arrears then 'holding_period'
            when rounded.is_increase and rounded.proration_invoicing = 'next' then 'holding_period'
            else 'ending_period'
        end as placement,
        rounded.charged_at,
        rounded.starting_at as slice_start,
        rounded.period_end as slice_end,
        rounded.quantity,
        rounded.unit_price,
        rounded.listed_price as list_price,
        {{ bursar.multiply('rounded.quantity', 'rounded.unit_price') }} as amount
    from rounded
)

select * from final
