"""What explains a line that is made of other lines: shares, minimums, conversions, rounding.

Owns the queries.
"""

from __future__ import annotations

from bursar.warehouse.explaining.part import Part

COMPOSITE_BASE = Part(
    "base",
    "The lines that it is a share of: their amounts are its quantity",
    """
    select
        line.line_item_id as explains,
        charges.line_type,
        charges.product_id,
        products.product_name,
        charges.slice_start as starting_at,
        charges.pricing_group_values,
        charges.tier_start,
        charges.amount
    from line
    inner join work.composite_slices as shares
        on line.contract_id = shares.contract_id
        and line.product_id = shares.product_id
        and line.period_start = shares.period_start
        and line.unit_price = shares.unit_price
    inner join work.metered_charges as charges
        on shares.contract_id = charges.contract_id
        and shares.period_start = charges.period_start
        and shares.slice_start <= charges.slice_start
        and shares.slice_end > charges.slice_start
        and line.pricing_unit = charges.pricing_unit
    inner join work.stg_products as products
        on charges.product_id = products.product_id
        and charges.slice_start >= products.valid_from
        and charges.slice_start < coalesce(products.valid_until, timestamp '9999-01-01')
    where
        (
            list_contains(shares.composite_product_ids, products.product_id)
            or list_has_any(shares.composite_tags, products.tags)
        )
        and not (shares.composite_excludes_free and charges.unit_price = 0)
    order by charges.product_id, charges.slice_start, charges.tier_start
    """,
)
COMPOSITE_LINES = Part(
    "lines",
    "The composite's other lines, which fall short of the minimum",
    """
    select
        line.line_item_id as explains,
        others.line_item_id,
        others.quantity,
        others.unit_price,
        others.amount
    from line
    inner join billing.invoice_line_items as others
        on line.invoice_id = others.invoice_id
        and line.product_id = others.product_id
        and line.pricing_unit = others.pricing_unit
        and others.line_type = 'composite'
    order by others.line_number
    """,
)
CONVERTED_LINES = Part(
    "lines",
    "The lines in the custom unit that no balance paid",
    """
    , units as (
        select
            lines.invoice_id,
            lines.pricing_unit,
            sum(lines.amount) as amount
        from billing.invoice_line_items as lines
        where
            lines.invoice_id in (select line.invoice_id from line)
            and not lines.is_summed
            and lines.commit_id is null
        group by all
    )

    select
        line.line_item_id as explains,
        others.line_item_id,
        others.line_type,
        others.pricing_unit,
        others.amount
    from line
    -- A void invoice's lines are of no draft today: there the sum says which unit it is.
    left join current_lines on line.line_item_id = current_lines.line_item_id
    inner join units
        on line.invoice_id = units.invoice_id
        and coalesce(
            current_lines.converted_pricing_unit = units.pricing_unit,
            line.quantity = units.amount
        )
    inner join billing.invoice_line_items as others
        on line.invoice_id = others.invoice_id
        and units.pricing_unit = others.pricing_unit
        and not others.is_summed
        and others.commit_id is null
    order by others.line_number
    """,
)
SUMMED_LINES = Part(
    "lines",
    "The lines that the total is made of",
    """
    select
        line.line_item_id as explains,
        others.line_item_id,
        others.line_type,
        others.amount
    from line
    inner join billing.invoice_line_items as others
        on line.invoice_id = others.invoice_id
        and others.is_summed
        and others.line_type <> 'rounding'
    order by others.line_number
    """,
)
TOTAL = Part(
    "total",
    "The invoice's total, rounded once to the currency's minor unit",
    """
    select
        line.line_item_id as explains,
        invoices.subtotal,
        invoices.balance_applied,
        invoices.rounding,
        invoices.total,
        invoices.currency,
        currencies.minor_unit
    from line
    inner join billing.invoices on line.invoice_id = invoices.invoice_id
    inner join work.stg_currencies as currencies on invoices.currency = currencies.currency
    """,
)
