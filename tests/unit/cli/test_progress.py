from __future__ import annotations

import io
import sys

import pytest

from bursar.cli import progress


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_pipe_hears_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    with progress.landing_progress() as advance:
        advance(1_000, 2_000_000)
    printed = capsys.readouterr()
    assert (printed.out, printed.err) == ("", "")


def test_a_terminal_sees_lines_and_megabytes_add_up(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setattr(progress, "LONG_SECONDS", 0.0)
    with progress.landing_progress() as advance:
        advance(500_000, 100_000_000)
        advance(1_000, 23_000_000)
    assert "501,000 lines, 123 MB; " in terminal.getvalue()


def test_a_short_landing_leaves_no_line(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    with progress.landing_progress():
        pass
    assert " in 0 s" not in terminal.getvalue()
