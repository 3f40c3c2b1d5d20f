with priced_usage as (
    select * from {{ ref('priced_usage') }}
    where unrated_reason is null
),

tiered_spans as (
    select * from {{ ref('tiered_spans') }}
),

unioned as (
    select
        priced_usage.contract_id,
        priced_usage.product_id,
        priced_usage.period_start,
        priced_usage.slice_start,
        priced_usage.slice_end,
        priced_usage.pricing_group_values,
        priced_usage.presentation_group_values,
        cast(null as decimal(38, 12)) as tier_start,
        priced_usage.quantity,
        priced_usage.list_price as unit_price,
        priced_usage.pricing_unit,
        priced_usage.rate_id
    from priced_usage
    where priced_usage.rate_type = 'flat'
    union all
    select
        tiered_spans.contract_id,
        tiered_spans.product_id,
        tiered_spans.period_start,
        tiered_spans.slice_start,
        tiered_spans.slice_end,
        tiered_spans.pricing_group_values,
        tiered_spans.presentation_group_values,
        tiered_spans.tier_start,
        tiered_spans.quantity,
        tiered_spans.tier_price as unit_price,
        tiered_spans.pricing_unit,
        tiered_spans.rate_id
    from tiered_spans
    where tiered_spans.quantity <> 0
),

final as (
    select
        'usage' as line_type,
        unioned.*,
        {{ bursar.multiply('unioned.quantity', 'unioned.unit_price') }} as amount
    from unioned
)

select * from final
