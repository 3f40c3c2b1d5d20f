"""Why an invoice stands no longer, or is corrected: every such step says it.

Owns that a reason is asked for. It leaves keeping it to those who void and correct.
"""

from __future__ import annotations

from bursar.errors import BursarError, ExitCode


def stated_reason(reason: str, what: str) -> str:
    """A reason without blanks around it.

    Args:
        reason: As a person typed it.
        what: What it is for, as a sentence begins: ``A void``.

    Raises:
        BursarError: It is blank; exit code 2.
    """
    stated = reason.strip()
    if not stated:
        raise BursarError(
            f"{what} needs a reason.",
            remedy="Say it with --reason: it stands in the ledger for good.",
            exit_code=ExitCode.BAD_USAGE,
        )
    return stated
