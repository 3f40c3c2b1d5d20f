"""What explains a charge that is dated: a subscription's or a scheduled one.

Owns the queries.
"""

from __future__ import annotations

from bursar.warehouse.explaining.part import STANDING_LINES, Part

SUBSCRIPTION = Part(
    "subscription",
    "The subscription, and the period that is charged",
    """
    select
        line.line_item_id as explains,
        subscriptions.subscription_id,
        subscriptions.subscription_name,
        subscriptions.billing_frequency,
        subscriptions.anchor_at,
        priced.calendar_start,
        priced.calendar_end,
        priced.period_start,
        priced.period_end,
        priced.is_increase,
        priced.charged_at,
        charges.placement
    from line
    inner join work.stg_subscriptions as subscriptions
        on line.subscription_id = subscriptions.subscription_id
    inner join work.priced_subscriptions as priced
        on line.subscription_id = priced.subscription_id
        and line.starting_at = priced.starting_at
    inner join work.subscription_charges as charges
        on line.subscription_id = charges.subscription_id
        and line.starting_at = charges.slice_start
    """,
)
QUANTITIES = Part(
    "quantities",
    "The quantities that hold in the period, up to this charge; it has paid for the highest so far",
    """
    select
        line.line_item_id as explains,
        quantities.starting_at,
        quantities.quantity
    from line
    inner join work.priced_subscriptions as priced
        on line.subscription_id = priced.subscription_id
        and line.starting_at = priced.starting_at
    inner join work.stg_subscription_quantities as quantities
        on line.subscription_id = quantities.subscription_id
        and quantities.starting_at <= line.starting_at
        and coalesce(quantities.effective_until > priced.period_start, true)
    order by quantities.starting_at
    """,
)
PRORATION = Part(
    "proration",
    "The price: of a whole period, times hours covered, by hours of the whole period",
    """
    select
        line.line_item_id as explains,
        priced.list_price as list_price_of_a_period,
        priced.period_price,
        datediff('hour', priced.starting_at, priced.period_end) as hours_covered,
        datediff('hour', priced.calendar_start, priced.calendar_end) as hours_of_the_period,
        line.is_prorated,
        subscriptions.proration_rounding_method,
        case
            when subscriptions.proration_rounding_method is not null
                then subscriptions.proration_decimal_places
        end as proration_decimal_places,
        line.unit_price
    from line
    inner join work.priced_subscriptions as priced
        on line.subscription_id = priced.subscription_id
        and line.starting_at = priced.starting_at
    inner join work.stg_subscriptions as subscriptions
        on line.subscription_id = subscriptions.subscription_id
    """,
)
CHARGE = Part(
    "charge",
    "The scheduled charge",
    """
    select
        line.line_item_id as explains,
        charges.scheduled_charge_id,
        charges.charge_name,
        charges.billing_frequency as frequency,
        charges.amount,
        charges.currency,
        currencies.minor_unit,
        case
            when charges.billing_frequency is not null then charges.amount_distribution
        end as amount_distribution,
        case when charges.billing_frequency is not null then charges.starting_at end as starting_at,
        case when charges.billing_frequency is not null then charges.ending_before end
            as ending_before
    from line
    inner join work.stg_scheduled_charges as charges
        on line.scheduled_charge_id = charges.scheduled_charge_id
    inner join work.stg_currencies as currencies on charges.currency = currencies.currency
    """,
)
DATES = Part(
    "dates",
    "Its dates, and the invoices that they are on so far",
    STANDING_LINES
    + """
    select
        line.line_item_id as explains,
        dates.charged_at,
        dates.quantity,
        dates.unit_price,
        others.invoice_id
    from line
    inner join work.scheduled_charge_dates as dates
        on line.scheduled_charge_id = dates.scheduled_charge_id
    left join standing_lines as others
        on dates.scheduled_charge_id = others.scheduled_charge_id
        and dates.charged_at = others.starting_at
    order by dates.charged_at
    """,
)
