"""The dbt macros and the compiler's templates are the same arithmetic, to the letter."""

from __future__ import annotations

import re

from bursar.metrics import exact
from tests.support.macros import load_macros

MACROS = load_macros()


def without_blanks(sql: str) -> str:
    return re.sub(r"\s+", "", sql)


def test_a_text_becomes_a_number_in_one_way() -> None:
    assert without_blanks(MACROS.to_number("x.y")) == without_blanks(exact.text_to_number("x.y"))
