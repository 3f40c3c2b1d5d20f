"""The proof of a metric refutes what is compiled wrongly, and stays within its bounds."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from bursar.errors import Severity
from bursar.metrics.compiler import compile_one
from bursar.metrics.definition import CompiledMetric
from bursar.metrics.observed import Observed
from bursar.metrics.problems import Problems, Source
from bursar.project import Project
from bursar.warehouse import proof_process, proving
from bursar.warehouse.proof_process import prove_all
from bursar.warehouse.proving import prove
from bursar.warehouse.type_oracle import TypeOracle

N = "properties.n::decimal(38, 12)"
SUM = f"select sum({N}) as value from events"

# A metric, and what a broken compiler could have made of it; only its own literals tell them apart.
WRONG_SQL = {
    "a bound of a number": (f"{SUM} where {N} > 1000", f"{SUM} where {N} >= 1000"),
    "a number's last place": (f"{SUM} where {N} > 0.3", f"{SUM} where {N} > 0.300000000001"),
    "a text's case": (
        f"{SUM} where properties.model = 'Opus'",
        f"{SUM} where lower(properties.model) = 'opus'",
    ),
    "an absent property": (
        f"{SUM} where properties.model <> 'opus'",
        f"{SUM} where coalesce(properties.model, '') <> 'opus'",
    ),
    "a pattern": (
        f"{SUM} where properties.model like 'gpt-%'",
        f"{SUM} where properties.model = 'gpt-'",
    ),
    "the event type": (f"{SUM} where event_type = 'use'", SUM),
    "a customer by name": (f"{SUM} where customer_id <> 'acme'", SUM),
    "the microsecond of an instant": (
        f"{SUM} where timestamp >= '2025-07-01 10:00:00'",
        f"{SUM} where timestamp > '2025-07-01 10:00:00'",
    ),
    "the row of an empty scope": (
        "select count(*) as value from events",
        "select count(*) as value from events having count(*) > 0",
    ),
    "ties in time": (
        f"select latest({N}) as value from events",
        f"select max({N}) as value from events",
    ),
    "a text that is no number": (
        f"select count({N}) as value from events",
        "select count(properties.n) as value from events",
    ),
    "an exponent": (
        SUM,
        f"{SUM} where not contains(properties.n, 'e')",
    ),
    "an interval": (
        "select count(*) as value from events where timestamp >= window_start() + interval 2 hour",
        "select count(*) as value from events where timestamp > window_start() + interval 2 hour",
    ),
    "a tie in an order": (
        "select count(*) as value from (select rank() over (order by timestamp) as r from events)"
        " as ranked where r = 1",
        "select count(*) as value from (select row_number() over (order by timestamp,"
        " transaction_id) as r from events) as ranked where r = 1",
    ),
    "nobody's null in NOT IN": (
        "select count(*) as value from events where properties.model not in"
        " (select properties.region from events where event_type = 'use')",
        "select count(*) as value from events where properties.model not in"
        " (select coalesce(properties.region, '') from events where event_type = 'use')",
    ),
    "a window's bound": (
        "select count(*) as value from events where timestamp > window_start()",
        "select count(*) as value from events where timestamp >= window_start()",
    ),
}
WRONG_DECLARED = {
    "absent passes": (
        "aggregation: count\nfilters: [{property: status, not_in: ['200']}]",
        "aggregation: count\nfilters: [{property: status, not_in: ['200']},"
        " {property: status, exists: true}]",
    ),
    "each once": (
        "aggregation: unique\nproperty: user",
        "aggregation: count\nfilters: [{property: user, exists: true}]",
    ),
    "the last": ("aggregation: latest\nproperty: n", "aggregation: max\nproperty: n"),
}


@pytest.fixture(scope="module")
def oracle() -> Iterator[TypeOracle]:
    engine = TypeOracle()
    yield engine
    engine.close()


def compiled(text: str, oracle: TypeOracle, suffix: str = "sql") -> tuple[Source, CompiledMetric]:
    problems = Problems(source := Source("m", f"metrics/m.{suffix}", text))
    metric = compile_one(source, Observed({}), oracle.describe, problems)
    assert metric is not None, "\n".join(problem.render() for problem in problems)
    return source, metric


@pytest.mark.parametrize("name", WRONG_SQL)
def test_what_is_compiled_wrongly_is_refuted_and_the_right_is_not(
    name: str, oracle: TypeOracle, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Any counterexample will do; making it small takes longest.
    monkeypatch.setattr(proving, "_TRIALS_MAX", 0)
    right, wrong = (compiled(text, oracle) for text in WRONG_SQL[name])
    assert prove(*right) is None
    finding = prove(right[0], replace(right[1], body=wrong[1].body))
    assert finding is not None
    assert (finding.code, finding.severity) == ("M900", Severity.ERROR)


@pytest.mark.parametrize("name", WRONG_DECLARED)
def test_a_declared_metric_is_proved_against_plain_python(name: str, oracle: TypeOracle) -> None:
    right, wrong = (compiled(text, oracle, "yml") for text in WRONG_DECLARED[name])
    assert prove(*right) is None
    finding = prove(right[0], replace(right[1], body=wrong[1].body))
    assert finding is not None
    assert finding.code == "M900"


def test_a_counterexample_has_no_event_too_many(oracle: TypeOracle) -> None:
    right, wrong = (compiled(text, oracle) for text in WRONG_SQL["a bound of a number"])
    finding = prove(right[0], replace(right[1], body=wrong[1].body))
    assert finding is not None
    lines = finding.message.split("\n")
    assert [line.partition(":")[0] for line in lines[2:]] == [
        "scope", "event", "alone", "compiled",
    ]  # fmt: skip
    assert lines[3].endswith(" n='1000'")
    assert lines[4:] == ["alone:    null", "compiled: 1000"]


def test_a_compiled_metric_that_fails_is_refuted(oracle: TypeOracle) -> None:
    source, metric = compiled(SUM, oracle)
    finding = prove(source, replace(metric, body=metric.body.replace("sum(", "list_sum(")))
    assert finding is not None
    assert "compiled: fails with " in finding.message


def test_a_query_that_alone_always_fails_is_not_called_proved(oracle: TypeOracle) -> None:
    # Compiled it is null; as written the engine overflows, on an empty scope, too.
    huge = "99999999999999999999999999"
    source, metric = compiled(f"select (count(*) + {huge}) * {huge} as value from events", oracle)
    finding = prove(source, metric)
    assert finding is not None
    assert (finding.code, finding.severity) == ("not-proved", Severity.WARNING)


@pytest.fixture
def project(tmp_path: Path) -> Project:
    (tmp_path / "metrics").mkdir()
    (tmp_path / "metrics" / "m.sql").write_text(SUM)
    return Project(tmp_path)


def test_a_proof_is_remembered_until_the_metric_changes(
    project: Project, oracle: TypeOracle, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = compiled(SUM, oracle)
    assert prove_all(project, [job]) == [None]
    # Whoever is asked again now is told that the time is over.
    monkeypatch.setattr(proof_process, "TIMEOUT_SECONDS", 0)
    assert prove_all(project, [job]) == [None]
    other = compiled(SUM + " where event_type = 'use'", oracle)
    assert prove_all(project, [other]) != [None]


def test_a_damaged_memory_of_proofs_is_no_proof(project: Project, oracle: TypeOracle) -> None:
    source, metric = compiled(SUM, oracle)
    wrong = replace(metric, body=metric.body.replace("sum(", "max("))
    (project.root / ".bursar").mkdir()
    (project.root / ".bursar" / "proofs.json").write_text('{"metrics/m.sql": ')
    (finding,) = prove_all(project, [(source, wrong)])
    assert finding is not None
    assert finding.code == "M900"
    # What is refuted is not remembered.
    assert not (project.root / ".bursar" / "proofs.json").read_text().endswith("}\n")


@pytest.mark.parametrize(
    ("bomb", "said"),
    [
        ("(select count(*) from range(1000000) as a, range(1000000) as b)", "more than 5 seconds"),
        ("length(repeat('x', 3000000000 + count(*)))", "could not be compared"),
    ],
)
def test_a_bomb_takes_neither_the_others_nor_the_machine_down(
    bomb: str, said: str, project: Project, oracle: TypeOracle, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(proof_process, "TIMEOUT_SECONDS", 5)
    source, metric = compiled("select count(*) + 0 as value from events", oracle)
    body = metric.body.replace("count(*)", bomb, 1)
    assert body != metric.body
    found = prove_all(project, [(source, replace(metric, body=body)), compiled(SUM, oracle)])
    assert found[0] is not None
    assert (found[0].code, said in found[0].message) == ("not-proved", True)
    assert found[1] is None
    proved = json.loads((project.root / ".bursar" / "proofs.json").read_text())
    assert list(proved) == ["metrics/m.sql"]
