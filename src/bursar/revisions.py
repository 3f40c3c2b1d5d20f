"""Files as git has them: what a file of a project was at an earlier revision.

Owns the calls of git, which only read. A project without git has no revisions, and says so.
"""

from __future__ import annotations

import subprocess
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


def _read(root: Path, *arguments: str) -> bytes | None:
    """What a command of git prints; None if it fails, or there is no git."""
    try:
        done = subprocess.run(  # noqa: S603 - git alone, and no revision is an option
            ["git", "-C", str(root), *arguments],  # noqa: S607 - the git on the user's own path
            capture_output=True,
            check=False,
            timeout=_TIMEOUT_SECONDS,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout if done.returncode == 0 else None
