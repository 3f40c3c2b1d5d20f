{{ config(materialized='view') }}

with usage_charges as (
    select * from {{ ref('usage_charges') }}
),

flat_fee_charges as (
    select * from {{ ref('flat_fee_charges') }}
),

zero_usage_charges as (
    select * from {{ ref('zero_usage_charges') }}
),

final as (
    select * from usage_charges
    union all by name
    select * from flat_fee_charges
    union all by name
    select * from zero_usage_charges
)

select * from final
