with compared_lines as (
    select * from {{ ref('compared_lines') }}
),

-- Lines are the same if they are about the same at the same price. A changed price is a line that
-- is gone, and a new one.
final as (
    select
        compared_lines.invoice_id,
        compared_lines.charge_type,
        compared_lines.is_twin,
        compared_lines.product_id,
        compared_lines.pricing_group_values,
        compared_lines.presentation_group_values,
        compared_lines.starting_at,
        compared_lines.ending_before,
        compared_lines.tier_start,
        compared_lines.unit_price,
        compared_lines.pricing_unit,
        compared_lines.is_summed,
        compared_lines.is_prorated,
        compared_lines.commit_id,
        compared_lines.commit_segment_starting_at,
        compared_lines.commit_type,
        compared_lines.subscription_id,
        compared_lines.scheduled_charge_id,
        max(compared_lines.product_name) as product_name,
        max(compared_lines.product_type) as product_type,
        max(compared_lines.metric_name) as metric_name,
        max(compared_lines.list_price) as list_price,
        max(compared_lines.rate_id) as rate_id,
        max(compared_lines.override_id) as override_id,
        cast(sum(compared_lines.said_quantity) as decimal(38, 12)) as said_quantity,
        cast(sum(compared_lines.said_amount) as decimal(38, 12)) as said_amount,
        cast(sum(compared_lines.current_quantity) as decimal(38, 12)) as current_quantity,
        cast(sum(compared_lines.current_amount) as decimal(38, 12)) as current_amount
    from compared_lines
    group by all
    having
        sum(compared_lines.said_amount) <> sum(compared_lines.current_amount)
        or (
            sum(compared_lines.said_quantity) <> sum(compared_lines.current_quantity)
            and compared_lines.charge_type <> 'rounding'
        )
)

select * from final
