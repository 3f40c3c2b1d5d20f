-- Everything that asks for `as_of` would multiply, or be empty, with more or less than one.
select count(*) as row_count
from {{ ref('build_info') }}
having count(*) != 1
