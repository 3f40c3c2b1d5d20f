"""Generated SQL reads as people write it, and means the same."""

from __future__ import annotations

import pytest

from bursar.metrics.columns import quote_jinja, quote_name, quote_text
from bursar.metrics.layout import laid_out


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("SELECT A.x IS NOT NULL FROM t AS A", 'select\n    "A".x is not null\nfrom t as "A"'),
        ("select x not in (1, 2)", "select\n    x not in (1, 2)"),
        ("select x not like 'A%'", "select\n    x not like 'A%'"),
        ("select not x", "select\n    not x"),
        ("select CAST(x AS DECIMAL(38, 12))", "select\n    cast(x as decimal(38, 12))"),
        ("select 'SELECT' as \"FROM\"", "select\n    'SELECT' as \"FROM\""),
    ],
)
def test_sql_is_lower_case_but_for_names_and_texts(written: str, expected: str) -> None:
    assert laid_out(written) == expected


def test_names_and_texts_are_quoted_where_they_must_be() -> None:
    assert [quote_name(n) for n in ("a_1", "A", "select", 'a"b', "é")] == [
        "a_1", '"A"', '"select"', '"a""b"', '"é"',
    ]  # fmt: skip
    assert quote_text("it's") == "'it''s'"
    assert quote_jinja("it's a \\ \n") == "'it\\'s a \\\\ \\n'"
