"""Part numbers: which software model one means, and what is made where there is none."""

from datetime import date
from typing import Any

import pytest
from django.db import connection
from hypothesis import given, settings
from hypothesis import strategies as st

from accounts.models import Company, User
from accounts.roles import Role
from common.acting import acting
from contracts.models import SoftwareModel, SuitePart
from entitlements.models import Entitlement, Outcome
from entitlements.parts import ATTRIBUTES, Words, fit, models_of
from entitlements.workbook.choices import Choices
from entitlements.workbook.planning import parts as planning
from tests.entitlements.workbooks import (
    LICENSE,
    Row,
    confirm,
    do_import,
    is_all,
    licenses,
    outcomes,
    preview,
    reasons,
    undo,
)
from tests.factories import (
    CompanyFactory,
    PartFactory,
    ProductFactory,
    SoftwareModelFactory,
    SuiteComponentFactory,
    VendorFactory,
    make_user,
)

ANY = Words()
FIVE = Words(version="5")
FIVE_PRO = Words(version="5", edition="Pro")
FIVE_STANDARD = Words(version="5", edition="Standard")
SIX = Words(version="6")


@pytest.mark.parametrize(
    ("wanted", "models", "meant", "candidates"),
    [
        pytest.param(FIVE, [], None, [], id="no model"),
        pytest.param(FIVE, [SIX], None, [], id="another version"),
        pytest.param(FIVE, [FIVE, SIX], FIVE, [FIVE], id="the version"),
        pytest.param(FIVE, [FIVE_PRO], FIVE_PRO, [FIVE_PRO], id="one that says more"),
        pytest.param(
            FIVE, [FIVE_PRO, FIVE_STANDARD], None, [FIVE_PRO, FIVE_STANDARD], id="several that do"
        ),
        pytest.param(
            FIVE, [FIVE_PRO, FIVE, FIVE_STANDARD], FIVE, [FIVE_PRO, FIVE, FIVE_STANDARD],
            id="of several the one in the same words",
        ),
        pytest.param(FIVE_PRO, [FIVE], None, [], id="one that says less"),
        pytest.param(ANY, [FIVE, SIX], None, [FIVE, SIX], id="any version"),
        pytest.param(
            Words(edition="PRO"), [FIVE_PRO, SIX], FIVE_PRO, [FIVE_PRO], id="whatever the case"
        ),
    ],
)  # fmt: skip
def test_a_part_means_the_model_in_its_words_else_the_only_one_that_has_them(
    wanted, models, meant, candidates
):
    found = fit(wanted, models)

    assert (found.model, list(found.candidates)) == (meant, candidates)
    assert found.is_open == (meant is None and bool(candidates))


@pytest.fixture
def company() -> Company:
    return CompanyFactory(name="Ex SA", code="EX")


@pytest.fixture
def ada(company: Company) -> User:
    return make_user(Role.ADMINISTRATOR, company)


@pytest.fixture
def acme() -> Any:
    return VendorFactory(name="Acme")


@pytest.fixture
def draw_it(acme: Any) -> Any:
    return ProductFactory(vendor=acme, name="DrawIt")


WORD = st.sampled_from(["", "5", "Pro", "PRO", "Ä", "ä"])
DESCRIBED = st.builds(Words, version=WORD, edition=WORD, platform=WORD, language=WORD)


def _key(words: Words) -> tuple[str, ...]:
    return tuple(getattr(words, name).lower() for name in ATTRIBUTES)


@pytest.mark.django_db
@given(wanted=DESCRIBED, models=st.lists(DESCRIBED, max_size=5, unique_by=_key))
@settings(max_examples=60, deadline=None)
def test_imports_find_by_sets_what_the_form_finds_for_one_part(wanted, models):
    product = ProductFactory()
    for words in models:
        SoftwareModelFactory(product=product, **{name: getattr(words, name) for name in ATTRIBUTES})
    part = PartFactory(
        vendor=product.vendor,
        product_name=product.name.upper(),
        **{name: getattr(wanted, name) for name in ATTRIBUTES},
    )

    found = models_of(part)

    assert _by_sets(part.number) == (
        found.model.pk if found.model else None,
        len(found.candidates),
    )


def _by_sets(number: str) -> tuple[int | None, int]:
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS staged_entitlement, part_model")
        cursor.execute(
            "CREATE TEMP TABLE staged_entitlement AS SELECT %s AS part, NULL::text AS publisher,"
            " NULL::text AS product, NULL::text AS software_model, NULL::text AS version,"
            " NULL::text AS edition, NULL::text AS platform, NULL::text AS language",
            [number],
        )
        planning.find_models()
        cursor.execute("SELECT model_id, models FROM part_model")
        return cursor.fetchone()


# A row that names nothing but the part.
BY_PART: Row = {
    "Publisher part number": "AC-100",
    "Publisher": None,
    "Product": None,
    "Purchased on": date(2026, 3, 1),
    "Purchased rights": 3,
}


@pytest.mark.django_db
def test_a_row_of_a_part_that_fits_several_models_is_refused_with_their_names(
    company, ada, acme, draw_it
):
    PartFactory(vendor=acme, number="AC-100", product_name="DrawIt")
    SoftwareModelFactory(product=draw_it, version="5", name="DrawIt 5")
    SoftwareModelFactory(product=draw_it, version="6", name="DrawIt 6")

    source = preview(company, licenses(BY_PART), ada)

    assert is_all(source, Outcome.REFUSED)
    assert reasons(source) == (
        "Several software models fit the part number AC-100: DrawIt 5, DrawIt 6. Name publisher,"
        " product and version in columns of their own."
    )


@pytest.mark.django_db
def test_a_row_that_names_the_version_beside_such_a_part_goes_in(company, ada, acme, draw_it):
    PartFactory(vendor=acme, number="AC-100", product_name="DrawIt")
    SoftwareModelFactory(product=draw_it, version="5", name="DrawIt 5")
    six = SoftwareModelFactory(product=draw_it, version="6", name="DrawIt 6")
    named = {**BY_PART, "Publisher": "Acme", "Product": "DrawIt", "Version": "6"}

    do_import(company, licenses(named), ada)

    assert Entitlement.objects.get().model == six


@pytest.mark.django_db
@pytest.mark.parametrize("product", [None, "drawit"])
def test_where_no_model_fits_one_is_made_as_the_part_describes_it(company, ada, acme, product):
    PartFactory(
        vendor=acme, number="AC-100", product_name="DrawIt", version="7", edition="Pro",
        product_type="freeware",
    )  # fmt: skip
    row = {**BY_PART, **({"Publisher": "Acme", "Product": product} if product else {})}

    source = preview(company, licenses(row), ada)

    assert source.figures["made"]["software model"]["number"] == 1
    confirm(source, ada)
    made = Entitlement.objects.get().model
    assert (made.version, made.edition, made.product_type) == ("7", "Pro", "freeware")
    assert made.product.vendor == acme


@pytest.mark.django_db
def test_where_no_model_fits_and_none_may_be_made_the_row_says_so(company, ada, acme):
    PartFactory(vendor=acme, number="AC-100", product_name="DrawIt", version="7")

    source = preview(company, licenses(BY_PART), ada, choices=Choices(makes=frozenset()))

    assert "Acme has no product DrawIt" in reasons(source)


@pytest.mark.django_db
def test_a_suite_that_is_bought_gets_the_models_of_its_components_from_the_library(
    company, ada, acme, draw_it
):
    suite = PartFactory(vendor=acme, number="AC-100", product_name="Studio", is_suite=True)
    SuiteComponentFactory(part=suite, product_name="DrawIt", version="5")
    SuiteComponentFactory(part=suite, product_name="PaintIt", version="2")
    drawing = SoftwareModelFactory(product=draw_it, version="5", name="DrawIt 5")

    source = do_import(company, licenses(BY_PART), ada)

    bought = Entitlement.objects.get().model
    painting = SoftwareModel.objects.get(product__name="PaintIt")
    assert set(bought.suite_parts.values_list("component", flat=True)) == {drawing.pk, painting.pk}
    assert painting.version == "2"
    assert is_all(preview(company, licenses(BY_PART), ada), Outcome.UNCHANGED)
    undo(source, ada)
    assert not SuitePart.objects.exists()
    assert SoftwareModel.objects.get() == drawing


@pytest.mark.django_db
def test_a_part_of_another_product_than_the_row_names_is_warned_of(company, ada, acme):
    PartFactory(vendor=acme, number="AC-100", product_name="PaintIt")

    source = do_import(company, licenses({**LICENSE, "Publisher part number": "AC-100"}), ada)

    assert outcomes(source) == ["new"]
    assert source.figures["warnings"] == [
        "The part number is of another publisher or product than the software model: row 2."
    ]


@pytest.mark.django_db
def test_an_example_is_told_from_what_is_sold_and_history_knows_who_changed_a_part(acme):
    part = PartFactory(vendor=acme, number="AC-100", product_name="DrawIt", is_example=True)

    with acting(None, "The publisher renamed it"):
        part.product_name = "DrawIt Studio"
        part.save()

    latest = part.history.first()
    assert (latest.product_name, latest.history_change_reason) == (
        "DrawIt Studio",
        "The publisher renamed it",
    )
