"""`bursar doctor`: versions, paths, locks, staleness, what to do next.

Owns how the checks look. It leaves making them to `bursar.warehouse.health`.
"""

from __future__ import annotations

from bursar.cli.output import Format, OutputFormat, ProjectDir, open_project, print_rows, say


def doctor(
    project_dir: ProjectDir = None,
    output_format: OutputFormat = Format.TABLE,
) -> None:
    """Look over the installation and the project, and say what to do next."""
    from bursar.warehouse.checks import State
    from bursar.warehouse.health import examine

    checks = examine(open_project(project_dir))
    rows = [(check.name, check.state.value, check.detail, check.next_step) for check in checks]
    print_rows(("check", "state", "detail", "next_step"), rows, output_format)
    if output_format is Format.TABLE:
        steps = [check.next_step for check in checks if check.state is not State.FINE]
        say(f"Next: {steps[0]}" if steps else "All is well; nothing to do.")
