"""What has been seen on landed events, and the checks of names against it.

Owns the problems unknown-property and never-landed event types. It is given what was seen as data
and leaves reading the manifests to ``bursar.landing``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from bursar.errors import Severity
from bursar.metrics.problems import Problems, Span
from bursar.words import listed, nearest


@dataclass(frozen=True)
class Observed:
    """Properties by event type.

    Args:
        properties: Event type to the keys seen on its events; empty when nothing has landed.
        unseen: How much a property weighs that no landed event has. Where a metric is written it is
            an error, most likely a misspelling; a scheduled build only warns, because what is
            optional may simply not have been sent yet, and nobody's bill should wait for it.
    """

    properties: Mapping[str, frozenset[str]]
    unseen: Severity = Severity.ERROR

    def check_event_type(self, event_type: str, span: Span, problems: Problems) -> None:
        """Warns of an event type that has never landed: it may be new, or misspelt."""
        if self.properties and event_type not in self.properties:
            message = (
                f"No event of type {event_type} has landed.{nearest(event_type, self.properties)}"
            )
            problems.add("unknown-event-type", message, span, severity=Severity.WARNING)

    def check_property(
        self,
        key: str,
        event_types: Iterable[str] | None,
        span: Span,
        problems: Problems,
        *,
        severity: Severity | None = None,
    ) -> None:
        """Adds unknown-property if landed events of these types never had the property.

        Args:
            key: The property.
            event_types: The types whose events are read; None for any.
            span: Where it is named.
            problems: Where to add.
            severity: How much an unknown property weighs here, if other than `unseen`; with
                nothing to compare with it is a warning.
        """
        asked = sorted(self.properties if event_types is None else event_types)
        landed = [name for name in asked if name in self.properties]
        if not self.properties:
            # Once a file, not once a property.
            message = "Nothing has landed yet, so properties cannot be checked."
            problems.add("M103", message, severity=Severity.WARNING)
        if not landed:
            return
        seen = frozenset[str]().union(*(self.properties[name] for name in landed))
        if key in seen:
            return
        whose = "" if event_types is None else f" of type {listed(landed)}"
        hint = nearest(key, seen) or (f" Seen: {listed(sorted(seen))}." if seen else "")
        message = f"No landed event{whose} has the property {key}.{hint}"
        problems.add("M103", message, span, severity=severity or self.unseen)
