"""Do we follow our own house rules? Walks the files that git tracks."""

from __future__ import annotations

import ast
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
LINES_MAX = {
    "models/**/*.sql": 120,
    "models/**/*.yml": 200,
    "src/**/*.py": 400,
    "benchmarks/**/*.py": 400,
    "tests/**/*.py": 500,
}
GENERATED = "models/metrics/"
CLOCKS = re.compile(
    r"\b(now|today|current_timestamp|current_date|get_current_timestamp|localtimestamp|random|uuid)\b",
    re.I,
)
UNDONE = re.compile(r"\b(TO" r"DO|FIX" r"ME|XX" r"X)\b")


def tracked(pattern: str) -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "-z", pattern], cwd=ROOT, check=True, capture_output=True, text=True
    ).stdout
    return [ROOT / name for name in listed.split("\0") if name]


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("pattern", LINES_MAX)
def test_no_file_is_longer_than_a_reader_can_hold(pattern: str) -> None:
    long = {
        name_of(path): count
        for path in tracked(f":(glob){pattern}")
        if not name_of(path).startswith(GENERATED)
        and (count := len(path.read_text().splitlines())) > LINES_MAX[pattern]
    }
    assert long == {}


def test_every_module_says_what_it_owns() -> None:
    silent = [
        name_of(path)
        for path in tracked(":(glob)src/**/*.py")
        if not ast.get_docstring(ast.parse(path.read_text()))
    ]
    assert silent == []


def test_no_function_is_longer_than_seventy_lines() -> None:
    long = [
        f"{name_of(path)}:{node.lineno} {node.name}"
        for path in tracked(":(glob)src/**/*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (node.end_lineno or 0) - node.lineno >= 70
    ]
    assert long == []


def test_every_model_has_its_description_beside_it() -> None:
    models = [p for p in tracked(":(glob)models/**/*.sql") if not name_of(p).startswith(GENERATED)]
    assert [name_of(m) for m in models if not m.with_suffix(".yml").exists()] == []


def test_no_model_or_macro_asks_the_clock() -> None:
    asking = [
        f"{name_of(path)}: {found.group()}"
        for pattern in (":(glob)models/**/*.sql", ":(glob)macros/**/*.sql")
        for path in tracked(pattern)
        for line in path.read_text().splitlines()
        if (found := CLOCKS.search(re.sub(r"--.*|\{#.*", "", line)))
    ]
    assert asking == []


def test_models_end_with_their_final_step() -> None:
    # stg_events is a view that sorts nothing; marts may order what people read.
    odd = [
        name_of(path)
        for path in tracked(":(glob)models/**/*.sql")
        if not name_of(path).startswith(GENERATED) and "select * from final" not in path.read_text()
    ]
    assert odd == []


def test_nothing_is_left_undone() -> None:
    left = [
        f"{name_of(path)}:{number}"
        for pattern in (
            ":(glob)src/**",
            ":(glob)models/**",
            ":(glob)macros/**",
            ":(glob)tests/**",
            ":(glob)docs/**",
        )
        for path in tracked(pattern)
        for number, line in enumerate(path.read_text().splitlines(), start=1)
        if UNDONE.search(line)
    ]
    assert left == []


def test_no_rule_is_silenced_without_a_reason() -> None:
    silenced = [
        f"{name_of(path)}:{number}"
        for pattern in (":(glob)src/**/*.py", ":(glob)tests/**/*.py", ":(glob)benchmarks/**/*.py")
        for path in tracked(pattern)
        for number, line in enumerate(path.read_text().splitlines(), start=1)
        if re.search(r"#\s*(noqa|type: ignore)", line)
        and not re.search(r"(noqa|ignore).*? - \S", line)
    ]
    assert silenced == []
