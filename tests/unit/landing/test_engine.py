from __future__ import annotations

from bursar.landing.engine import open_engine, run


def test_the_engine_draws_no_progress_among_a_commands_data() -> None:
    with open_engine() as connection:
        [(is_on,)] = run(connection, "select current_setting('enable_progress_bar')")
    assert str(is_on).lower() == "false"
