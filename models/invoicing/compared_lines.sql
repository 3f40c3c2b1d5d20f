{{ config(materialized='view') }}

with said_lines as (
    select * from {{ ref('said_lines') }}
),

as_if_lines as (
    select * from {{ ref('as_if_lines') }}
),

-- What is said and what would be said today, in columns beside each other. Rounding has no price of
-- its own: its parts add up whatever they are.
final as (
    select
        said_lines.invoice_id,
        said_lines.charge_type,
        said_lines.is_twin,
        said_lines.product_id,
        said_lines.product_name,
        said_lines.product_type,
        said_lines.metric_name,
        said_lines.pricing_group_values,
        said_lines.presentation_group_values,
        said_lines.starting_at,
        said_lines.ending_before,
        said_lines.tier_start,
        case when said_lines.charge_type <> 'rounding' then said_lines.unit_price end as unit_price,
        said_lines.pricing_unit,
        said_lines.is_summed,
        said_lines.is_prorated,
        said_lines.commit_id,
        said_lines.commit_segment_starting_at,
        said_lines.commit_type,
        said_lines.subscription_id,
        said_lines.scheduled_charge_id,
        said_lines.list_price,
        said_lines.rate_id,
        said_lines.override_id,
        said_lines.quantity as said_quantity,
        said_lines.amount as said_amount,
        0 as current_quantity,
        0 as current_amount
    from said_lines
    union all
    select
        as_if_lines.invoice_id,
        as_if_lines.charge_type,
        as_if_lines.is_twin,
        as_if_lines.product_id,
        as_if_lines.product_name,
        as_if_lines.product_type,
        as_if_lines.metric_name,
        as_if_lines.pricing_group_values,
        as_if_lines.presentation_group_values,
        as_if_lines.starting_at,
        as_if_lines.ending_before,
        as_if_lines.tier_start,
        case
            when as_if_lines.charge_type <> 'rounding' then as_if_lines.unit_price
        end as unit_price,
        as_if_lines.pricing_unit,
        as_if_lines.is_summed,
        -- As the ledger has it: a line that is of no span of time is not prorated.
        coalesce(as_if_lines.is_prorated, false) as is_prorated,
        as_if_lines.commit_id,
        as_if_lines.commit_segment_starting_at,
        as_if_lines.commit_type,
        as_if_lines.subscription_id,
        as_if_lines.scheduled_charge_id,
        as_if_lines.list_price,
        as_if_lines.rate_id,
        as_if_lines.override_id,
        0 as said_quantity,
        0 as said_amount,
        as_if_lines.quantity as current_quantity,
        as_if_lines.amount as current_amount
    from as_if_lines
)

select * from final
