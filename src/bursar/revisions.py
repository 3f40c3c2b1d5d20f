"""Files as git has them: what a file or a folder of a project was at an earlier revision.

Owns the calls of git, which only read. A project without git has no revisions, and says so.
"""

from __future__ import annotations

import io
import shutil
import subprocess
import tarfile
from collections.abc import Sequence
from pathlib import Path

from bursar.errors import BursarError, ExitCode

_TIMEOUT_SECONDS = 30


def file_at(root: Path, revision: str, paths: Sequence[str]) -> tuple[str, str]:
    """The first of some files that a revision has.

    Args:
        root: The project's folder; it may lie anywhere in the repository.
        revision: What git takes for one: a commit, a branch, `HEAD~3`.
        paths: Relative to the project, in order of preference.

    Returns:
        The path and the text.

    Raises:
        BursarError: There is no git, no such revision, or none of the files at it; exit code 2.
    """
    if revision.startswith("-") or _read(root, "rev-parse", f"{revision}^{{commit}}") is None:
        raise BursarError(
            f"{revision} is neither a file nor a revision that git knows here.",
            remedy="Name a commit, a branch or a file: --against main, --against old/tokens.sql.",
            exit_code=ExitCode.BAD_USAGE,
        )
    for path in paths:
        text = _read(root, "show", f"{revision}:./{path}")
        if text is not None:
            return path, text.decode("utf-8-sig", errors="replace")
    raise BursarError(
        f"At {revision} there is none of {', '.join(paths)}.",
        remedy="Name a revision that has it, or a file: --against old/tokens.sql.",
        exit_code=ExitCode.BAD_USAGE,
    )


def commit_of(root: Path, revision: str) -> str:
    """The hash of the commit that a revision names.

    Args:
        root: The project's folder; it may lie anywhere in the repository.
        revision: What git takes for one: a commit, a branch, `HEAD~3`.

    Raises:
        BursarError: There is no git, no repository, or no such revision; exit code 2.
    """
    if shutil.which("git") is None:
        raise BursarError(
            "There is no git on the PATH, and only git knows revisions.",
            remedy="Install git. To compare with a catalog in another folder, use"
            " `bursar simulate --catalog DIR`.",
            exit_code=ExitCode.BAD_USAGE,
        )
    refusal = _refusal(root, "rev-parse", "--git-dir")
    if refusal:
        raise BursarError(
            f"{root} is in no repository that git reads: {refusal}",
            remedy="Commit the project's seeds/ and metrics/ to git. To compare with a catalog in"
            " another folder, use `bursar simulate --catalog DIR`.",
            exit_code=ExitCode.BAD_USAGE,
        )
    found = None
    if not revision.startswith("-"):
        found = _read(root, "rev-parse", "--verify", "--quiet", f"{revision}^{{commit}}")
    if found is None:
        raise BursarError(
            f"git knows no revision {revision} here.",
            remedy="Name a commit, a branch or a tag: --base main. In a shallow clone fetch it"
            " first: git fetch --depth=1 origin main",
            exit_code=ExitCode.BAD_USAGE,
        )
    return found.decode().strip()


def extract(root: Path, commit: str, folders: Sequence[str], target: Path) -> None:
    """Writes folders of a project as a commit has them; one that it does not have is left out.

    Args:
        root: The project's folder.
        commit: Its hash.
        folders: Relative to the project.
        target: Where to, in an existing folder.

    Raises:
        BursarError: git cannot read the commit's files; exit code 2.
    """
    listed = _read(root, "ls-tree", "-d", "-z", "--name-only", commit, "--", *folders) or b""
    there = [name for name in listed.decode().split("\0") if name]
    if not there:
        return
    packed = _read(root, "archive", "--format=tar", commit, "--", *there)
    if packed is None:
        raise BursarError(
            f"git cannot read {', '.join(there)} at {commit}:"
            f" {_refusal(root, 'archive', '--format=tar', commit, '--', *there)}",
            remedy="In a partial clone, fetch the files first: git fetch --refetch",
            exit_code=ExitCode.BAD_USAGE,
        )
    with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
        for member in archive:
            content = archive.extractfile(member)
            if content is not None and member.isfile():
                path = target / member.name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(content.read())


def _refusal(root: Path, *arguments: str) -> str:
    """What a command of git says against being run; empty if it runs."""
    done = _run(root, *arguments)
    if done is None:
        return "it does not answer."
    return done.stderr.decode(errors="replace").strip() if done.returncode else ""


def _read(root: Path, *arguments: str) -> bytes | None:
    """What a command of git prints; None if it fails, or there is no git."""
    done = _run(root, *arguments)
    return done.stdout if done is not None and done.returncode == 0 else None


def _run(root: Path, *arguments: str) -> subprocess.CompletedProcess[bytes] | None:
    try:
        return subprocess.run(  # noqa: S603 - git alone, and no revision is an option
            ["git", "-C", str(root), *arguments],  # noqa: S607 - the git on the user's own path
            capture_output=True,
            check=False,
            timeout=_TIMEOUT_SECONDS,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
