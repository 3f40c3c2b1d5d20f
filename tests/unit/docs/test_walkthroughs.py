"""Do the tutorial and the guides work, command by command, and print what they show?"""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.unit.docs.pages import DOCS, matches, run_page

# Generous: a build takes several seconds, and the first test waits for the whole tutorial.
pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(1200),
    pytest.mark.xdist_group("walkthroughs"),
]
TUTORIAL = DOCS / "start" / "tutorial.md"
# They go on where the tutorial ends, each in a copy of its project.
GUIDES = (
    "guides/land-events.md",
    "guides/stream-events.md",
    "guides/query-the-warehouse.md",
    "guides/connect-other-tools.md",
    "guides/answer-a-dispute.md",
    "guides/write-a-metric.md",
    "guides/change-a-price.md",
    "guides/try-a-price-change.md",
    "guides/set-up-a-commit.md",
    "guides/correct-an-invoice.md",
    "guides/send-an-invoice.md",
)


@pytest.fixture(scope="module")
def tutorial(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[str]]:
    folder = tmp_path_factory.mktemp("tutorial")
    return folder / "my-billing", run_page(TUTORIAL, folder)


def test_the_tutorial_does_what_it_says(tutorial: tuple[Path, list[str]]) -> None:
    _, wrong = tutorial
    assert wrong == []


@pytest.mark.parametrize("guide", GUIDES)
def test_a_guide_does_what_it_says(
    guide: str, tutorial: tuple[Path, list[str]], tmp_path: Path
) -> None:
    project, _ = tutorial
    folder = tmp_path / "my-billing"
    shutil.copytree(project, folder, symlinks=True)
    assert run_page(DOCS / guide, folder) == []


def test_an_ellipsis_stands_for_any_text_or_lines_and_nothing_else_does() -> None:
    assert matches("a … c\n…\nz\n", "a b c\nd\ne\nz   \n")
    assert matches("a\n…\nz\n", "a\nz\n")
    assert not matches("a … c\n", "a b d\n")
    assert not matches("a\n", "a\nb\n")
    assert not matches("a.c\n", "abc\n")
