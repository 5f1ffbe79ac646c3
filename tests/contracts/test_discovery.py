"""Which rule of discovery a title meets."""

import time
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.discovery import Pattern, RuleBook, Title, matches


@dataclass(frozen=True)
class Rule:
    pk: int
    name: str
    publisher: str = ""
    version: str = ""
    edition: str = ""
    platform: str = ""
    language: str = ""


def title(name: str, publisher: str = "", version: str = "") -> Title:
    return Title(
        publisher=publisher, name=name, version=version, edition="", platform="", language=""
    )


@pytest.mark.parametrize(
    ("pattern", "text", "fits"),
    [
        pytest.param("DrawIt", "drawit", True, id="case does not matter"),
        pytest.param("DrawIt", "DrawIt 5", False, id="without a star all of it has to fit"),
        pytest.param("DrawIt*", "DrawIt 5", True, id="a star at the end"),
        pytest.param("DrawIt*", "DrawIt", True, id="a star stands for nothing, too"),
        pytest.param("*Draw*", "LibreDraw 7", True, id="stars around"),
        pytest.param("*It", "DrawIt", True, id="a star in front"),
        pytest.param("*It", "DrawIt 5", False, id="the end has to fit"),
        pytest.param("a*b*c", "a-b-b-c", True, id="stars between"),
        pytest.param("a*bc*c", "abc", False, id="no character is used twice"),
        pytest.param("ab*ba", "aba", False, id="beginning and end do not overlap"),
        pytest.param("**", "", True, id="two stars are as one"),
        pytest.param("", "anything", True, id="an empty pattern fits anything"),
        pytest.param("Straße", "STRASSE", True, id="case of other scripts"),
        pytest.param("a.c", "abc", False, id="a point is a point"),
    ],
)
def test_a_pattern_fits(pattern: str, text: str, fits: bool) -> None:
    assert Pattern(pattern).matches(text.casefold()) is fits


def naively_fits(pattern: str, text: str) -> bool:
    if not pattern:
        return not text
    if pattern[0] == "*":
        return any(naively_fits(pattern[1:], text[n:]) for n in range(len(text) + 1))
    return text[:1] == pattern[0] and naively_fits(pattern[1:], text[1:])


@given(st.text("ab*", min_size=1, max_size=7), st.text("ab", max_size=9))
def test_a_pattern_fits_as_the_plainest_reading_of_it_does(pattern: str, text: str) -> None:
    assert Pattern(pattern).matches(text) is naively_fits(pattern, text)


@pytest.mark.parametrize(
    ("rules", "met"),
    [
        pytest.param([Rule(1, "Draw*"), Rule(2, "DrawIt 5")], 2, id="a name without star"),
        pytest.param(
            [Rule(1, "DrawIt 5"), Rule(2, "Draw*", publisher="Acme", version="5.1")],
            2,
            id="two patterns without star before one",
        ),
        pytest.param([Rule(1, "D*"), Rule(2, "DrawIt*")], 2, id="the longer"),
        pytest.param([Rule(1, "D*5"), Rule(2, "Dr*")], 1, id="the earlier of two alike"),
        pytest.param([Rule(1, "Draw*", publisher="Other")], None, id="all patterns have to fit"),
        pytest.param([Rule(1, "*", version="5.*")], 1, id="any name"),
        pytest.param([], None, id="no rule"),
    ],
)
def test_the_most_specific_rule_is_met(rules: list[Rule], met: int | None) -> None:
    found = RuleBook(rules).rule_for(title("DrawIt 5", publisher="ACME", version="5.1"))

    assert (found.pk if found else None) == met


def test_a_rule_tells_what_fits_it_whatever_else_is_in_force() -> None:
    fits = matches(Rule(1, "Draw*"))

    assert fits(title("DrawIt"))
    assert not fits(title("TextIt"))


def test_many_stars_take_no_more_time_than_their_number() -> None:
    hostile = Pattern("*a" * 100 + "*b")

    began = time.perf_counter()
    fits = hostile.matches("a" * 400)

    assert not fits
    assert time.perf_counter() - began < 1


def test_many_titles_meet_many_rules_within_seconds() -> None:
    rules = [Rule(n, f"*title {n} *" if n % 2 else f"Title {n} *") for n in range(500)]
    book = RuleBook(rules)
    titles = [title(f"Title {n % 700} edition {n}") for n in range(5_000)]

    began = time.perf_counter()
    met = sum(book.rule_for(each) is not None for each in titles)

    assert met == sum(n % 700 < 500 for n in range(5_000))
    assert time.perf_counter() - began < 10
