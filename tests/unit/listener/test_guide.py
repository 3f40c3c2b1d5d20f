"""The guide's and the reference's figures are the code's."""

from __future__ import annotations

import inspect
import re
from pathlib import Path

import pytest

from bursar.cli.listen import listen
from bursar.listener import api
from bursar.listener.api import BODY_BYTES_MAX, BODY_SECONDS_MAX
from bursar.listener.outcomes import REMEMBERED_MAX, Verdict
from bursar.listener.server import CONNECTIONS_MAX
from bursar.listener.splitting import EVENTS_MAX

DOCS = Path(__file__).parents[3] / "docs"
GUIDE = " ".join((DOCS / "guides" / "stream-events.md").read_text().split())
LIMITS = (DOCS / "reference" / "limits.md").read_text()
DEFAULTS = {
    name: parameter.default for name, parameter in inspect.signature(listen).parameters.items()
}


@pytest.mark.parametrize(
    "words",
    [
        f"a JSON array of 1 to {EVENTS_MAX} events",
        f"more than {EVENTS_MAX} events",
        f"more than {BODY_BYTES_MAX // 1024**2} MiB",
        f"within {BODY_SECONDS_MAX:.0f} s",
        f"more than {CONNECTIONS_MAX} connections",
        f"keeps {CONNECTIONS_MAX} at most",
        f"its last {REMEMBERED_MAX:,}",
        f"`--batch-seconds` ({DEFAULTS['batch_seconds']:.0f})",
        f"`--batch-rows` ({DEFAULTS['batch_rows']:,})",
        f"`--spool-megabytes`, {DEFAULTS['spool_megabytes']:,}",
        f"{DEFAULTS['host']}, the default",
        f"http://127.0.0.1:{DEFAULTS['port']}{api.INGEST_PATH}",
        f"GET {api.HEALTH_PATH}",
        *(f"| `{verdict}` |" for verdict in Verdict),
    ],
)
def test_the_guide_says_what_is(words: str) -> None:
    assert words in GUIDE


def test_the_limits_say_what_is() -> None:
    assert f"| events in a request to `bursar events listen` | {EVENTS_MAX} |" in LIMITS
    assert f"| such a request | {BODY_BYTES_MAX // 1024**2} MiB |" in LIMITS


def test_the_guide_has_every_status() -> None:
    used = set(
        re.findall(r"HTTPException\(\s*(\d{3})|^\s+(\d{3}): f", inspect.getsource(api), re.M)
    )
    statuses = {code for pair in used for code in pair if code}
    assert {"400", "404", "405", "429", "503"} <= statuses
    rows = re.findall(r"\| ([0-9, ]+) \|", GUIDE)
    documented = {code for row in rows for code in row.split(", ")}
    assert statuses <= documented
