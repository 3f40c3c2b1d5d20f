-- Every charge can be recomputed from the figures that stand beside it on the line.
select
    line_item_id,
    quantity,
    unit_price,
    amount
from {{ ref('invoice_line_items') }}
where amount is distinct from {{ bursar.multiply('quantity', 'unit_price') }}
