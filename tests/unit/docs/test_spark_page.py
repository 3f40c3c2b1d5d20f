"""The page of Spark counts what passes, and says why the rest does not."""

from __future__ import annotations

from pathlib import Path

from bursar.reference.spark_page import QUERIES, spark_page

WINDOWS = """\
-- A count by type.
select count(*) as value, event_type as kind from events group by all;

-- All but the row itself.
select sum(n) as value
from (
    select count(*) over (
        order by timestamp, transaction_id
        rows between unbounded preceding and unbounded following exclude current row
    ) as n
    from events
) as others;
"""


def test_a_query_passes_or_has_its_reason(tmp_path: Path) -> None:
    (tmp_path / QUERIES).mkdir(parents=True)
    (tmp_path / QUERIES / "windows.sql").write_text(WINDOWS)
    page = spark_page(tmp_path)
    assert "| windows | 2 | 1 |" in page
    reason = "EXCLUDE clause is not supported in the WINDOW clause"
    assert f"| {reason} | 1 | windows: All but the row itself. |" in page
