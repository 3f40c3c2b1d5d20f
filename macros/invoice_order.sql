{#-
    Where an invoice stands in the order in which charges are paid, as a value to compare, from a
    relation with `invoice_at`, `contract_start`, `contract_id` and `invoice_type`.
-#}
{% macro invoice_order(relation) %}
    {{- return(adapter.dispatch('invoice_order', 'bursar')(relation)) -}}
{% endmacro %}

{% macro duckdb__invoice_order(relation) -%}
    row(
        {{ relation }}.invoice_at,
        {{ relation }}.contract_start,
        {{ relation }}.contract_id,
        {{ relation }}.invoice_type <> 'usage'
    )
{%- endmacro %}
