{#-
    What a contract's overrides say about prices: a query with one row for each price that some
    override acts on, and no row for the others. `is_entitled` is what the newest override with a
    say about it says (null: none has). `override_id` is the one that makes the price (null: none
    does): nothing stacks.

    Overrides that act only on what a balance pays have no say about anything else.

    Args:
        prices: The relation of prices asked for: besides the keys, contract_id, product_id,
            product_valid_from, priced_at, billing_frequency, pricing_group_values,
            presentation_group_values and list_rate_type.
        keys: The columns that tell its rows apart.
        of_balances: Whether these are prices of what balances pay. Then the relation has also
            rate_basis, of the price that an override acts on, and override_names, the list of ids
            by which an override means the balance.
-#}
{% macro override_verdicts(prices, keys, of_balances=false) %}
    with matched as (
        select
            {%- for key in keys %}
            prices.{{ key }},
            {%- endfor %}
            overrides.override_id,
            overrides.override_type,
            overrides.is_entitled,
            overrides.created_at,
            case
                when overrides.override_type = 'overwrite' then null
                when contracts.multiplier_prioritization = 'explicit' then overrides.priority
                else overrides.multiplier
            end as price_rank,
            {{ bursar.has_price_effect() }} as has_price_effect
        from {{ prices }} as prices
        inner join {{ ref('override_targets') }} as targets
            on prices.contract_id = targets.contract_id
            and prices.product_id = targets.product_id
            and prices.product_valid_from = targets.product_valid_from
            and prices.priced_at >= targets.starting_at
            and prices.priced_at < coalesce(targets.ending_before, timestamp '9999-01-01')
        inner join {{ ref('stg_contract_overrides') }} as overrides
            on targets.override_id = overrides.override_id
        inner join {{ ref('stg_contracts') }} as contracts
            on prices.contract_id = contracts.contract_id
        where
            {%- if of_balances %}
            overrides.rate_basis = prices.rate_basis
            and (overrides.is_commit_specific or overrides.rate_basis = 'commit')
            and (
                len(overrides.commit_ids) = 0
                or {{ bursar.lists_overlap('overrides.commit_ids', 'prices.override_names') }}
            )
            {%- else %}
            overrides.rate_basis = 'list'
            and not overrides.is_commit_specific
            {%- endif %}
            and coalesce(overrides.billing_frequency = prices.billing_frequency, overrides.billing_frequency is null)
            and {{ bursar.holds_group_values('prices.pricing_group_values', 'overrides.pricing_group_values') }}
            and {{ bursar.holds_group_values('prices.presentation_group_values', 'overrides.presentation_group_values') }}
    ),

    ranked as (
        select
            matched.*,
            row_number() over (
                partition by {{ keys | join(', ') }}
                order by
                    has_price_effect desc,
                    override_type = 'overwrite' desc,
                    price_rank asc nulls last,
                    created_at desc nulls last,
                    override_id desc
            ) as price_number,
            row_number() over (
                partition by {{ keys | join(', ') }}
                order by
                    is_entitled is not null desc,
                    created_at desc nulls last,
                    override_id desc
            ) as entitlement_number
        from matched
    )

    select
        {%- for key in keys %}
        {{ key }},
        {%- endfor %}
        max(case when entitlement_number = 1 then is_entitled end) as is_entitled,
        max(case when price_number = 1 and has_price_effect then override_id end) as override_id
    from ranked
    group by {{ keys | join(', ') }}
{% endmacro %}

{#- Tiers make a price of usage only, and do not multiply volume prices. -#}
{% macro has_price_effect() -%}
    coalesce(
        case
            when overrides.override_type = 'multiplier' then overrides.multiplier is not null
            when overrides.override_type = 'overwrite' and overrides.rate_type = 'flat'
                then overrides.price is not null
            when overrides.override_type = 'overwrite' and overrides.rate_type = 'percentage'
                then overrides.price is not null and prices.list_rate_type = 'percentage'
            when not overrides.has_tiers
                or prices.billing_frequency is not null
                or prices.list_rate_type = 'percentage'
                then false
            when overrides.override_type = 'tiered'
                then contracts.multiplier_prioritization = 'explicit'
                    and prices.list_rate_type <> 'volume'
            else true
        end,
        false
    )
{%- endmacro %}
