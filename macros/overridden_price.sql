{#-
    A price after the override that makes it, as expressions over a relation of prices that knows
    its `list_rate_type`, `list_price` and `pricing_unit`, and a relation of overrides, null where
    none acts. A multiplier follows the card; an overwrite does not, and keeps the card's unit
    unless it names one.
-#}
{% macro overridden_rate_type(prices, overrides) -%}
    case
        when {{ prices }}.list_rate_type = 'percentage' then 'percentage'
        when {{ overrides }}.override_type = 'overwrite' then {{ overrides }}.rate_type
        when {{ overrides }}.override_type = 'tiered' then 'tiered'
        else {{ prices }}.list_rate_type
    end
{%- endmacro %}

{% macro overridden_pricing_unit(prices, overrides) -%}
    coalesce(
        case when {{ overrides }}.override_type = 'overwrite'
                then {{ overrides }}.pricing_unit
        end,
        {{ prices }}.pricing_unit
    )
{%- endmacro %}

{#- Null where tiers make the price. -#}
{% macro overridden_unit_price(prices, overrides) -%}
    case {{ overrides }}.override_type
        when 'overwrite' then {{ overrides }}.price
        when 'multiplier' then {{ bursar.multiply(prices ~ '.list_price', overrides ~ '.multiplier') }}
        when 'tiered' then null
        else {{ prices }}.list_price
    end
{%- endmacro %}
