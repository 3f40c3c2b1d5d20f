"""Where nothing could be compiled, everything lands the same."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bursar.landing.scanner import binding as scanner
from tests.support.landing import land_lines, landed, line


@pytest.fixture(autouse=True)
def asked_again() -> Iterator[None]:
    yield
    scanner.loaded_library.cache_clear()


def outcomes(root: Path) -> dict[str, list[dict[str, Any]]]:
    root.mkdir()
    lines = [
        *(line(f"t{n}", properties={"b": n, "a": "1.50", "n": None}) for n in range(5)),
        line("t1", properties={"a": "other"}),
        line("t6", timestamp="2026-02-01T12:00:00+02:00", properties={"x": [1, {"y": 2}]}),
        b"  ",
        line("t7", customer_id="") + b"\r",
        b"\xff",
    ]
    report = land_lines(root, lines, promoted=("a",))
    found = landed(root)
    batch_id = report.manifest.batch_id
    return {
        "accepted": without(found.accepted, batch_id),
        "duplicates": without(found.duplicates, batch_id),
        "rejected": without(found.rejected, batch_id),
    }


def without(rows: list[dict[str, Any]], batch_id: str) -> list[dict[str, Any]]:
    """The rows without the batch's own name, which has chance in it."""
    return [{name: value for name, value in row.items() if value != batch_id} for row in rows]


def test_lines_land_the_same_in_python_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert scanner.loaded_library() is not None, "the scanner is not built: python hatch_build.py"
    expected = outcomes(tmp_path / "with")
    monkeypatch.setattr(scanner, "LIBRARY", tmp_path / "none.so")
    scanner.loaded_library.cache_clear()
    assert scanner.loaded_library() is None
    assert outcomes(tmp_path / "without") == expected
    assert [len(rows) for rows in expected.values()] == [6, 1, 2]
