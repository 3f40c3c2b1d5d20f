with slice_usage as (
    select * from {{ ref('slice_usage') }}
),

product_slices as (
    select * from {{ ref('product_slices') }}
),

rates as (
    select * from {{ ref('stg_rates') }}
    where rate_basis = 'list' and billing_frequency is null
),

-- Usage keeps its row without a rate, so that it can be listed as unrated. A null pricing value
-- matches no rate: no rate can be written for it.
priced as (
    select
        slice_usage.slice_id,
        product_slices.contract_id,
        product_slices.product_id,
        product_slices.period_start,
        product_slices.slice_start,
        product_slices.slice_end,
        slice_usage.pricing_group_values,
        slice_usage.presentation_group_values,
        slice_usage.quantity,
        rates.rate_id,
        rates.rate_type,
        rates.price as list_price,
        rates.pricing_unit,
        case
            when rates.rate_id is null then 'no_rate'
            when not rates.is_entitled then 'not_entitled'
        end as unrated_reason
    from slice_usage
    inner join product_slices on slice_usage.slice_id = product_slices.slice_id
    left join rates
        on product_slices.rate_card_id = rates.rate_card_id
        and product_slices.product_id = rates.product_id
        and coalesce(slice_usage.pricing_group_values, '')
        = coalesce(rates.pricing_group_values, '')
        and product_slices.slice_start >= rates.starting_at
        and product_slices.slice_start < coalesce(rates.effective_until, timestamp '9999-01-01')
),

final as (
    select
        priced.*,
        -- Where the period's counter stands before the slice: it runs through changes of rate and
        -- version.
        case when priced.unrated_reason is null then
                coalesce(sum(priced.quantity) filter (where priced.unrated_reason is null) over (
                    partition by
                        priced.contract_id,
                        priced.product_id,
                        priced.period_start,
                        priced.pricing_group_values,
                        priced.presentation_group_values
                    order by priced.slice_start
                    rows between unbounded preceding and 1 preceding
                ), 0)
        end as counter_before
    from priced
)

select * from final
