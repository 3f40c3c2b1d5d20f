"""The demo, built once for all tests of this folder."""

from __future__ import annotations

import pytest

from bursar.cli.demo import demo
from bursar.project import Project


@pytest.fixture(scope="session")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """The demo's project; a test that changes its files takes a copy."""
    root = tmp_path_factory.mktemp("demo") / "fathom"
    demo(root)
    return Project(root)
