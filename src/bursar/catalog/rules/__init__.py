"""What rows of the catalog may not say: one function a rule, each from the book to its problems."""

from __future__ import annotations

from bursar.catalog.book import Rule
from bursar.catalog.rules import (
    commit_adjustments,
    commit_amounts,
    commit_targets,
    commits,
    contracts,
    override_commits,
    override_effects,
    override_targets,
    parties,
    postpaid_commits,
    prices,
    products,
    recurring_commits,
    rows,
    scheduled,
    subscriptions,
    terms,
    units,
)

RULES: tuple[Rule, ...] = (
    *rows.RULES,
    *parties.RULES,
    *products.RULES,
    *prices.RULES,
    *units.RULES,
    *contracts.RULES,
    *terms.RULES,
    *override_targets.RULES,
    *override_effects.RULES,
    *subscriptions.RULES,
    *scheduled.RULES,
    *commits.RULES,
    *commit_amounts.RULES,
    *postpaid_commits.RULES,
    *commit_adjustments.RULES,
    *commit_targets.RULES,
    *recurring_commits.RULES,
    *override_commits.RULES,
)
