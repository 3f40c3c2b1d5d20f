"""What the scenarios and the worked cases share."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

import pytest

from bursar.project import Project
from tests.support.scenarios import run_scenario
from tests.support.shared_builds import SharedBuilds


@pytest.fixture(scope="module")
def workbench(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One project folder that the bills of a module use in turn."""
    return tmp_path_factory.mktemp("workbench") / "project"


@pytest.fixture(scope="module")
def bills(request: pytest.FixtureRequest, workbench: Path) -> SharedBuilds:
    """The bills of the module's scenarios; those of a group that run today share a build."""
    groups: defaultdict[str, list[Path]] = defaultdict(list)
    for item in request.session.items:
        group = item.get_closest_marker("xdist_group")
        if group is not None and item.path == request.path and isinstance(item, pytest.Function):
            folder = item.callspec.params["folder"]
            assert isinstance(folder, Path)
            groups[group.args[0]].append(folder)
    return SharedBuilds(workbench, groups.values())


@pytest.fixture(scope="session")
def every_kind_of_balance(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """One scenario's bill, built once for all tests that only read it."""
    folder = Path(__file__).parent / "every_kind_of_balance_pays_its_own_customer"
    return run_scenario(folder, tmp_path_factory.mktemp("every-kind") / "project")
