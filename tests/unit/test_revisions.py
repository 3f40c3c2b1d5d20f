"""What git had: of a project anywhere in a repository, and where there is none."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from bursar import revisions
from bursar.errors import BursarError, ExitCode


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project in a folder of a repository, its price changed since the only commit."""
    root = tmp_path / "repository" / "billing"
    (root / "seeds" / "prices").mkdir(parents=True)
    (root / "seeds" / "prices" / "rates.csv").write_text("price\n1\n")
    (root.parent / "seeds").mkdir()
    (root.parent / "seeds" / "rates.csv").write_text("somebody else's\n")
    _git(root.parent, "init", "--quiet")
    _git(root.parent, "add", ".")
    _git(root.parent, "commit", "--quiet", "--message", "One")
    (root / "seeds" / "prices" / "rates.csv").write_text("price\n2\n")
    return root


def test_folders_are_written_as_the_commit_has_them(project: Path, tmp_path: Path) -> None:
    commit = revisions.commit_of(project, "HEAD")
    assert len(commit) == 40
    revisions.extract(project, commit, ("seeds", "metrics"), tmp_path)
    assert (tmp_path / "seeds" / "prices" / "rates.csv").read_text() == "price\n1\n"
    assert not (tmp_path / "metrics").exists()
    assert (project / "seeds" / "prices" / "rates.csv").read_text() == "price\n2\n"


@pytest.mark.parametrize("revision", ["nowhere", "--output=x", "HEAD:billing/seeds", ""])
def test_what_is_no_commit_is_said(project: Path, revision: str) -> None:
    with pytest.raises(BursarError, match="git knows no revision") as caught:
        revisions.commit_of(project, revision)
    assert caught.value.exit_code is ExitCode.BAD_USAGE


def test_a_folder_outside_of_any_repository_is_said(tmp_path: Path) -> None:
    with pytest.raises(BursarError, match="in no repository that git reads") as caught:
        revisions.commit_of(tmp_path, "HEAD")
    assert caught.value.exit_code is ExitCode.BAD_USAGE


def test_a_machine_without_git_is_said(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(BursarError, match="no git on the PATH"):
        revisions.commit_of(project, "HEAD")


def _git(folder: Path, *arguments: str) -> None:
    identity = ("-c", "user.name=Test", "-c", "user.email=test@example.com")
    subprocess.run(["git", "-C", str(folder), *identity, *arguments], check=True)
