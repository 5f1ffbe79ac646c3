"""Loads the demo: three companies, what they own, and two years of consolidate over it."""

from collections.abc import Callable
from datetime import date
from random import Random

from django.db import connection
from django.utils import timezone

from common.acting import acting
from contracts.models import Contract
from demo.agreements import keep_agreements
from demo.environment import Environment, make_rules
from demo.examples import Examples
from demo.keys import paste_keys
from demo.organisation import (
    USERS,
    Household,
    giving_passwords,
    make_households,
    make_users,
    make_vendors,
)
from demo.purchases import CONTRACTS_OF_COMPANY, LICENSES_OF_COMPANY, Buyer
from demo.story import tell_story
from demo.titles import make_titles
from demo.uses import Uses, link_the_example
from entitlements.models import Entitlement
from entitlements.services import keep_purchase_lines

__all__ = ["USERS", "load_demo"]

RETURNS_OF_COMPANY = 16


def load_demo(
    *, today: date | None = None, say: Callable[[str], None] = lambda message: None
) -> None:
    """
    Fill an empty database. The same day gives the same records.

    :param today: the day the demo is for; this day, where it is not given
    :param say: is told what is being done
    """
    today = today or timezone.localdate()
    random = Random(2026)
    with acting(None, "Loaded with the demo"), giving_passwords():
        users = make_users()
        vendors = make_vendors()
        titles, of_examples = make_titles(vendors)
        households = make_households(users, random)
        for number, household in enumerate(households):
            buyer = Buyer(household, vendors, today, random)
            buyer.sign_contracts(CONTRACTS_OF_COMPANY[number], titles)
            bundles = buyer.buy_licenses(LICENSES_OF_COMPANY[number], titles)
            positions = buyer.buy_maintenance(bundles)
            buyer.give_back(RETURNS_OF_COMPANY, positions)
            if household is households[0]:
                assurance = buyer.definitions[0]
                examples = Examples(household.company, assurance, of_examples, today)
                examples.make(vendors["Microsoft"])
        of_environment = [of_examples["365 Apps"], of_examples["Office"]]
        rules = make_rules([*titles, *of_environment])
        for household in households:
            found = Environment(household, rules, today, random)
            found.find(titles, of_environment if household is households[0] else [])
        _refresh_statistics()
        say("Consolidating two years, month by month …")
        for household in households:
            manager = users["jonas" if household.company.code == "BRUECK" else "mira"]
            tell_story(household, manager, today, random)
            paste_keys(household, manager, random)
            Uses(household, manager, today, random).make()
            _keep_purchases(household)
        linked = Entitlement.objects.get(company=households[0].company, asset_tag="M365-E5")
        link_the_example(linked, users["mira"], today)
        keep_agreements(Contract.objects.get(number="MS-EA-2026"), users["mira"], today)


def _keep_purchases(household: Household) -> None:
    """Each purchase among the expenses, as where a person enters it."""
    bought = Entitlement.objects.filter(company=household.company)
    keep_purchase_lines(household.company.pk, list(bought.values_list("pk", flat=True)))


def _refresh_statistics() -> None:
    """Else the runs are planned for the empty tables of a moment ago."""
    with connection.cursor() as cursor:
        cursor.execute(
            "ANALYZE entitlements_entitlement, allocation_allocation, deployments_installation"
        )
