"""What administrators do to the people of a company."""

from accounts.models import Company, Person, User
from common.acting import acting
from common.locks import hold_shared
from common.trees import closes_a_circle


class IsTheirOwnManager(Exception):
    """A person cannot be managed by somebody whom they manage; the message names both."""


def save_person(person: Person, *, by: User, reason: str) -> Person:
    """
    Record a new person, or what was changed of one.

    :param reason: what the history is to say; a usual sentence where it is empty
    :raises IsTheirOwnManager: where the manager reports to the person, directly or through others
    :raises CompanyIsBusy: while something rewrites the company
    """
    usual = "Changed by hand" if person.pk else "Entered by hand"
    with acting(by, reason or usual):
        hold_shared(person.company_id)
        if person.pk and person.manager_id:
            _demand_no_circle(person)
        person.save()
    return person


def _demand_no_circle(person: Person) -> None:
    # One at a time in a company: two people could close a circle together, each with half of it.
    Company.objects.select_for_update(no_key=True).get(pk=person.company_id)
    managed = Person.objects.filter(company=person.company_id).exclude(manager=None)
    managers = dict(managed.values_list("pk", "manager_id"))
    if closes_a_circle(person.pk, person.manager_id, managers):
        raise IsTheirOwnManager(
            f"{person.manager} reports to {person.name}, directly or through others."
            " Choose a manager who does not."
        )
