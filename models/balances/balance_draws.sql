{{ config(materialized='stepwise', steps='drawdown_steps', columns={
        'step': 'int', 'segment_number': 'bigint', 'is_as_if': 'boolean', 'pass_number': 'bigint',
        'charge_number': 'bigint', 'left_amount': 'decimal(38, 12)',
        'rate_id': 'text', 'override_id': 'text', 'is_own_price': 'boolean',
        'tier_start': 'decimal(38, 12)', 'units_from': 'decimal(38, 12)', 'quantity': 'decimal(38, 12)',
        'unit_price': 'decimal(38, 12)', 'amount': 'decimal(38, 12)', 'rest_amount': 'decimal(38, 12)'
}) }}

with drawn_before as (
    select * from {{ this }}
),

drawdown_steps as (
    select * from {{ ref('drawdown_steps') }}
    where step = {{ bursar.step() }}
),

balance_matches as (
    select * from {{ ref('balance_matches') }}
),

balance_charges as (
    select * from {{ ref('balance_charges') }}
),

commit_price_spans as (
    select * from {{ ref('commit_price_spans') }}
),

left_over as (
    {{ bursar.amounts_left('drawdown_steps', 'drawn_before') }}
),

asked as (
    select
        balance_matches.segment_number,
        balance_matches.is_as_if,
        balance_matches.pass_number,
        balance_matches.charge_number,
        left_over.amount as left_amount,
        left_over.spoken_for
    from balance_matches
    inner join left_over
        on balance_matches.segment_number = left_over.segment_number
        and balance_matches.is_as_if = left_over.is_as_if
        and balance_matches.pass_number = left_over.pass_number
    where left_over.amount + left_over.spoken_for > 0
),

paid as (
    select
        drawn_before.charge_number,
        sum(drawn_before.quantity) as quantity,
        arg_max(drawn_before.rest_amount, drawn_before.step) as rest_amount
    from drawn_before
    where drawn_before.charge_number in (select asked.charge_number from asked)
    group by drawn_before.charge_number
),

-- What is left of each charge, at the ordinary price.
open_charges as (
    select
        asked.*,
        balance_charges.quantity as charge_quantity,
        balance_charges.unit_price as ordinary_price,
        coalesce(paid.quantity, 0) as paid_quantity,
        coalesce(paid.rest_amount, balance_charges.amount) as rest_amount
    from asked
    inner join balance_charges on asked.charge_number = balance_charges.charge_number
    left join paid on asked.charge_number = paid.charge_number
    where balance_charges.quantity > coalesce(paid.quantity, 0)
),

-- At prices of the segment's own the charge is cut where they change.
pieces as (
    select
        open_charges.*,
        commit_price_spans.segment_number is not null as is_own_price,
        commit_price_spans.rate_id,
        commit_price_spans.override_id,
        commit_price_spans.tier_start,
        coalesce(commit_price_spans.unit_price, open_charges.ordinary_price) as unit_price,
        greatest(coalesce(commit_price_spans.units_from, 0), open_charges.paid_quantity)
            as units_from,
        coalesce(commit_price_spans.units_until, open_charges.charge_quantity) as units_until
    from open_charges
    left join commit_price_spans
        on open_charges.segment_number = commit_price_spans.segment_number
        and open_charges.charge_number = commit_price_spans.charge_number
    where
        coalesce(commit_price_spans.units_until, open_charges.charge_quantity)
        > open_charges.paid_quantity
),

covered as (
    {{ bursar.covered_pieces('pieces') }}
),

final as (
    select
        covered.segment_number,
        covered.is_as_if,
        covered.pass_number,
        covered.charge_number,
        covered.left_amount,
        covered.rate_id,
        covered.override_id,
        covered.is_own_price,
        covered.tier_start,
        covered.units_from,
        covered.covered_quantity as quantity,
        covered.unit_price,
        covered.covered_amount as amount,
        covered.left_to_pay as rest_amount,
        {{ bursar.step() }} as step
    from covered
)

select * from final
