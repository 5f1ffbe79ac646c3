"""Tags as they are written: read, told apart, added and removed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.tags import (
    TagsRefused,
    as_in_use,
    change_tags,
    each_once,
    read_tags,
    spellings,
    write_tags,
)

# Few letters, so that tags that differ by capitals alone come up.
tags = st.lists(st.text("aAbBsS\u00df", min_size=1, max_size=3), max_size=6).map(each_once)


@pytest.mark.parametrize(
    ("written", "read"),
    [
        pytest.param("", [], id="nothing"),
        pytest.param("SAP", ["SAP"], id="one"),
        pytest.param("SAP; Audit 2026", ["SAP", "Audit 2026"], id="semicolons"),
        pytest.param("SAP, Audit\nCloud", ["SAP", "Audit", "Cloud"], id="commas and lines"),
        pytest.param(" ; SAP ;; ", ["SAP"], id="nothing between"),
        pytest.param("Audit   2026", ["Audit 2026"], id="several spaces"),
        pytest.param("SAP; sap; SaP", ["SAP"], id="capitals make no other tag"),
        pytest.param("Straße; STRASSE", ["Straße"], id="nor do they in German"),
        pytest.param("S\x00A\u200bP", ["SAP"], id="what cannot be seen"),
        pytest.param("x" * 50, ["x" * 50], id="as long as may be"),
    ],
)
def test_tags_are_read_from_a_line(written: str, read: list[str]) -> None:
    assert read_tags(written) == read


def test_a_tag_that_is_too_long_is_refused_by_name() -> None:
    with pytest.raises(TagsRefused, match=f"“{'x' * 51}” has 51 characters, .* at most 50"):
        read_tags(f"SAP; {'x' * 51}")


def test_more_tags_than_a_record_has_are_refused_with_their_number() -> None:
    assert len(read_tags("; ".join(map(str, range(20))))) == 20
    with pytest.raises(TagsRefused, match="These are 21 tags, and a record has at most 20"):
        read_tags("; ".join(map(str, range(21))))


@given(tags)
def test_what_is_written_is_read_again(some: list[str]) -> None:
    assert read_tags(write_tags(some)) == some


@given(tags, tags, tags)
def test_after_a_change_there_is_what_was_added_and_nothing_that_was_removed(
    before: list[str], add: list[str], remove: list[str]
) -> None:
    taken = {tag.casefold() for tag in remove}
    added = [tag for tag in add if tag.casefold() not in taken]

    after = change_tags(before, add=added, remove=remove)

    folded = [tag.casefold() for tag in after]
    assert len(set(folded)) == len(folded)
    assert set(folded) == {tag.casefold() for tag in (*before, *added)} - taken


@given(tags, tags)
def test_a_change_that_is_made_twice_changes_nothing_more(
    before: list[str], add: list[str]
) -> None:
    once = change_tags(before, add=add, remove=())

    assert change_tags(once, add=add, remove=()) == once


def test_a_tag_is_written_as_it_is_in_use() -> None:
    assert as_in_use(["sap", "Neu"], ["Audit", "SAP"]) == ["SAP", "Neu"]


def test_a_tag_is_looked_for_in_all_its_spellings() -> None:
    assert spellings("sap", ["SAP", "Sap", "Audit"]) == ["SAP", "Sap"]
    assert spellings("cloud", ["SAP"]) == ["cloud"]
