{#-
    `anchor` plus `steps` billing steps: months are added to the anchor itself and clamped to the
    month's last day.
-#}
{% macro add_billing_steps(anchor, steps, frequency) %}
    {{- return(adapter.dispatch('add_billing_steps', 'bursar')(anchor, steps, frequency)) -}}
{% endmacro %}

{% macro duckdb__add_billing_steps(anchor, steps, frequency) -%}
    case {{ frequency }}
        when 'daily' then {{ anchor }} + to_days(cast({{ steps }} as integer))
        when 'weekly' then {{ anchor }} + to_days(cast(7 * {{ steps }} as integer))
        when 'monthly' then {{ anchor }} + to_months(cast({{ steps }} as integer))
        when 'quarterly' then {{ anchor }} + to_months(cast(3 * {{ steps }} as integer))
        when 'annual' then {{ anchor }} + to_months(cast(12 * {{ steps }} as integer))
    end
{%- endmacro %}
