{#-
    The product of two decimals(38, 12), rounded half away from zero to 12 places, exact up to
    10^26.

    A plain product has 24 places and so overflows from 10^14 on. Whole units times a price need no
    more than the price's own places; only the fraction's part is rounded, and it has the sign of
    the whole.
-#}
{% macro multiply(quantity, price) %}
    {{- return(adapter.dispatch('multiply', 'bursar')(quantity, price)) -}}
{% endmacro %}

{% macro default__multiply(quantity, price) -%}
    cast(
        cast(trunc({{ quantity }}) as decimal(38, 0)) * {{ price }}
        + cast(
            cast({{ quantity }} - trunc({{ quantity }}) as decimal(13, 12)) * {{ price }}
            as decimal(38, 12)
        )
        as decimal(38, 12)
    )
{%- endmacro %}
