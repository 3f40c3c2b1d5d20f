with draft_invoices as (
    select * from {{ ref('draft_invoices') }}
),

invoice_charges as (
    select * from {{ ref('invoice_charges') }}
    where is_summed
),

conversion_lines as (
    select * from {{ ref('pricing_unit_conversion_lines') }}
),

currencies as (
    select * from {{ ref('stg_currencies') }}
),

summed_lines as (
    select
        invoice_charges.invoice_id,
        invoice_charges.is_twin,
        invoice_charges.amount
    from invoice_charges
    union all
    select
        conversion_lines.invoice_id,
        false as is_twin,
        conversion_lines.amount
    from conversion_lines
),

subtotals as (
    select
        draft_invoices.invoice_id,
        currencies.minor_unit,
        coalesce(
            sum(summed_lines.amount) filter (where not summed_lines.is_twin),
            cast(0 as decimal(38, 12))
        ) as subtotal,
        coalesce(
            sum(summed_lines.amount) filter (where summed_lines.is_twin),
            cast(0 as decimal(38, 12))
        ) as balance_applied
    from draft_invoices
    inner join currencies on draft_invoices.currency = currencies.currency
    -- An invoice without lines has a total of 0.
    left join summed_lines on draft_invoices.invoice_id = summed_lines.invoice_id
    group by all
),

totalled as (
    select
        subtotals.*,
        {{ bursar.round_to_places(
            '(subtotals.subtotal + subtotals.balance_applied)', 'subtotals.minor_unit'
        ) }} as total
    from subtotals
),

final as (
    select
        totalled.invoice_id,
        totalled.subtotal,
        totalled.balance_applied,
        cast(totalled.total - totalled.subtotal - totalled.balance_applied as decimal(38, 12))
            as rounding,
        cast(totalled.total as decimal(38, 12)) as total
    from totalled
)

select * from final
