-- Quantities up to 10^18 and amounts up to 10^14 are exact; a line beyond is named here rather
-- than trusted.
select
    line_item_id,
    contract_id,
    product_id,
    quantity,
    amount
from {{ ref('invoice_line_items') }}
where
    abs(quantity) > 1000000000000000000
    or abs(amount) > 100000000000000
