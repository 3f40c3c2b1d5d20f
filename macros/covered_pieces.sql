{#-
    How far what segments have left goes, as a query: the pieces of charges, in the order in which
    a segment pays them, with the quantity and amount that it covers of each, and what the charge
    has left to pay at the ordinary price afterwards. Pieces that nothing is left for are left out.

    Args: `pieces` is a relation with, for each segment and charge, the charge's rest and the parts
    of it that have one price: segment_number, is_as_if, charge_number, left_amount, charge_quantity,
    ordinary_price, paid_quantity, rest_amount, unit_price, units_from and units_until. Other
    columns are kept.
-#}
{% macro covered_pieces(pieces) %}
with priced as (
    select
        pieces.*,
        {{ bursar.multiply('(pieces.units_until - pieces.units_from)', 'pieces.unit_price') }}
            as piece_amount,
        bool_and(pieces.unit_price = pieces.ordinary_price) over charge as is_ordinary,
        pieces.units_until = pieces.charge_quantity as is_last
    from {{ pieces }} as pieces
    window charge as (partition by pieces.segment_number, pieces.charge_number)
),

-- At the ordinary price the parts of a charge add up to it, to the last digit: the last takes what
-- the others leave.
added_up as (
    select
        priced.*,
        case
            when priced.is_ordinary and priced.is_last
                then priced.rest_amount - coalesce(sum(priced.piece_amount) over (
                        partition by priced.segment_number, priced.charge_number
                        order by priced.units_from
                        rows between unbounded preceding and 1 preceding
                    ), 0)
            else priced.piece_amount
        end as cost
    from priced
),

-- The segment pays in the order of charges and units while anything is left in it.
queued as (
    select
        added_up.*,
        added_up.left_amount - coalesce(sum(added_up.cost) over (
            partition by added_up.segment_number, added_up.is_as_if
            order by added_up.charge_number, added_up.units_from
            rows between unbounded preceding and 1 preceding
        ), 0) as left_before,
        sum(added_up.cost) over (
            partition by added_up.segment_number, added_up.charge_number
        ) as charge_cost
    from added_up
),

covered as (
    select
        queued.*,
        least(queued.cost, queued.left_before) as covered_amount,
        case
            when queued.cost <= queued.left_before then queued.units_until - queued.units_from
            else {{ bursar.divide_down('queued.left_before', 'queued.unit_price') }}
        end as covered_quantity
    from queued
    where
        queued.left_before > 0
        and (queued.rest_amount > 0 or queued.charge_cost > 0)
),

rested as (
    select
        covered.*,
        covered.charge_quantity
        - covered.paid_quantity
        - sum(covered.covered_quantity) over charge as rest_quantity,
        bool_and(covered.unit_price = covered.ordinary_price) over charge as is_paid_ordinarily,
        sum(covered.covered_amount) over charge as paid_amount
    from covered
    window charge as (partition by covered.segment_number, covered.charge_number)
),

-- What was paid at another price leaves its units at the ordinary price, rounded anew.
final as (
    select
        rested.*,
        case
            when rested.rest_quantity = 0 then 0
            when rested.is_paid_ordinarily then rested.rest_amount - rested.paid_amount
            else {{ bursar.multiply('rested.rest_quantity', 'rested.ordinary_price') }}
        end as left_to_pay
    from rested
)

select * from final
{% endmacro %}
