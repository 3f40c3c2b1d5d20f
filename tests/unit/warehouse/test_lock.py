from __future__ import annotations

import os
from pathlib import Path

import pytest

from bursar.errors import BursarError
from bursar.project import Project
from bursar.warehouse import lock


def test_the_lock_is_free_before_and_after(tmp_path: Path) -> None:
    project = Project(tmp_path)
    assert lock.holder(project) is None
    with lock.exclusive(project, "bursar build"):
        holder = lock.holder(project)
        assert holder is not None
        assert (holder.pid, holder.command) == (os.getpid(), "bursar build")
    assert lock.holder(project) is None


def test_the_lock_is_let_go_when_the_body_fails(tmp_path: Path) -> None:
    project = Project(tmp_path)
    with pytest.raises(ZeroDivisionError), lock.exclusive(project, "bursar build"):
        raise ZeroDivisionError
    with lock.exclusive(project, "bursar build"):
        pass


def test_what_a_killed_process_has_left_in_the_file_holds_nobody_up(tmp_path: Path) -> None:
    project = Project(tmp_path)
    project.warehouse.mkdir()
    (project.warehouse / lock.LOCK_FILE).write_text('{"pid": 1, "command": "x", "since": "y"}')
    assert lock.holder(project) is None
    with lock.exclusive(project, "bursar build"):
        pass


def test_a_holder_that_has_not_yet_signed_is_still_a_holder(tmp_path: Path) -> None:
    project = Project(tmp_path)
    with lock.exclusive(project, "bursar build"):
        (project.warehouse / lock.LOCK_FILE).write_text("")
        with pytest.raises(BursarError, match="a build"), lock.exclusive(project, "bursar build"):
            pass
