with compared_names as (
    select * from {{ ref('compared_names') }}
),

-- Names in order of their beginnings, and in order of their ends: whatever one change does to a
-- name, it stays beside the known one in one of the two.
spelled as (
    select
        compared_names.*,
        false as is_backwards,
        lower(compared_names.name) as spelling
    from compared_names
    union all
    select
        compared_names.*,
        true as is_backwards,
        reverse(lower(compared_names.name)) as spelling
    from compared_names
),

-- The place of a known name is its number; an unmatched one has that of the known name before it.
placed as (
    select
        spelled.reason,
        spelled.is_backwards,
        spelled.name,
        spelled.is_known,
        count(case when spelled.is_known then 1 end) over (
            partition by spelled.reason, spelled.is_backwards
            order by spelled.spelling, spelled.is_known, spelled.name
            rows unbounded preceding
        ) as place
    from spelled
),

offsets as (
    select {{ bursar.explode_range(-20, 20) }} as places
),

neighbouring as (
    select
        placed.reason,
        placed.is_backwards,
        placed.name,
        placed.place + offsets.places as known_place
    from placed
    cross join offsets
    where not placed.is_known
),

compared as (
    select distinct
        neighbouring.reason,
        neighbouring.name,
        placed.name as known_name,
        levenshtein(lower(neighbouring.name), lower(placed.name)) as changes,
        greatest(length(neighbouring.name), length(placed.name)) as characters
    from neighbouring
    inner join placed  -- a name beside no known one has no nearest
        on neighbouring.reason = placed.reason
        and neighbouring.is_backwards = placed.is_backwards
        and neighbouring.known_place = placed.place
    where placed.is_known
),

-- At most one character in three differs: beyond that a name is another one.
final as (
    select
        compared.reason,
        compared.name,
        min_by(compared.known_name, (compared.changes, compared.known_name)) as nearest_known_name
    from compared
    where compared.changes * 3 <= compared.characters
    group by all
)

select * from final
