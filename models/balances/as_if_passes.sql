{{ config(materialized='view') }}

with balance_charges as (
    select * from {{ ref('balance_charges') }}
    where is_as_if
),

as_if_invoices as (
    select distinct
        balance_charges.standing_invoice_id,
        {{ bursar.invoice_order('balance_charges') }} as invoice_order
    from balance_charges
),

-- None of them waits for another: each is worked out beside what the others have drawn.
final as (
    select
        row_number() over (order by as_if_invoices.standing_invoice_id) as pass_number,
        as_if_invoices.standing_invoice_id,
        as_if_invoices.invoice_order
    from as_if_invoices
)

select * from final
