{#-
    Lines with their ids, their products' names and their numbers within their invoice, as a query.

    Args: `lines` is a relation like unnumbered_lines.
-#}
{% macro numbered_lines(lines) %}
with products as (
    select * from {{ ref('stg_products') }}
),

-- What the line is about, and nothing that changes from draft to draft. An absent part is null and
-- leaves no trace, so that a line keeps its id when lines of other kinds gain parts of their own.
-- Short labels keep what is hashed short: that is half the cost of an id.
identified as (
    select
        lines.*,
        concat(
            lines.invoice_id,
            ':',
            substr(md5(concat(
                lines.charge_type,
                '|p=' || lines.product_id,
                '|s=' || lines.subscription_id,
                '|c=' || lines.scheduled_charge_id,
                '|g=' || lines.pricing_group_values,
                '|v=' || lines.presentation_group_values,
                '|from=' || cast(lines.starting_at as varchar),
                '|tier=' || cast(lines.tier_start as varchar),
                '|charged_tier=' || cast(lines.charged_tier_start as varchar),
                '|commit=' || lines.commit_id,
                '|segment=' || cast(lines.commit_segment_starting_at as varchar),
                '|share=' || case when lines.charge_type = 'composite'
                        then cast(lines.unit_price as varchar)
                end,
                '|u=' || lines.pricing_unit,
                '|converted=' || lines.converted_pricing_unit
            )), 1, 16)
        ) as charge_line_id
    from {{ lines }} as lines
),

final as (
    select
        identified.*,
        case
            when identified.is_twin
                then identified.invoice_id
                    || ':'
                    || substr(md5('applied|' || identified.charge_line_id), 1, 16)
            else identified.charge_line_id
        end as line_item_id,
        case when identified.is_twin then identified.charge_line_id end as covers_line_item_id,
        products.product_name,
        products.product_type,
        products.metric_name,
        row_number() over (
            partition by identified.invoice_id
            order by
                case identified.charge_type
                    when 'composite' then 2
                    when 'minimum' then 2
                    when 'pricing_unit_conversion' then 3
                    when 'rounding' then 4
                    else 1
                end,
                products.product_name,
                identified.product_id,
                identified.pricing_group_values nulls first,
                identified.presentation_group_values nulls first,
                identified.subscription_id nulls first,
                identified.scheduled_charge_id nulls first,
                identified.starting_at,
                case identified.charge_type when 'usage' then 1 else 2 end,
                identified.charged_tier_start nulls first,
                identified.tier_start nulls first,
                identified.charge_line_id,
                identified.is_twin
        ) as line_number
    from identified
    -- Conversion and rounding lines are about no product.
    left join products
        on identified.product_id = products.product_id
        and identified.starting_at >= products.valid_from
        and identified.starting_at < coalesce(products.valid_until, timestamp '9999-01-01')
)

select * from final
{% endmacro %}
