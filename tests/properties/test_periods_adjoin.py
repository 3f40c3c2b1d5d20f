"""Any calendar, cut to any term: its periods neither overlap nor leave a gap."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import duckdb
from hypothesis import example, given
from hypothesis import strategies as st

from tests.support.macros import load_macros
from tests.support.reference_catalog import add_months

QUERY = f"""
    with terms as (select $anchor as anchor_at, $frequency as billing_frequency,
        $start as starting_at, $end as ending_before, $listed as listed_before)
    select period_start, period_end, calendar_start, calendar_end
    from ({load_macros().anchored_periods("terms")}) order by period_start
"""
CONNECTION = duckdb.connect()
FIRST = datetime(2019, 12, 31)  # noqa: DTZ001 - DuckDB's timestamps have no zone
HOURS = st.integers(0, 6 * 366 * 24).map(lambda hours: FIRST + timedelta(hours=hours))
MONTHS = {"monthly": 1, "quarterly": 3, "annual": 12}
FREQUENCIES = st.sampled_from(["weekly", *MONTHS])


def periods(**values: Any) -> list[tuple[datetime, datetime, datetime, datetime]]:
    return CONNECTION.execute(QUERY, values).fetchall()


@given(anchor=HOURS, frequency=FREQUENCIES, one=HOURS, other=HOURS)
@example(
    anchor=datetime(2020, 1, 31),  # noqa: DTZ001 - as above
    frequency="monthly",
    one=datetime(2020, 1, 31),  # noqa: DTZ001 - as above
    other=datetime(2021, 2, 28),  # noqa: DTZ001 - as above
)
@example(
    anchor=datetime(2020, 2, 29, 7),  # noqa: DTZ001 - as above
    frequency="annual",
    one=datetime(2020, 2, 29, 7),  # noqa: DTZ001 - as above
    other=datetime(2024, 2, 29, 7),  # noqa: DTZ001 - as above
)
def test_periods_of_a_term_adjoin_from_its_start_to_its_end(
    anchor: datetime, frequency: str, one: datetime, other: datetime
) -> None:
    start, end = min(one, other), max(one, other) + timedelta(hours=1)
    found = periods(anchor=anchor, frequency=frequency, start=start, end=end, listed=end)
    assert [period[0] for period in found] == [start, *(period[1] for period in found[:-1])]
    assert found[-1][1] == end
    assert all(low < high for low, high, _, _ in found)


@given(anchor=HOURS, frequency=FREQUENCIES, start=HOURS, days=st.integers(1, 800))
def test_boundaries_are_the_anchor_and_whole_steps_from_it(
    anchor: datetime, frequency: str, start: datetime, days: int
) -> None:
    listed = start + timedelta(days=days)
    found = periods(anchor=anchor, frequency=frequency, start=start, end=None, listed=listed)
    for _, _, low, high in found:
        assert low < high
        if frequency == "weekly":
            assert (low - anchor) % timedelta(weeks=1) == timedelta(0)
            continue
        months = (low.year - anchor.year) * 12 + low.month - anchor.month
        assert months % MONTHS[frequency] == 0
        assert low == add_months(anchor, months)
        assert high == add_months(anchor, months + MONTHS[frequency])
    assert found[-1][2] < listed <= found[-1][3]
