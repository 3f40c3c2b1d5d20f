"""Messages name what a person most likely meant."""

from __future__ import annotations

from bursar.words import listed, nearest, nearest_name


def test_a_slip_finds_its_name_whatever_the_case() -> None:
    assert nearest_name("TOKNS", ["tokens", "images"]) == "tokens"
    assert nearest_name("usd", ["USD", "EUR"]) == "USD"


def test_a_part_of_one_name_finds_it() -> None:
    assert nearest_name("name", ["rate_card_id", "rate_card_name"]) == "rate_card_name"
    assert nearest_name("rate", ["rate_card_id_of_old", "rate_card_name_of_old"]) == ""


def test_nothing_near_says_nothing() -> None:
    assert nearest("zebra", ["tokens"]) == ""
    assert nearest("tokns", ["tokens"]) == " Nearest: tokens."


def test_among_many_names_a_slip_still_finds_its_own() -> None:
    names = frozenset(f"customer_{number}" for number in range(50_000))
    assert nearest_name("customer_1234x", names) == "customer_1234"


def test_equally_near_names_are_chosen_the_same_way_every_time() -> None:
    assert nearest_name("ab", ["abd", "abc"]) == nearest_name("ab", ["abc", "abd"])


def test_a_long_list_says_how_many_more() -> None:
    assert listed(["b", "a"]) == "b, a"
    assert listed([str(number) for number in range(10)]) == "0, 1, 2, 3, 4, 5, 6, 7 and 2 more"
