"""Rules of discovery: made, tried out, withdrawn, and what titles and counts make of them."""

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Company, User
from allocation.recount import differences
from common.locks import COMPANY_LOCKS, CompanyIsBusy
from contracts.models import DiscoveryMap, Product, SoftwareModel
from contracts.services.catalogue import NewModel
from deployments.matching import RULE_LOCKS, RulesAreInUse
from deployments.models import Deployment, DiscoveredSoftware
from deployments.services import RuleRefused, add_rule, preview_rule, withdraw_rule
from tests.allocation.processes import execute, other_transaction
from tests.deployments.inventories import Inventories, installation, model_of
from tests.factories import CompanyFactory, UserFactory

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def company(inventories: Inventories) -> Company:
    company = CompanyFactory()
    inventories.load(
        company,
        installation("PC-1", "DrawIt 5", version="5.1"),
        installation("PC-2", "DrawIt 6", version="6.0"),
        installation("PC-2", "TextIt"),
    )
    return company


@pytest.fixture
def person() -> User:
    return UserFactory()


def met() -> dict[str, str | None]:
    """The software model of each title."""
    return dict(DiscoveredSoftware.objects.values_list("name", "model__name").order_by("name"))


def installs_of(product: str) -> int:
    return Deployment.objects.get(product__name=product).installs


def test_a_rule_matches_what_was_found_and_counts_it(company: Company, person: User) -> None:
    add_rule(DiscoveryMap(name="DrawIt*", model=model_of("DrawIt")), by=person)

    assert met() == {"DrawIt 5": "DrawIt", "DrawIt 6": "DrawIt", "TextIt": None}
    assert installs_of("DrawIt") == 2


def test_a_more_specific_rule_takes_its_titles_from_the_other(
    company: Company, person: User
) -> None:
    add_rule(DiscoveryMap(name="DrawIt*", model=model_of("DrawIt")), by=person)

    add_rule(DiscoveryMap(name="DrawIt 5", model=model_of("DrawIt Classic")), by=person)

    assert installs_of("DrawIt") == 1
    assert installs_of("DrawIt Classic") == 1


def test_a_less_specific_rule_leaves_titles_where_they_are(company: Company, person: User) -> None:
    add_rule(DiscoveryMap(name="DrawIt 5", model=model_of("DrawIt Classic")), by=person)

    add_rule(DiscoveryMap(name="*", model=model_of("Anything")), by=person)

    assert installs_of("DrawIt Classic") == 1
    assert met()["TextIt"] == "Anything"


def test_withdrawn_its_titles_fall_back_to_the_next_rule_or_none(
    company: Company, person: User
) -> None:
    add_rule(DiscoveryMap(name="DrawIt*", model=model_of("DrawIt")), by=person)
    specific = add_rule(DiscoveryMap(name="DrawIt 5", model=model_of("DrawIt Classic")), by=person)
    text = add_rule(DiscoveryMap(name="TextIt", model=model_of("TextIt")), by=person)

    withdraw_rule(specific, by=person, reason="It was wrong")
    withdraw_rule(text, by=person, reason="It was wrong")

    assert met()["DrawIt 5"] == "DrawIt"
    assert met()["TextIt"] is None
    assert (installs_of("DrawIt"), installs_of("DrawIt Classic"), installs_of("TextIt")) == (
        2,
        0,
        0,
    )
    assert specific.history.latest().history_change_reason == "It was wrong"


def test_a_rule_without_model_leaves_titles_out_of_all_counts(
    company: Company, person: User
) -> None:
    add_rule(DiscoveryMap(name="DrawIt*", model=model_of("DrawIt")), by=person)

    add_rule(DiscoveryMap(name="DrawIt 5"), by=person)

    assert installs_of("DrawIt") == 1


def test_titles_that_are_found_later_meet_the_rules(
    inventories: Inventories, company: Company, person: User
) -> None:
    add_rule(DiscoveryMap(name="drawit*", model=model_of("DrawIt")), by=person)

    inventories.load(company, installation("PC-3", "DrawIt 7"))

    assert installs_of("DrawIt") == 3


def test_a_rule_may_bring_its_model_into_the_catalogue(company: Company, person: User) -> None:
    new = NewModel(vendor="Acme", product="DrawIt", version="5")

    rule = add_rule(DiscoveryMap(name="DrawIt 5"), new_model=new, by=person)

    assert str(rule.model) == "DrawIt 5"
    assert rule.model.product.vendor.name == "Acme"


def test_a_preview_tells_what_would_move_and_writes_nothing(company: Company, person: User) -> None:
    add_rule(DiscoveryMap(name="DrawIt 5", model=model_of("DrawIt Classic")), by=person)
    new = NewModel(vendor="Acme", product="DrawIt")

    preview = preview_rule(
        DiscoveryMap(name="DrawIt*"), new_model=new, companies=[company.pk], by=person
    )

    assert (preview.titles, preview.kept) == (1, 1)
    assert [str(title) for title in preview.shown] == ["DrawIt 6 6.0"]
    (move,) = preview.moves
    assert (move.product.name, move.before.installs, move.after.installs) == ("DrawIt", 0, 1)
    assert not Product.objects.filter(name="DrawIt").exists()
    assert DiscoveryMap.objects.count() == 1


def test_a_preview_looks_only_into_the_companies_it_is_given(
    company: Company, person: User
) -> None:
    preview = preview_rule(
        DiscoveryMap(name="*", model=model_of("DrawIt")),
        companies=[CompanyFactory().pk],
        by=person,
    )

    assert preview.titles == 0


def test_the_same_patterns_are_in_force_once(company: Company, person: User) -> None:
    add_rule(DiscoveryMap(name="DrawIt*", model=model_of("DrawIt")), by=person)

    with pytest.raises(RuleRefused, match="Withdraw that one first"):
        add_rule(DiscoveryMap(name="drawit*", model=model_of("TextIt")), by=person)


def test_a_rule_is_withdrawn_once(company: Company, person: User) -> None:
    rule = add_rule(DiscoveryMap(name="DrawIt*", model=model_of("DrawIt")), by=person)
    withdraw_rule(rule, by=person, reason="")

    with pytest.raises(RuleRefused, match="withdrawn already"):
        withdraw_rule(rule, by=person, reason="")


def test_rules_do_not_change_while_an_inventory_is_imported(company: Company, person: User) -> None:
    with other_transaction() as importing:
        execute(importing, "SELECT pg_advisory_xact_lock_shared(%s, 0)", RULE_LOCKS)

        with pytest.raises(RulesAreInUse, match="An inventory is being imported"):
            add_rule(DiscoveryMap(name="DrawIt*", model=model_of("DrawIt")), by=person)

    assert not DiscoveryMap.objects.exists()


def test_rules_do_not_change_while_a_company_concerned_is_rewritten(
    company: Company, person: User
) -> None:
    with other_transaction() as consolidating:
        execute(consolidating, "SELECT pg_advisory_xact_lock(%s, %s)", COMPANY_LOCKS, company.pk)

        with pytest.raises(CompanyIsBusy):
            add_rule(DiscoveryMap(name="DrawIt*", model=model_of("DrawIt")), by=person)

    assert not DiscoveryMap.objects.exists()


# --- What rules lead to ---


def moved(model: SoftwareModel, product: Product) -> list[str]:
    """What a superuser who moves a model to a product in the administration is told."""
    root = Client()
    root.force_login(UserFactory(is_superuser=True))
    answered = root.post(
        reverse("admin:contracts_softwaremodel_change", args=[model.pk]),
        {"product": product.pk, "version": "5", "product_type": model.product_type},
        follow=True,
    )
    return [str(message) for message in answered.context["messages"]]


def test_a_model_moved_to_another_product_takes_what_was_found_along(
    company: Company, person: User
) -> None:
    drawn = model_of("DrawIt")
    add_rule(DiscoveryMap(name="DrawIt*", model=drawn), by=person)

    moved(drawn, model_of("Paint").product)

    assert installs_of("DrawIt") == 0
    assert installs_of("Paint") == 2
    assert list(differences(company, timezone.localdate())) == []


def test_a_model_is_not_moved_while_an_inventory_is_imported(
    company: Company, person: User
) -> None:
    drawn = model_of("DrawIt")
    add_rule(DiscoveryMap(name="DrawIt*", model=drawn), by=person)
    with other_transaction() as importing:
        execute(importing, "SELECT pg_advisory_xact_lock_shared(%s, 0)", RULE_LOCKS)

        told = moved(drawn, model_of("Paint").product)

    assert any("An inventory is being imported" in message for message in told)
    assert SoftwareModel.objects.get(pk=drawn.pk).product.name == "DrawIt"
