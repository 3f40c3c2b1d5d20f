"""`bursar events listen`: take events over HTTP.

Owns the arguments and the words. It leaves everything else to `bursar.listener`.
"""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bursar.cli.output import ProjectDir, open_project, say
from bursar.cli.promotion import promoted_properties
from bursar.errors import ExitCode

if TYPE_CHECKING:
    from bursar.landing.manifests import Manifest

_BYTES_PER_MEGABYTE = 1_000_000


def listen(
    host: Annotated[
        str, typer.Option(help="The address; any but this machine's own needs a token.")
    ] = "127.0.0.1",
    port: Annotated[
        int, typer.Option(min=0, max=65535, help="The port; 0 is any free one.")
    ] = 8787,
    token_file: Annotated[
        Path | None,
        typer.Option(
            "--token-file",
            help="A file with the token that senders must show; else BURSAR_INGEST_TOKEN is.",
            show_default=False,
        ),
    ] = None,
    batch_rows: Annotated[
        int, typer.Option("--batch-rows", min=1, help="Land as soon as so many events wait.")
    ] = 100_000,
    batch_seconds: Annotated[
        float, typer.Option("--batch-seconds", min=0.1, help="Land what has waited so long.")
    ] = 60.0,
    spool_megabytes: Annotated[
        int,
        typer.Option("--spool-megabytes", min=1, help="Take no more while so much waits to land."),
    ] = 1024,
    project_dir: ProjectDir = None,
) -> None:
    """Take events over HTTP: a request is answered when its events are durable."""
    from bursar.listener.access import read_token
    from bursar.listener.intake import Reports
    from bursar.listener.journal import Limits
    from bursar.listener.server import Door, serve

    project = open_project(project_dir)
    ended_by = serve(
        project,
        Door(host, port, read_token(token_file, os.environ)),
        Limits(batch_rows, batch_seconds, spool_megabytes * _BYTES_PER_MEGABYTE),
        Reports(
            promoted=lambda: promoted_properties(project),
            landed=_say_landed,
            failed=lambda problem: say(f"Not landed yet, and tried again: {problem}"),
        ),
        ready=lambda address: say(f"Listening: POST {address}"),
    )
    say("Everything that was taken is landed.")
    if ended_by is signal.SIGINT:
        raise typer.Exit(ExitCode.INTERRUPTED)


def _say_landed(manifest: Manifest) -> None:
    counts = manifest.counts
    say(
        f"Batch {manifest.batch_id}: read {counts.read:,} = accepted {counts.accepted:,}"
        f" + duplicate {counts.duplicate:,} + rejected {counts.rejected:,}"
    )
