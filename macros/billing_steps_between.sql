{#- About how many billing steps lie between two instants: right to within two, and cheap. -#}
{% macro billing_steps_between(earlier, later, frequency) %}
    {{- return(adapter.dispatch('billing_steps_between', 'bursar')(earlier, later, frequency)) -}}
{% endmacro %}

{% macro duckdb__billing_steps_between(earlier, later, frequency) -%}
    case {{ frequency }}
        when 'daily' then datediff('day', {{ earlier }}, {{ later }})
        when 'weekly' then datediff('day', {{ earlier }}, {{ later }}) // 7
        when 'monthly' then datediff('month', {{ earlier }}, {{ later }})
        when 'quarterly' then datediff('month', {{ earlier }}, {{ later }}) // 3
        when 'annual' then datediff('month', {{ earlier }}, {{ later }}) // 12
    end
{%- endmacro %}
