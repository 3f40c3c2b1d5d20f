{{ config(materialized='view') }}

with unnumbered_lines as (
    select * from {{ ref('unnumbered_lines') }}
    where not is_as_if
),

final as (
    {{ bursar.numbered_lines('unnumbered_lines') }}
)

select * from final
