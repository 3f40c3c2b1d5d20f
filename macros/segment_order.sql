{#-
    The order in which balance segments pay, as expressions of an `order by`.

    The project variable `drawdown_order` is the name of a preset, or a list of keys:

    - `class`: rollovers, then prepaid commits and credits together, then postpaid commits
    - `postpaid_last`: postpaid commits after all others
    - `priority`: lowest first
    - `free_first`: among prepaid commits and credits, what was not bought before what was
    - `product_restricted`: what is restricted to products before what is not
    - `fewest_products`, `fewest_specifiers`, `fewest_contracts`: the narrowest first
    - `earliest_end`: what ends first; what never ends is last
    - `earliest_start`: what began first
    - `lower_cost_basis`: what cost least
    - `contract_level_first`: a contract's commits before a customer's

    Whatever is stated, the commit's id and the segment's start decide in the end, so that the order
    is total.
-#}
{% macro segment_order(relation) %}
    {%- set keys = {
        'class': "case when " ~ relation ~ ".rolled_from is not null then 1 when "
            ~ relation ~ ".commit_type = 'postpaid' then 3 else 2 end",
        'postpaid_last': relation ~ ".commit_type = 'postpaid'",
        'priority': relation ~ ".priority",
        'free_first': relation ~ ".rolled_from is null and "
            ~ relation ~ ".commit_type <> 'postpaid' and " ~ relation ~ ".is_paid",
        'product_restricted': relation ~ ".product_count is null",
        'fewest_products': relation ~ ".product_count asc nulls last",
        'fewest_specifiers': relation ~ ".group_specifier_count",
        'earliest_end': relation ~ ".ending_before asc nulls last",
        'earliest_start': relation ~ ".starting_at",
        'lower_cost_basis': relation ~ ".cost_basis asc nulls last",
        'fewest_contracts': relation ~ ".contract_count asc nulls last",
        'contract_level_first': relation ~ ".contract_id is null",
    } -%}
    {%- set presets = {
        'metronome': [
            'class', 'priority', 'free_first', 'fewest_products', 'fewest_specifiers',
            'earliest_end', 'earliest_start', 'fewest_contracts', 'contract_level_first',
        ],
        'orb': [
            'postpaid_last', 'product_restricted', 'earliest_end', 'lower_cost_basis',
            'earliest_start',
        ],
        'openmeter': ['postpaid_last', 'priority', 'earliest_end', 'earliest_start'],
    } -%}
    {%- set stated = var('drawdown_order', 'metronome') -%}
    {%- set names = presets.get(stated, []) if stated is string else stated -%}
    {%- set unknown = names | reject('in', keys) | list -%}
    {%- if not names or unknown -%}
        {{ exceptions.raise_compiler_error(
            "drawdown_order: " ~ (unknown | join(', ') if unknown else stated) ~ " is no "
            ~ ("key. Keys: " ~ keys | join(', ') if unknown else "preset. Presets: " ~ presets | join(', '))
            ~ "."
        ) }}
    {%- endif -%}
    {%- for name in names %}
                {{ keys[name] }},
    {%- endfor %}
                {{ relation }}.commit_id,
                {{ relation }}.segment_starting_at
{%- endmacro %}
