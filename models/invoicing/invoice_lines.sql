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

products as (
    select * from {{ ref('stg_products') }}
),

unioned as (
    select
        invoice_charges.*,
        cast(null as varchar) as converted_pricing_unit
    from invoice_charges
    union all by name
    select
        conversion_lines.*,
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
),

-- What the line is about, and nothing that changes from draft to draft. An absent part is null and
-- leaves no trace, so that a line keeps its id when lines of other kinds gain parts of their own.
-- Short labels keep what is hashed short: that is half the cost of an id.
identified as (
    select
        unioned.*,
        concat(
            unioned.invoice_id,
            ':',
            substr(md5(concat(
                unioned.charge_type,
                '|p=' || unioned.product_id,
                '|s=' || unioned.subscription_id,
                '|c=' || unioned.scheduled_charge_id,
                '|g=' || unioned.pricing_group_values,
                '|v=' || unioned.presentation_group_values,
                '|from=' || cast(unioned.starting_at as varchar),
                '|tier=' || cast(unioned.tier_start as varchar),
                '|charged_tier=' || cast(unioned.charged_tier_start as varchar),
                '|commit=' || unioned.commit_id,
                '|segment=' || cast(unioned.commit_segment_starting_at as varchar),
                '|share=' || case when unioned.charge_type = 'composite'
                        then cast(unioned.unit_price as varchar)
                end,
                '|u=' || unioned.pricing_unit,
                '|converted=' || unioned.converted_pricing_unit
            )), 1, 16)
        ) as charge_line_id
    from unioned
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
