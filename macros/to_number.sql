{#-
    A text as a decimal(38, 12), rounded half away from zero; null if it is not a number.

    A number reads, blanks trimmed, [+-]digits[.digits][e[+-]digits], and is below 10^26. The
    engine casts digits with a point exactly, however many they are, but not digits with an
    exponent. So an exponent is first spent on moving the point: 13 zeros are put before the
    digits, and the point after as many characters as the exponent says.

    Args: `text` is an expression of type varchar; it is repeated.
-#}
{% macro to_number(text) %}
    {{- return(adapter.dispatch('to_number', 'bursar')(text)) -}}
{% endmacro %}

{% macro duckdb__to_number(text) -%}
    {%- set padded = "('0000000000000' || x.digits || repeat('0', 26))" -%}
    case
        when regexp_full_match({{ text }}, ' *[+-]?[0-9]+(\.[0-9]+)? *')
            then try_cast({{ text }} as decimal(38, 12))
        when regexp_full_match({{ text }}, ' *[+-]?[0-9]+(\.[0-9]+)?[eE][+-]?[0-9]+ *')
            then list_transform(list_transform(list_transform(
                [regexp_extract(
                    {{ text }},
                    '^ *([+-]?)0*([0-9]*)\.?([0-9]*)[eE]([+-]?[0-9]+) *$',
                    ['sign', 'whole', 'fraction', 'exponent']
                )],
                lambda x: {
                    'sign': x.sign,
                    'fraction': x.fraction,
                    'exponent': x.exponent,
                    'digits': ltrim(x.whole || x.fraction, '0')
                }),
                lambda x: {
                    'sign': x.sign,
                    'digits': x.digits,
                    'point': (
                        length(x.digits) - length(x.fraction) + coalesce(
                            try_cast(x.exponent as int),
                            case when x.exponent like '-%' then -99999999 else 99999999 end
                        )
                    )
                }),
                lambda x: case
                    when x.digits = '' or x.point < -12 then cast(0 as decimal(38, 12))
                    when x.point <= 26 then try_cast(
                        x.sign
                        || left({{ padded }}, cast(13 + x.point as int))
                        || '.'
                        || substring({{ padded }}, cast(14 + x.point as int))
                        || '0'
                        as decimal(38, 12)
                    )
                end
            )[1]
    end
{%- endmacro %}
