{{ config(materialized='table') }}

with unnumbered_lines as (
    select * from {{ ref('unnumbered_lines') }}
    where is_as_if
),

final as (
    {{ bursar.numbered_lines('unnumbered_lines') }}
)

select * from final
