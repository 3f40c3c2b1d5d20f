"""The demo company, Fathom: it sells AI inference, and its events are made here, not recorded.

Owns the events of the demo: `company` says who its customers are and how they use it, `usage` makes
what they send, `mishaps` makes what goes wrong on the way, and `batches` writes the files that are
landed. It leaves what Fathom charges to `seeds/` and `metrics/`. Everything is drawn from one seed
with whole-number arithmetic, so that the same bytes come out on every machine; nothing here asks
the clock.
"""

from datetime import UTC, datetime

SEED = 20260901
FIRST_DAY = datetime(2026, 9, 1, tzinfo=UTC)
"""The first instant with usage."""
AS_OF = datetime(2026, 11, 5, tzinfo=UTC)
"""The instant that the demo is looked at: two whole months and the beginning of a third."""
