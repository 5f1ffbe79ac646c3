"""Tags of entitlements in the sheets of an import."""

import pytest

from accounts.models import Company, User
from accounts.roles import Role
from entitlements.models import Entitlement, Outcome
from entitlements.workbook.choices import Choices
from entitlements.workbook.shown import Preview
from tests.entitlements.workbooks import (
    LICENSE,
    Row,
    do_import,
    is_all,
    licenses,
    preview,
    problems,
    undo,
)
from tests.factories import CompanyFactory, make_user

pytestmark = pytest.mark.django_db

TAGGED: Row = {**LICENSE, "Asset tag": "A-1", "Tags": "Berlin; audit"}


@pytest.fixture
def company() -> Company:
    return CompanyFactory(name="Ex SA", code="EX")


@pytest.fixture
def ada(company: Company) -> User:
    return make_user(Role.ADMINISTRATOR, company)


def tags() -> list[str]:
    return Entitlement.objects.get().tags


def test_tags_come_in_and_the_same_file_again_changes_nothing(company, ada):
    do_import(company, licenses(TAGGED), ada)

    assert tags() == ["Berlin", "audit"]
    assert is_all(preview(company, licenses(TAGGED), ada), Outcome.UNCHANGED)


def test_a_license_without_the_column_has_none_and_a_known_one_keeps_its_own(company, ada):
    plain = {**LICENSE, "Asset tag": "A-1"}
    do_import(company, licenses(plain), ada)
    assert tags() == []
    do_import(company, licenses(TAGGED), ada)

    assert is_all(preview(company, licenses(plain), ada), Outcome.UNCHANGED)


def test_a_change_of_tags_is_shown_in_words_and_undone(company, ada):
    do_import(company, licenses(TAGGED), ada)
    source = preview(company, licenses({**TAGGED, "Tags": "Rome"}), ada)

    (shown,) = Preview(source, outcome=Outcome.CHANGED).rows

    assert list(shown.changes) == [("Tags", "Berlin; audit", "Rome")]
    undo(do_import(company, licenses({**TAGGED, "Tags": "Rome"}), ada), ada)
    assert tags() == ["Berlin", "audit"]


def test_an_empty_cell_takes_tags_away_only_where_that_is_chosen(company, ada):
    do_import(company, licenses(TAGGED), ada)
    emptied = licenses({**TAGGED, "Tags": None})

    assert is_all(preview(company, emptied, ada), Outcome.UNCHANGED)
    do_import(company, emptied, ada, choices=Choices(empty_clears=True))
    assert tags() == []


def test_a_tag_that_is_too_long_is_refused_with_its_value(company, ada):
    source = preview(company, licenses({**TAGGED, "Tags": "x" * 51}), ada)

    assert [(row, name) for row, name, why in problems(source) if "51 characters" in why] == [
        (2, "tags")
    ]
    assert is_all(source, Outcome.REFUSED)
