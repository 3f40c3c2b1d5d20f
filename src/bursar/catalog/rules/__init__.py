"""What rows of the catalog may not say: one function a rule, each from the book to its problems."""

from __future__ import annotations

from bursar.catalog.book import Rule
from bursar.catalog.rules import (
    contracts,
    override_effects,
    override_targets,
    parties,
    prices,
    products,
    rows,
    scheduled,
    subscriptions,
    support,
)

RULES: tuple[Rule, ...] = (
    *rows.RULES,
    *parties.RULES,
    *products.RULES,
    *prices.RULES,
    *contracts.RULES,
    *override_targets.RULES,
    *override_effects.RULES,
    *subscriptions.RULES,
    *scheduled.RULES,
    *support.RULES,
)
