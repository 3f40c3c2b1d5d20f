with commit_prices as (
    select * from {{ ref('commit_prices') }}
),

commit_price_tiers as (
    select * from {{ ref('commit_price_tiers') }}
),

balance_matches as (
    select * from {{ ref('balance_matches') }}
),

balance_segments as (
    select * from {{ ref('balance_segments') }}
),

balance_charges as (
    select * from {{ ref('balance_charges') }}
    where line_type = 'usage'
),

priced as (
    select
        balance_matches.segment_number,
        balance_matches.charge_number,
        commit_prices.rate_id,
        commit_prices.override_id,
        commit_prices.rate_type,
        commit_prices.unit_price,
        balance_charges.quantity,
        balance_charges.counter_before,
        balance_charges.period_counter
    from commit_prices
    inner join balance_segments on commit_prices.commit_id = balance_segments.commit_id
    inner join balance_matches
        on balance_segments.segment_number = balance_matches.segment_number
    inner join balance_charges
        on balance_matches.charge_number = balance_charges.charge_number
        and commit_prices.slice_id = balance_charges.slice_id
        and coalesce(commit_prices.pricing_group_values, '')
        = coalesce(balance_charges.pricing_group_values, '')
        and coalesce(commit_prices.presentation_group_values, '')
        = coalesce(balance_charges.presentation_group_values, '')
),

-- Graduated tiers cut a charge where the counter passes their bounds; the first has no lower one.
-- By volume all units take the tier that the period reaches.
tiered as (
    select
        priced.*,
        commit_price_tiers.tier_start,
        commit_price_tiers.unit_price as tier_price,
        case
            when priced.rate_type = 'volume' or commit_price_tiers.tier_start = 0 then 0
            else greatest(commit_price_tiers.tier_start - priced.counter_before, 0)
        end as units_from,
        case
            when priced.rate_type = 'volume' then priced.quantity
            else
                least(
                    coalesce(
                        commit_price_tiers.tier_end - priced.counter_before, priced.quantity
                    ),
                    priced.quantity
                )
        end as units_until
    from priced
    inner join commit_price_tiers
        on priced.rate_id = commit_price_tiers.rate_id
        and coalesce(priced.override_id, '') = coalesce(commit_price_tiers.override_id, '')
    where
        priced.rate_type = 'tiered'
        or (
            priced.rate_type = 'volume'
            and (
                commit_price_tiers.tier_start = 0
                or priced.period_counter > commit_price_tiers.tier_start
            )
            and coalesce(priced.period_counter <= commit_price_tiers.tier_end, true)
        )
),

-- Units of a charge are counted from its first.
final as (
    select
        priced.segment_number,
        priced.charge_number,
        priced.rate_id,
        priced.override_id,
        cast(null as decimal(38, 12)) as tier_start,
        priced.unit_price,
        cast(0 as decimal(38, 12)) as units_from,
        priced.quantity as units_until
    from priced
    where priced.rate_type = 'flat'
    union all
    select
        tiered.segment_number,
        tiered.charge_number,
        tiered.rate_id,
        tiered.override_id,
        tiered.tier_start,
        tiered.tier_price as unit_price,
        tiered.units_from,
        tiered.units_until
    from tiered
    where tiered.units_from < tiered.units_until
)

select * from final
