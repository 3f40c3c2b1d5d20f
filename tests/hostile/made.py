"""Hostile metrics that are too long to write down: what repeats, nests or doubles."""

from __future__ import annotations

from tests.hostile.cases import Case

_COUNT = "select count(*) as value from events"


def _unions() -> str:
    """Forty CTEs, each twice the one before."""
    ctes = []
    below = "events"
    for number in range(40):
        ctes.append(f"c{number} as (select * from {below} union all select * from {below})")
        below = f"c{number}"
    return f"with {', '.join(ctes)} select count(*) as value from {below}"


def _doubled(expression: str, count: int) -> str:
    """A text that each of some CTEs makes longer."""
    ctes = ["c0 as (select customer_id as k from events)"]
    ctes += [f"c{n} as (select {expression} as k from c{n - 1})" for n in range(1, count)]
    return f"with {', '.join(ctes)} select max(length(k)) as value from c{count - 1}"


def _laughs() -> str:
    """YAML in which each of nine anchors is nine of the one before."""
    lines = ["a: &a [x, x, x, x, x, x, x, x, x]"]
    for number in range(1, 10):
        name, below = chr(97 + number), chr(96 + number)
        lines.append(f"{name}: &{name} [{', '.join([f'*{below}'] * 9)}]")
    return "\n".join([*lines, "aggregation: count", "event_types: *j"])


_TEXTS = {
    "parenthesis_storm": ("M001", "(" * 3000),
    "select_storm": ("M001", "select " * 3000),
    "many_parentheses": ("M001", "(" * 40_000 + ")" * 40_000),
    "deep_parentheses": ("M001", f"select {'(' * 2000}1{')' * 2000} as value from events"),
    "deep_case": (
        "M001",
        f"select {'case when true then ' * 600}1{' end' * 600} as value from events",
    ),
    "deep_subqueries": (
        "M001",
        f"select count(*) as value from {'(select * from ' * 400}events{') as t' * 400}",
    ),
    "many_conditions": ("M205", f"{_COUNT} where {' and '.join([chr(39) * 2] * 3000)}"),
    "very_long_name": ("M102", f"select count({'x' * 5000}) as value from events"),
    "very_long_number": ("M401", f"select {'9' * 2000} as value from events"),
    "very_long_text": ("M001", f"{_COUNT} where event_type = '{'x' * 120_000}'"),
    "doubled_unions": ("M205", _unions()),
    "doubled_text": ("M205", _doubled("k || k", 40)),
    "squared_text": ("M205", _doubled("replace(k, 'a', k)", 40)),
    "tripled_text": ("M205", _doubled("concat(k, k, k)", 40)),
}
MADE = [
    *(Case(name, "sql", codes, text) for name, (codes, text) in _TEXTS.items()),
    Case("billion_laughs", "yml", "unknown-key wrong-value", _laughs()),
    Case("deep_list", "yml", "M205", "[" * 3000),
]
