{#-
    An invoice's id, readable and stable: the contract, the kind, and the period's start or the
    date; from the second revision on with its number, `acme:usage:2026-01-01:r2`.
-#}
{% macro invoice_id(contract_id, invoice_type, period_start, revision) -%}
    {{ contract_id }}
    || ':'
    || {{ invoice_type }}
    || ':'
    || {{ bursar.instant_in_id(period_start) }}
    || case when {{ revision }} > 1 then ':r' || {{ revision }} else '' end
{%- endmacro %}
