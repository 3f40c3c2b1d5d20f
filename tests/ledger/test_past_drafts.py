"""What any past day was billed comes back from today's files, digit for digit.

Every row of every mart is compared with what was published at the time. build_info differs: its
`built_at` is the clock's, and its fingerprint of the ledger is of all that the ledger holds today.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from bursar.ledger.correcting import correct
from bursar.ledger.finalizing import finalize
from bursar.ledger.voiding import void
from bursar.project import Project
from bursar.warehouse.build import build
from tests.ledger.conftest import copied
from tests.ledger.figures import (
    FEBRUARY_3,
    MARTS,
    Row,
    billed,
    land_usage,
    statuses,
    totals,
)
from tests.support.landing import land_lines, line

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900), pytest.mark.xdist_group("ledger")]
MARCH_3_AT_NOON = datetime(2026, 3, 3, 12, tzinfo=UTC)
MARCH_4 = datetime(2026, 3, 4, tzinfo=UTC)
MARCH_5 = datetime(2026, 3, 5, tzinfo=UTC)
K = "k:usage:2026-01-01"
Books = tuple[Project, dict[str, list[Row]]]


def different(project: Project, then: dict[str, list[Row]]) -> list[str]:
    """The marts that are not what they were."""
    now = billed(project)
    assert set(now) == set(then) == set(MARTS)
    return [mart for mart in MARTS if now[mart] != then[mart]]


def test_a_past_draft_knows_nothing_of_what_came_later(
    drafts: Books, voided_twice: Books, tmp_path: Path
) -> None:
    """On 3 February nothing was final; at noon on 3 March January was, for the third time."""
    project = copied(voided_twice[0], tmp_path / "project")
    build(project, as_of=MARCH_3_AT_NOON)
    at_noon = billed(project)
    assert {status for status, _ in statuses(at_noon).values()} == {"draft", "finalized", "void"}

    # Late usage of both months, a repeated event, a line that is none, a customer nobody knows.
    land_usage(project, "c1", "2026-01-31T23:00:00Z", 40, received_at=MARCH_4)
    land_usage(project, "c2", "2026-02-10T00:00:00Z", 4, received_at=MARCH_4)
    stray = [line("stray", customer_id="c9", timestamp="2026-02-01T00:00:00Z"), b"no JSON"]
    land_lines(project.root, [*stray, stray[0]], received_at=MARCH_4)
    build(project, as_of=MARCH_5)
    assert different(project, at_noon) != []
    assert correct(project, "k2:usage:2026-02-01", "late usage").total == 4
    void(project, "k2:scheduled:2026-02-04", "not agreed", MARCH_5)

    build(project, as_of=MARCH_3_AT_NOON)
    assert different(project, at_noon) == []
    build(project, as_of=FEBRUARY_3)
    assert different(project, drafts[1]) == []


def test_a_draft_comes_back_though_later_events_are_in_what_was_made_of_it(
    drafts: Books, tmp_path: Path
) -> None:
    """What was due by the 3rd is finalized from the build of the 4th, with the events of the 4th.

    On the 3rd k had used 500 units, of which $400 were paid: the draft said $100, the invoice $120.
    """
    project = copied(drafts[0], tmp_path / "project")
    assert K in finalize(project, FEBRUARY_3).invoice_ids
    build(project, as_of=FEBRUARY_3)
    assert totals(project)[K] == ("draft", "100")
    assert different(project, drafts[1]) == []
