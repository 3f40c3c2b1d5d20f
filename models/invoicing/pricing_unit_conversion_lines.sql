with invoice_charges as (
    select * from {{ ref('invoice_charges') }}
),

draft_invoices as (
    select * from {{ ref('draft_invoices') }}
),

pricing_unit_conversions as (
    select * from {{ ref('stg_pricing_unit_conversions') }}
),

-- What was charged in a custom unit, and no balance paid, is turned into money once an invoice.
units as (
    select
        invoice_charges.invoice_id,
        invoice_charges.pricing_unit,
        sum(invoice_charges.amount) as quantity
    from invoice_charges
    inner join draft_invoices
        on invoice_charges.invoice_id = draft_invoices.invoice_id
        and invoice_charges.pricing_unit <> draft_invoices.currency
    group by all
),

final as (
    select
        units.invoice_id,
        'pricing_unit_conversion' as line_type,
        units.pricing_unit as converted_pricing_unit,
        units.quantity,
        pricing_unit_conversions.price_per_unit as unit_price,
        pricing_unit_conversions.price_per_unit as list_price,
        {{ bursar.multiply('units.quantity', 'pricing_unit_conversions.price_per_unit') }}
            as amount,
        draft_invoices.currency as pricing_unit
    from units
    inner join draft_invoices on units.invoice_id = draft_invoices.invoice_id
    -- That a card converts every unit it is priced in is a rule of the catalog.
    inner join pricing_unit_conversions
        on draft_invoices.rate_card_id = pricing_unit_conversions.rate_card_id
        and units.pricing_unit = pricing_unit_conversions.pricing_unit
    where units.quantity <> 0
)

select * from final
