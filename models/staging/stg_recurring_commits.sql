with recurring_commits as (
    select * from {{ bursar.catalog_relation('recurring_commits') }}
),

contracts as (
    select * from {{ ref('stg_contracts') }}
),

-- Grants keep to the contract's term. Without a frequency of their own they follow the contract's
-- billing periods; with one, a calendar that is anchored at their own start.
final as (
    select
        recurring_commits.recurring_commit_id,
        recurring_commits.contract_id,
        contracts.customer_id,
        recurring_commits.commit_type,
        recurring_commits.product_id,
        recurring_commits.commit_name,
        coalesce(recurring_commits.pricing_unit, contracts.currency) as pricing_unit,
        coalesce(recurring_commits.rate_basis, 'list') as rate_basis,
        coalesce(recurring_commits.frequency, contracts.billing_frequency) as billing_frequency,
        coalesce(recurring_commits.proration, 'none') as proration,
        recurring_commits.proration_rounding_method,
        {{ bursar.parse_list('recurring_commits.applicable_product_ids') }}
            as applicable_product_ids,
        {{ bursar.parse_list('recurring_commits.applicable_product_tags') }}
            as applicable_product_tags,
        case
            when recurring_commits.frequency is null then contracts.anchor_at
            else
                coalesce(
                    {{ bursar.parse_time('recurring_commits.starting_at') }}, contracts.starting_at
                )
        end as anchor_at,
        greatest(
            coalesce(
                {{ bursar.parse_time('recurring_commits.starting_at') }}, contracts.starting_at
            ),
            contracts.starting_at
        ) as starting_at,
        least(
            {{ bursar.parse_time('recurring_commits.ending_before') }}, contracts.ending_before
        ) as ending_before,
        contracts.ending_before as term_ending_before,
        coalesce(cast(recurring_commits.priority as integer), 100) as priority,
        coalesce(cast(recurring_commits.duration_periods as integer), 1) as duration_periods,
        coalesce(cast(recurring_commits.proration_decimal_places as integer), 0)
            as proration_decimal_places,
        cast(recurring_commits.rollover_fraction as decimal(38, 12)) as rollover_fraction,
        cast(recurring_commits.access_amount as decimal(38, 12)) as access_amount,
        coalesce(cast(recurring_commits.invoice_amount as decimal(38, 12)), 0) as invoice_amount
    from recurring_commits
    left join contracts on recurring_commits.contract_id = contracts.contract_id
)

select * from final
