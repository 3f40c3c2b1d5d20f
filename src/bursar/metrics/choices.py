"""Comparisons and choices: where several values meet and must be of one sort.

Owns =, IN, BETWEEN, CASE, coalesce, nullif, greatest and least.
"""

from __future__ import annotations

from sqlglot import exp

from bursar.metrics.casts import time_literal
from bursar.metrics.fitting import cast_example, compared_with_number, condition, unified
from bursar.metrics.kinds import BOOLEAN, DATE, NOTHING, TEXT, TIMESTAMP, Kind, kind_of, with_kind
from bursar.metrics.work import Work


def comparison(work: Work, node: exp.Expr) -> exp.Expr:
    """A comparison, of two or of one with many."""
    keys = [key for key in ("this", "expression", "low", "high") if node.args.get(key)]
    items = [node.args[key] for key in keys] + list(node.args.get("expressions") or [])
    done = [work.settled(item) for item in items]
    if any(kind_of(d).is_text for d in done) and any(kind_of(d).is_numeric for d in done):
        text_side = next(d for d in done if kind_of(d).is_text)
        work.add("M404", compared_with_number(text_side), node)
        return work.unknown(node)
    if any(kind_of(d).name in (TIMESTAMP, DATE) for d in done):
        done = [time_literal(work, d) for d in done]
    done = unified(work, done, node)
    for key, value in zip(keys, done, strict=False):
        node.set(key, value)
    if node.args.get("expressions"):
        node.set("expressions", done[len(keys) :])
    if not all(kind_of(d).known for d in done):
        return with_kind(node, Kind(BOOLEAN))
    return work.ask(node)


def one_sort(work: Work, items: list[exp.Expr], node: exp.Expr) -> bool:
    """Whether values that stand in one column are of one sort; a problem if not."""
    sorts: dict[str, exp.Expr] = {}
    for item in items:
        kind = kind_of(item)
        if kind.known and kind.name != NOTHING:
            sorts.setdefault("number" if kind.is_numeric else kind.name, item)
    if len(sorts) < 2:
        return True
    if {"number", TEXT} <= set(sorts):
        work.add("M404", compared_with_number(sorts[TEXT]), node)
    else:
        message = f"Here {' and '.join(sorted(sorts))} meet: cast one to the other."
        work.add("M205", message, node)
    return False


def case(work: Work, node: exp.Expr) -> exp.Expr:
    """CASE, in both forms."""
    operand = node.this
    branches = node.args["ifs"]
    if operand is not None:
        compared = [work.settled(operand), *(work.settled(b.this) for b in branches)]
        if any(kind_of(c).is_text for c in compared) and any(
            kind_of(c).is_numeric for c in compared
        ):
            work.add("M404", compared_with_number(compared[0]), node)
            return work.unknown(node)
        compared = unified(work, compared, node)
        node.set("this", compared[0])
        for branch, compared_ in zip(branches, compared[1:], strict=True):
            branch.set("this", compared_)
    else:
        for branch in branches:
            branch.set("this", condition(work, branch.this, "WHEN"))
    default = node.args.get("default")
    results = [work.settled(branch.args["true"]) for branch in branches]
    results += [work.settled(default)] if default is not None else []
    results = _chosen(work, results, node)
    for branch, result in zip(branches, results, strict=False):
        branch.set("true", result)
    if default is not None:
        node.set("default", results[-1])
    return _typed_choice(work, node, results)


def choice(work: Work, node: exp.Expr) -> exp.Expr:
    """coalesce, nullif, greatest and least."""
    rest_key = "expression" if isinstance(node, exp.Nullif) else "expressions"
    rest = node.args.get(rest_key)
    items = [node.this, *(rest if isinstance(rest, list) else [rest])]
    done = _chosen(work, [work.settled(item) for item in items], node)
    node.set("this", done[0])
    node.set(rest_key, done[1:] if isinstance(rest, list) else done[1])
    return _typed_choice(work, node, done)


def _chosen(work: Work, items: list[exp.Expr], node: exp.Expr) -> list[exp.Expr]:
    """The values that one is chosen of, checked to be of one sort and made of one type."""
    kinds = [kind_of(item) for item in items]
    if any(k.is_text for k in kinds) and any(k.is_numeric for k in kinds):
        text_side = next(item for item in items if kind_of(item).is_text)
        message = (
            "Text and number cannot stand for each other: cast the text, "
            f"{cast_example(text_side, work.text)}."
        )
        work.add("M404", message, node)
        return [work.unknown(item) for item in items]
    if any(k.name in (TIMESTAMP, DATE) for k in kinds):
        items = [time_literal(work, item) for item in items]
    return unified(work, items, node)


def _typed_choice(work: Work, node: exp.Expr, items: list[exp.Expr]) -> exp.Expr:
    kinds = [kind_of(item) for item in items]
    if not all(kind.known for kind in kinds):
        return work.unknown(node)
    return work.ask(node, max(kind.bound for kind in kinds))
