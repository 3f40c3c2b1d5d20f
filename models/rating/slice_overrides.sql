with verdicts as (
    {{ bursar.override_verdicts(
        ref('list_prices'), ['slice_id', 'pricing_group_values', 'presentation_group_values']
    ) }}
),

final as (
    select
        verdicts.slice_id,
        verdicts.pricing_group_values,
        verdicts.presentation_group_values,
        verdicts.is_entitled,
        verdicts.override_id
    from verdicts
)

select * from final
