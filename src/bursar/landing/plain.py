r"""The fast way for the common line: many lines at a time, in SQL.

Owns the shape of a plain line (below) and its reading by the engine. A plain line is one of which
DuckDB's JSON functions lose nothing; every other line, and every plain one that breaks a rule, is
left to ``bursar.landing.lines``, which owns the rules. So this module only ever says yes, and says
the same as that one: a property test compares the two.

A plain line is an object of the five known fields; the four texts are strings; the properties are
strings, numbers, booleans and nulls. Its strings have no escapes and do not begin with a space or a
colon. Integers of up to 18 digits are read exactly by the engine. Other numbers are not (it would
make 0.1 of 0.10), so lines that have one get quotes around their numbers first. That replacement
looks for a string, a colon and a number, and cannot mistake the gap between two strings for a
string, because what follows such a gap never begins with a colon.
"""

from __future__ import annotations

import duckdb

from bursar.landing.engine import run
from bursar.landing.lines import FIELD_CHARACTERS_MAX, LIMITED_FIELDS, PROPERTIES_MAX, Bounds

_LENGTH_IS_FINE = f"between 1 and {FIELD_CHARACTERS_MAX}"

_SPACE = r"[ \t\r\n]*"
_STRING = r'"(?:[^"\\\x00-\x20:][^"\\\x00-\x1f]*)?"'
_SHORT_INTEGER = r"(?:0|-?[1-9][0-9]{0,17})"
_NUMBER = r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?"
_INSTANT = (
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\.[0-9]{1,6})?"
    r"(?:Z|[+-](?:[01][0-9]|2[0-3]):[0-5][0-9])"
)
_UNQUOTED = rf"({_STRING}{_SPACE}:{_SPACE})(-?[0-9][0-9.eE+-]*)"


def _line_pattern(number: str) -> str:
    value = f"(?:{_STRING}|{number}|true|false|null)"
    member = f"{_STRING}{_SPACE}:{_SPACE}{value}{_SPACE}"
    properties = rf"\{{{_SPACE}(?:{member}(?:,{_SPACE}{member})*)?\}}"
    text = f'"(?:transaction_id|customer_id|event_type|timestamp)"{_SPACE}:{_SPACE}{_STRING}'
    field = f'(?:{text}|"properties"{_SPACE}:{_SPACE}{properties}){_SPACE}'
    return rf"{_SPACE}\{{{_SPACE}{field}(?:,{_SPACE}{field})*\}}{_SPACE}"


# Keys and values stay two lists: maps are slow to make, and one is made of each event in the end.
# Materialized, or the engine would evaluate patterns and keys once for each place that uses them.
# Of a name that stands twice the engine reads one value; such lines are left to the exact way.
_PLAIN_EVENTS = f"""
create or replace temp table plain_events as
with shaped as materialized (
    select
        position,
        case
            when regexp_full_match(line, '{_line_pattern(_SHORT_INTEGER)}') then line
            when regexp_full_match(line, '{_line_pattern(_NUMBER)}')
                then regexp_replace(line, '{_UNQUOTED}', '\\1"\\2"', 'g')
        end as line
    from utf8_lines
),

decoded as materialized (
    select
        position,
        json_extract_string(
            line, ['$.transaction_id', '$.customer_id', '$.event_type', '$.timestamp']
        ) as texts,
        len(json_keys(line)) as name_count,
        json_keys(line, '$.properties') is not null as has_properties,
        coalesce(json_keys(line, '$.properties'), []) as property_keys,
        json_extract_string(line, '$.properties.*') as property_values,
        contains(line, 'null') as may_have_nulls
    from shaped
    where line is not null
),

named_once as (
    select *
    from decoded
    where
        name_count = 4 + has_properties::integer
        and len(property_keys) <= {PROPERTIES_MAX}
        and list_unique(property_keys) = len(property_keys)
        and len(list_filter(property_keys, lambda key: length(key) not {_LENGTH_IS_FINE})) = 0
),

typed as (
    select
        position,
        texts[1] as transaction_id,
        texts[2] as customer_id,
        texts[3] as event_type,
        case
            when regexp_full_match(texts[4], '{_INSTANT}')
                then try_cast(texts[4] as timestamptz)::timestamp
        end as "timestamp",
        case
            when may_have_nulls
                then list_filter(
                    property_keys, lambda key, place: property_values[place] is not null
                )
            else property_keys
        end as property_keys,
        case
            when may_have_nulls
                then list_filter(property_values, lambda value: value is not null)
            else property_values
        end as property_values
    from named_once
)

select *
from typed
where
    {" and ".join(f"length({name}) {_LENGTH_IS_FINE}" for name in LIMITED_FIELDS)}
    and epoch_us("timestamp") between ? and ?
"""


def take_plain_events(connection: duckdb.DuckDBPyConnection, bounds: Bounds) -> None:
    """Makes `plain_events` of those rows of `utf8_lines` that are plain lines and good events."""
    run(connection, _PLAIN_EVENTS, (bounds.earliest, bounds.latest))
