"""The schema that editors read says of a metric's YAML what `bursar metric check` says."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from jsonschema import Draft7Validator

from bursar.metrics.declared import Aggregation, read_declared
from bursar.metrics.observed import Observed
from bursar.metrics.problems import Problems, Source
from bursar.metrics.project import write_schema
from bursar.metrics.templates import new_metric_file
from bursar.metrics.yaml_schema import FILE_NAME, schema, schema_text
from bursar.project import Project

ROOT = Path(__file__).parents[3]
FINE = [
    *(path.read_text() for path in sorted((ROOT / "metrics").glob("*.yml"))),
    *(new_metric_file("m", aggregation.value, {})[1] for aggregation in Aggregation),
    "aggregation: count\nfilters: [{property: status, in: [200, true]}]\n",
    "aggregation: count\nfilters: [{property: a, not_in: [x]}, {property: b, exists: false}]\n",
]
WRONG = [
    "property: n\n",
    "aggregation: average\nproperty: n\n",
    "aggregation: sum\n",
    "aggregation: count\nproperty: n\n",
    "aggregation: count\nsql: select 1\n",
    "aggregation: count\nevent_types: use\n",
    "aggregation: count\nevent_types: []\n",
    "aggregation: count\nevent_types: [a, a]\n",
    "aggregation: count\nevent_types: [[a]]\n",
    "aggregation: count\ngroup_keys: {a: b}\n",
    "aggregation: count\nfilters: {property: a, exists: true}\n",
    "aggregation: count\nfilters: [{property: a}]\n",
    "aggregation: count\nfilters: [{exists: true}]\n",
    "aggregation: count\nfilters: [{property: a, in: [x], exists: true}]\n",
    "aggregation: count\nfilters: [{property: a, exists: 1}]\n",
    "aggregation: count\nfilters: [{property: a, in: []}]\n",
    "aggregation: count\nfilters: [{property: a, equals: x}]\n",
    "aggregation: count\ndescription: [a]\n",
    "- aggregation: count\n",
]


def is_read(text: str) -> bool:
    problems = Problems(source := Source("m", "metrics/m.yml", text))
    return read_declared(source, Observed({}), problems) is not None


def is_valid(text: str) -> bool:
    return bool(Draft7Validator(schema()).is_valid(yaml.safe_load(text)))


def test_the_schema_is_a_schema() -> None:
    Draft7Validator.check_schema(schema())


@pytest.mark.parametrize("text", FINE)
def test_what_is_read_is_valid(text: str) -> None:
    assert (is_read(text), is_valid(text)) == (True, True)


@pytest.mark.parametrize("text", WRONG)
def test_what_is_refused_is_not_valid(text: str) -> None:
    assert (is_read(text), is_valid(text)) == (False, False)


def test_a_new_metric_names_the_schema_beside_it(tmp_path: Path) -> None:
    project = Project(tmp_path)
    assert write_schema(project) == tmp_path / "metrics" / FILE_NAME
    _, text = new_metric_file("tokens", "sum", {})
    assert text.splitlines()[0] == f"# yaml-language-server: $schema={FILE_NAME}"
    (tmp_path / "metrics" / FILE_NAME).write_text("of an older Bursar")
    assert write_schema(project).read_text() == schema_text()
