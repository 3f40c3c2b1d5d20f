{{ config(materialized='view') }}

with invoice_charges as (
    select * from {{ ref('invoice_charges') }}
),

conversion_lines as (
    select * from {{ ref('pricing_unit_conversion_lines') }}
),

invoice_totals as (
    select * from {{ ref('invoice_totals') }}
),

draft_invoices as (
    select * from {{ ref('draft_invoices') }}
),

final as (
    select
        invoice_charges.*,
        cast(null as varchar) as converted_pricing_unit
    from invoice_charges
    union all by name
    select
        conversion_lines.*,
        draft_invoices.is_as_if,
        draft_invoices.contract_id,
        draft_invoices.period_start as starting_at,
        draft_invoices.period_end as ending_before,
        'pricing_unit_conversion' as charge_type,
        false as is_twin,
        true as is_summed
    from conversion_lines
    inner join draft_invoices on conversion_lines.invoice_id = draft_invoices.invoice_id
    union all by name
    select
        invoice_totals.invoice_id,
        'rounding' as line_type,
        'rounding' as charge_type,
        draft_invoices.is_as_if,
        draft_invoices.contract_id,
        draft_invoices.period_start as starting_at,
        draft_invoices.period_end as ending_before,
        cast(1 as decimal(38, 12)) as quantity,
        invoice_totals.rounding as unit_price,
        invoice_totals.rounding as amount,
        draft_invoices.currency as pricing_unit,
        false as is_twin,
        true as is_summed
    from invoice_totals
    inner join draft_invoices on invoice_totals.invoice_id = draft_invoices.invoice_id
    where invoice_totals.rounding <> 0
)

select * from final
