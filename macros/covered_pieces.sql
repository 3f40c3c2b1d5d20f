{#-
    How far what segments have left goes, as a query: the pieces of charges, in the order in which
    a segment pays them, with the quantity and amount that it covers of each, and what the charge
    has left to pay at the ordinary price afterwards. Pieces that nothing is left for are left out.

    Args: `pieces` is a relation with, for each segment and charge, the charge's rest and the parts
    of it that have one price: segment_number, is_as_if, pass_number, charge_number, left_amount,
    spoken_for, charge_quantity, ordinary_price, paid_quantity, rest_amount, unit_price, units_from
    and units_until. Other columns are kept.
-#}
{% macro covered_pieces(pieces) %}
with priced as (
    select
        pieces.*,
        {{ bursar.multiply('(pieces.units_until - pieces.units_from)', 'pieces.unit_price') }}
            as piece_amount,
        pieces.unit_price = pieces.ordinary_price as is_ordinary,
        pieces.units_until = pieces.charge_quantity as is_last,
        -- Where the last piece before this one ends whose price is another.
        max(pieces.units_until) filter (where pieces.unit_price <> pieces.ordinary_price) over (
            partition by pieces.segment_number, pieces.charge_number
            order by pieces.units_from
            rows between unbounded preceding and 1 preceding
        ) as anew_from
    from {{ pieces }} as pieces
),

-- At the ordinary price the parts of a charge add up to it, to the last digit. What was paid at
-- another price leaves its units at the ordinary price, rounded anew.
based as (
    select
        priced.*,
        case
            when priced.anew_from is null then priced.rest_amount
            else {{ bursar.multiply(
                '(priced.charge_quantity - priced.anew_from)', 'priced.ordinary_price'
            ) }}
        end as ordinary_rest
    from priced
),

-- So the last part takes what the others leave.
added_up as (
    select
        based.*,
        case
            when based.is_ordinary and based.is_last
                then based.ordinary_rest
                    - coalesce(sum(based.piece_amount) filter (where based.is_ordinary) over (
                        partition by based.segment_number, based.charge_number, based.anew_from
                        order by based.units_from
                        rows between unbounded preceding and 1 preceding
                    ), 0)
            else based.piece_amount
        end as cost
    from based
),

-- The segment pays in the order of charges and units while anything is left in it.
queued as (
    select
        added_up.*,
        added_up.left_amount - coalesce(sum(added_up.cost) over (
            partition by added_up.segment_number, added_up.is_as_if, added_up.pass_number
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
        -- What costs nothing is covered while anything is left, if only for others.
        queued.left_before + case when queued.cost = 0 then queued.spoken_for else 0 end > 0
        and (queued.rest_amount > 0 or queued.charge_cost > 0)
),

rested as (
    select
        covered.*,
        case
            when covered.is_ordinary
                then covered.ordinary_rest
                    - sum(covered.covered_amount) filter (where covered.is_ordinary) over (
                        partition by
                            covered.segment_number, covered.charge_number, covered.anew_from
                        order by covered.units_from
                    )
            else {{ bursar.multiply(
                '(covered.charge_quantity - covered.units_from - covered.covered_quantity)',
                'covered.ordinary_price'
            ) }}
        end as rest_after
    from covered
),

final as (
    select
        rested.*,
        last_value(rested.rest_after) over (
            partition by rested.segment_number, rested.charge_number
            order by rested.units_from
            rows between unbounded preceding and unbounded following
        ) as left_to_pay
    from rested
)

select * from final
{% endmacro %}
