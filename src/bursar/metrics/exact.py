"""Exact and total arithmetic, as SQL text: text to number, division, sums that cannot overflow.

Owns the templates. The dbt macro `to_number` is the same text, which a test compares; the macro
`divide` is the same division, but fails loudly where this one is null: a metric must not fail, a
bill must. It leaves where they are needed to the passes. Every template works on DuckDB 1.5.5 and
2.0.
"""

from __future__ import annotations

NUMBER_TYPE = "DECIMAL(38,12)"
PLACES = 12
# Texts at or above this are no numbers (metrics.md), so a number has at most 26 digits before the
# point.
WHOLE_DIGITS_MAX = 26

_PLAIN = r" *[+-]?[0-9]+(\.[0-9]+)? *"
_SCIENTIFIC = r" *[+-]?[0-9]+(\.[0-9]+)?[eE][+-]?[0-9]+ *"
_SCIENTIFIC_PARTS = r"^ *([+-]?)0*([0-9]*)\.?([0-9]*)[eE]([+-]?[0-9]+) *$"


def text_to_number(text: str) -> str:
    """SQL for a text as a decimal(38, 12), rounded half away from zero; null if it is not a number.

    The engine casts digits with a point exactly, however many they are, but not digits with an
    exponent. So an exponent is first spent on moving the point: 13 zeros are put before the digits
    and the point is set after as many characters as the exponent says.

    Args:
        text: A SQL expression of type VARCHAR without side effects; it is repeated.
    """
    digits = "ltrim(x.whole || x.fraction, '0')"
    # How many digits stand before the point: 0.digits * 10^point.
    point = (
        "(length(x.digits) - length(x.fraction)"
        " + coalesce(try_cast(x.exponent as int),"
        " case when x.exponent like '-%' then -99999999 else 99999999 end))"
    )
    zeros = "0" * (PLACES + 1)
    padded = f"('{zeros}' || x.digits || repeat('0', {WHOLE_DIGITS_MAX}))"
    return (
        "case"
        f" when regexp_full_match({text}, '{_PLAIN}') then try_cast({text} as decimal(38, 12))"
        f" when regexp_full_match({text}, '{_SCIENTIFIC}') then list_transform("
        f"list_transform(list_transform([regexp_extract({text}, '{_SCIENTIFIC_PARTS}',"
        " ['sign', 'whole', 'fraction', 'exponent'])],"
        " lambda x: {'sign': x.sign, 'fraction': x.fraction,"
        f" 'exponent': x.exponent, 'digits': {digits}}}),"
        " lambda x: {'sign': x.sign, 'digits': x.digits,"
        f" 'point': {point}}}),"
        f" lambda x: case when x.digits = '' or x.point < -{PLACES}"
        " then cast(0 as decimal(38, 12))"
        f" when x.point <= {WHOLE_DIGITS_MAX} then try_cast(x.sign"
        f" || left({padded}, cast({PLACES + 1} + x.point as int)) || '.'"
        f" || substring({padded}, cast({PLACES + 2} + x.point as int)) || '0'"
        " as decimal(38, 12)) end)[1] end"
    )


def whole_units(value: str) -> str:
    """SQL for a decimal(38, 12) as a whole number of 10^-12, through no wider decimal."""
    return (
        f"(cast(trunc({value}) as hugeint) * 1000000000000"
        f" + cast(cast({value} - trunc({value}) as decimal(13, 12)) * 1000000000000 as hugeint))"
    )


def divide(dividend: str, divisor: str) -> str:
    """SQL for the quotient of two numbers, rounded half away from zero to 12 places.

    The engine divides decimals in floating point, so this divides whole numbers of 10^-12: whole
    quotient, then the remainder carried on by six digits, twice. Exact for divisors up to 10^20;
    null where the divisor is 0, beyond 10^20, and where the quotient reaches 10^26.

    Args:
        dividend: A SQL expression of a numeric type, evaluated once.
        divisor: Likewise.
    """
    return (
        "try(list_transform(list_transform(list_transform(list_transform(["
        f"{{'dividend': cast({dividend} as decimal(38, 12)),"
        f" 'divisor': cast({divisor} as decimal(38, 12))}}],"
        f" lambda x: {{'dividend': {whole_units('x.dividend')},"
        f" 'divisor': nullif({whole_units('x.divisor')}, 0)}}),"
        " lambda x: {'whole': x.dividend // x.divisor, 'rest': x.dividend % x.divisor * 1000000,"
        " 'divisor': x.divisor}),"
        " lambda x: {'whole': x.whole, 'millionths': x.rest // x.divisor,"
        " 'rest': x.rest % x.divisor * 1000000, 'divisor': x.divisor}),"
        " lambda x: cast(cast(x.whole as decimal(38, 0))"
        " + cast(x.millionths as decimal(7, 0)) * 0.000001"
        " + cast(x.rest // x.divisor as decimal(7, 0)) * 0.000000000001"
        " + case when 2 * abs(x.rest % x.divisor) >= abs(x.divisor)"
        " then sign(x.rest) * sign(x.divisor) * 0.000000000001 else 0 end"
        " as decimal(38, 12)))[1])"
    )


def whole_quotient(dividend: str, divisor: str) -> str:
    """SQL for the whole quotient of two numbers, toward zero; null where there is none."""
    return (
        f"try(list_transform([{{'dividend': cast({dividend} as decimal(38, 12)),"
        f" 'divisor': cast({divisor} as decimal(38, 12))}}], lambda x:"
        f" cast({whole_units('x.dividend')} // nullif({whole_units('x.divisor')}, 0)"
        " as decimal(38, 0)))[1])"
    )


# A sum of 10^11 values below this cannot overflow a decimal(38, 12).
_SAFE_SUM_BELOW = "100000000000000"


def sum_parts(value: str) -> tuple[str, str, str]:
    """SQL for three sums over rows that together are the sum of decimals and cannot overflow.

    Ordinary values; the whole parts of huge ones; the fractions of huge ones. `sum_of_parts` puts
    them together.

    Args:
        value: A decimal with places, without side effects; it is repeated.
    """
    return (
        f"sum(case when abs({value}) < {_SAFE_SUM_BELOW} then {value} end)",
        f"sum(case when abs({value}) >= {_SAFE_SUM_BELOW} then trunc({value}) end)",
        f"sum(case when abs({value}) >= {_SAFE_SUM_BELOW} then {value} - trunc({value}) end)",
    )


def sum_of_parts(ordinary: str, huge: str, huge_fraction: str) -> str:
    """SQL for the sum that `sum_parts` took apart; null without rows and from 10^26 on."""
    return (
        f"case when {ordinary} is not null or {huge} is not null"
        f" then try(coalesce({ordinary}, 0) + coalesce({huge}, 0) + coalesce({huge_fraction}, 0)) "
        "end"
    )


# Two aggregates of distinct decimals called value_, and from them the sum that cannot overflow. The
# list of the huge ones has a null where a value is not huge.
ORDINARY_DISTINCT = f"sum(distinct case when abs(value_) < {_SAFE_SUM_BELOW} then value_ end)"
HUGE_DISTINCT = f"array_agg(distinct case when abs(value_) >= {_SAFE_SUM_BELOW} then value_ end)"
_HUGE_SUM = "coalesce(list_sum(list_transform(huge_, lambda x: {part})), 0)"
SUM_OF_DISTINCT = (
    "case when ordinary_ is not null or list_max(huge_) is not null then try("
    f"coalesce(ordinary_, 0) + {_HUGE_SUM.format(part='trunc(x)')}"
    f" + {_HUGE_SUM.format(part='x - trunc(x)')}) end"
)

# Digits of a percentile's share, so that what it multiplies stays within 38 digits.
SHARE_PLACES_MAX = 6


def element_at(values: str, share: str, *, is_descending: bool) -> str:
    """SQL for the first element that at least this share of a list's elements does not exceed.

    Args:
        values: A SQL expression of a list without nulls.
        share: A number between 0 and 1, as digits.
        is_descending: Whether the largest comes first.
    """
    whole, unit = _share(share)
    order = "'DESC'" if is_descending else "'ASC'"
    return (
        f"list_transform([list_sort({values}, {order})],"
        f" lambda l: l[greatest((len(l) * {whole} + {unit - 1}) // {unit}, 1)])[1]"
    )


def between_elements(values: str, share: str, *, is_descending: bool) -> str:
    """SQL for the point at a share of the way through a sorted list, exact to 12 places.

    Between two elements it is as far as the share says; null where the elements are so large that
    the product with the share has more than 38 digits.

    Args:
        values: A SQL expression of a list without nulls.
        share: A number between 0 and 1, as digits.
        is_descending: Whether the largest comes first.
    """
    whole, unit = _share(share)
    at, rest = f"(len(l) - 1) * {whole} // {unit}", f"(len(l) - 1) * {whole} % {unit}"
    place = f"'l': l, 'size': len(l), 'at': {at}, 'rest': {rest}"
    if is_descending:
        found = f"list_transform([list_sort({values}, 'DESC')], lambda l: {{{place}}})"
        low, high = "x.l[x.at + 1]", "coalesce(x.l[x.at + 2], x.l[x.at + 1])"
    else:
        found = _around_element(values, share, place)
        low = "case when x.at < len(x.below) then list_max(x.below) else x.near end"
        high = (
            "case when x.at + 1 < x.size - len(x.above) then x.near"
            " else coalesce(list_min(x.above), x.near) end"
        )
    weighted = divide(f"x.low * ({unit} - x.rest) + x.high * x.rest", str(unit))
    return (
        f"list_transform(list_transform({found},"
        f" lambda x: {{'low': cast({low} as decimal(38, 12)),"
        f" 'high': cast({high} as decimal(38, 12)), 'rest': cast(x.rest as integer)}}),"
        f" lambda x: {weighted})[1]"
    )


def _around_element(values: str, share: str, place: str) -> str:
    """SQL for an element next to the place at a share of a list, and what is below and above it.

    The engine finds one element in a third of the time in which it sorts all. Its place is that of
    the share, or the next.
    """
    return (
        f"list_transform(list_transform([{values}],"
        f" lambda l: {{{place}, 'near': list_aggregate(l, 'quantile_disc', {share})}}),"
        " lambda x: {'size': x.size, 'at': x.at, 'rest': x.rest, 'near': x.near,"
        " 'below': list_filter(x.l, lambda y: y < x.near),"
        " 'above': list_filter(x.l, lambda y: y > x.near)})"
    )


def _share(share: str) -> tuple[int, int]:
    """A share as a fraction of whole numbers, such as 95 of 100."""
    places = len(share.partition(".")[2])
    unit = 10**places
    return int(share.replace(".", "") or "0"), unit
