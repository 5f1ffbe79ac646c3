"""What is done to the terms of a contract: renewed, given notice of, rolled on."""

import threading
from datetime import date
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, connection

from accounts.models import User
from accounts.roles import Role
from common.acting import acting
from contracts.dates import ContractStatus
from contracts.models import Contract, ContractTerm, LengthUnit, Renewal
from contracts.services import (
    IsItsOwnPart,
    NoticeRefused,
    NumberIsTaken,
    TermRefused,
    give_notice,
    proposed_end,
    proposed_term,
    renew_contract,
    roll_on,
    save_contract,
    save_term,
    withdraw_notice,
)
from tests.factories import ContractFactory, ContractTermFactory, make_user

pytestmark = pytest.mark.django_db

YEAR = {"renewal": Renewal.AUTOMATIC, "renewal_length": 12}
NOTICE = {"notice_length": 3, "notice_unit": LengthUnit.MONTHS}


def day(text: str) -> date:
    return date.fromisoformat(text)


@pytest.fixture
def contract() -> Contract:
    return ContractFactory(name="Select Plus", number="MS-1")


@pytest.fixture
def by(contract: Contract) -> User:
    return make_user(Role.LICENSE_MANAGER, contract.company)


def term_of(contract: Contract, **fields: Any) -> ContractTerm:
    """A term of the year 2026."""
    return ContractTermFactory(contract=contract, **fields)


def spans(contract: Contract) -> list[tuple[str, str]]:
    terms = contract.terms.order_by("starts_on")
    return [(str(term.starts_on), str(term.ends_on)) for term in terms]


def status(contract: Contract, on: str) -> ContractStatus:
    return Contract.objects.with_dates().get(pk=contract.pk).status(day(on))


# --- Renewing ---


def test_renewing_adds_the_next_term_and_keeps_the_old(contract: Contract, by: User) -> None:
    old = term_of(contract, value=1200, currency="EUR", **NOTICE)
    proposed = proposed_term(contract)
    assert proposed is not None

    renew_contract(proposed, by=by, reason="Signed")

    assert spans(contract) == [("2026-01-01", "2026-12-31"), ("2027-01-01", "2027-12-31")]
    new = contract.terms.get(starts_on=day("2027-01-01"))
    assert (new.value, new.currency, new.by_rules.notice) == (1200, "EUR", old.by_rules.notice)
    assert old.history.count() == 1
    assert new.history.get().history_change_reason == "Signed"


def test_a_contract_is_renewed_once_by_two_who_press_at_once(contract: Contract, by: User) -> None:
    term_of(contract)
    first, second = proposed_term(contract), proposed_term(contract)
    assert first is not None
    assert second is not None
    renew_contract(first, by=by, reason="")

    with pytest.raises(TermRefused, match="runs until 31 Dec 2027") as refused:
        renew_contract(second, by=by, reason="")

    assert refused.value.field == "starts_on"
    assert contract.terms.count() == 2


@pytest.mark.parametrize(
    "terms",
    [pytest.param([], id="no term"), pytest.param([{"ends_on": None}], id="an endless one")],
)
def test_nothing_is_proposed_after_what_has_no_end(
    contract: Contract, terms: list[dict[str, Any]]
) -> None:
    for fields in terms:
        term_of(contract, **fields)

    assert proposed_term(contract) is None


def test_a_term_that_overlaps_another_is_refused_with_a_sentence(
    contract: Contract, by: User
) -> None:
    term_of(contract)
    other = ContractTerm(contract=contract, starts_on=day("2026-12-31"), ends_on=day("2027-06-30"))

    with pytest.raises(TermRefused, match="Another term covers days from 31 Dec 2026 on"):
        save_term(other, by=by, reason="")

    assert contract.terms.count() == 1


# --- Notice ---


def test_notice_ends_the_contract_with_its_term_and_cancels_it(
    contract: Contract, by: User
) -> None:
    term_of(contract, **YEAR, **NOTICE)

    give_notice(
        contract=contract,
        given_on=day("2026-09-01"),
        ends_on=day("2026-12-31"),
        by=by,
        reason="Too dear",
    )

    roll_on(day=day("2027-06-01"))
    assert spans(contract) == [("2026-01-01", "2026-12-31")]
    assert status(contract, "2026-12-31") == ContractStatus.ACTIVE
    assert status(contract, "2027-01-01") == ContractStatus.CANCELLED
    told = contract.terms.get().history.first()
    assert (told.history_user_id, told.history_change_reason) == (by.pk, "Too dear")


@pytest.mark.parametrize(
    ("given_on", "ends_on"),
    [
        pytest.param("2026-09-30", "2026-12-31", id="on the last day for it"),
        pytest.param("2026-10-01", "2027-12-31", id="a day too late"),
        pytest.param("2028-10-01", "2029-12-31", id="years later"),
    ],
)
def test_the_end_that_notice_leads_to_depends_on_when_it_is_given(
    contract: Contract, given_on: str, ends_on: str
) -> None:
    term_of(contract, **YEAR, **NOTICE)

    assert proposed_end(contract, day(given_on)) == day(ends_on)


def test_notice_of_an_endless_term_ends_it_after_the_notice_period(
    contract: Contract, by: User
) -> None:
    term_of(contract, ends_on=None, **NOTICE)
    end = proposed_end(contract, day("2026-05-15"))
    assert end == day("2026-08-15")

    give_notice(contract=contract, given_on=day("2026-05-15"), ends_on=end, by=by, reason="")

    assert spans(contract) == [("2026-01-01", "2026-08-15")]


def test_late_notice_writes_the_term_that_still_follows(contract: Contract, by: User) -> None:
    term_of(contract, **YEAR, **NOTICE)

    give_notice(
        contract=contract, given_on=day("2026-11-01"), ends_on=day("2027-12-31"), by=by, reason=""
    )

    assert spans(contract) == [("2026-01-01", "2026-12-31"), ("2027-01-01", "2027-12-31")]
    assert contract.terms.get(notice_given_on__isnull=False).ends_on == day("2027-12-31")
    assert roll_on(day=day("2028-03-01")) == 0


@pytest.mark.parametrize(
    ("given_on", "ends_on", "said", "field"),
    [
        pytest.param("2026-05-01", "2025-12-31", "begins on 1 Jan 2026", "ends_on", id="too soon"),
        pytest.param("2026-05-01", "2026-04-30", "by the last day", "given_on", id="after it"),
    ],
)
def test_notice_whose_days_do_not_fit_is_refused(
    contract: Contract, by: User, given_on: str, ends_on: str, said: str, field: str
) -> None:
    term_of(contract)

    with pytest.raises(NoticeRefused, match=said) as refused:
        give_notice(
            contract=contract, given_on=day(given_on), ends_on=day(ends_on), by=by, reason=""
        )

    assert refused.value.field == field
    assert contract.terms.get().notice_given_on is None


def test_notice_is_given_once_and_bars_renewal_until_it_is_withdrawn(
    contract: Contract, by: User
) -> None:
    term_of(contract)
    days = {"given_on": day("2026-05-01"), "ends_on": day("2026-12-31")}
    proposed = proposed_term(contract)
    assert proposed is not None
    give_notice(contract=contract, by=by, reason="", **days)

    with pytest.raises(NoticeRefused, match="given on 1 May 2026 already"):
        give_notice(contract=contract, by=by, reason="", **days)
    with pytest.raises(TermRefused, match="Withdraw it before you renew"):
        renew_contract(proposed, by=by, reason="")
    withdraw_notice(contract=contract, by=by, reason="We stay")
    renew_contract(proposed, by=by, reason="")

    assert contract.terms.count() == 2
    with pytest.raises(NoticeRefused, match="No notice was given"):
        withdraw_notice(contract=contract, by=by, reason="")


@pytest.mark.parametrize(
    "before",
    [
        pytest.param({"ends_on": None}, id="endless"),
        pytest.param({"ends_on": date(2027, 6, 30)}, id="later than the notice led to"),
        pytest.param({"ends_on": date(2026, 12, 31)}, id="the same"),
    ],
)
def test_what_goes_on_after_all_has_the_end_it_had_before_the_notice(
    contract: Contract, by: User, before: dict[str, Any]
) -> None:
    term_of(contract, **before, **NOTICE)
    give_notice(
        contract=contract, given_on=day("2026-05-01"), ends_on=day("2026-12-31"), by=by, reason=""
    )

    withdraw_notice(contract=contract, by=by, reason="We stay")

    assert contract.terms.get().ends_on == before["ends_on"]


def test_an_end_that_was_changed_since_the_notice_stays_when_it_is_withdrawn(
    contract: Contract, by: User
) -> None:
    term_of(contract, ends_on=None, **NOTICE)
    last = give_notice(
        contract=contract, given_on=day("2026-05-01"), ends_on=day("2026-12-31"), by=by, reason=""
    )
    last.ends_on = day("2027-01-31")
    save_term(last, by=by, reason="They gave us another month")

    withdraw_notice(contract=contract, by=by, reason="We stay")

    assert contract.terms.get().ends_on == day("2027-01-31")


def test_notice_for_an_end_after_far_too_many_renewals_is_refused_and_writes_none(
    contract: Contract, by: User
) -> None:
    term_of(contract, renewal=Renewal.AUTOMATIC, renewal_length=1)

    with pytest.raises(NoticeRefused, match=r"By 2926-12-31 .* more than 120 times") as refused:
        give_notice(
            contract=contract,
            given_on=day("2026-05-01"),
            ends_on=day("2926-12-31"),
            by=by,
            reason="",
        )

    assert refused.value.field == "ends_on"
    assert contract.terms.count() == 1


def test_no_end_is_proposed_where_no_renewal_within_reach_leaves_time_for_notice(
    contract: Contract,
) -> None:
    week = {"renewal_length": 7, "renewal_unit": LengthUnit.DAYS}
    term_of(contract, renewal=Renewal.AUTOMATIC, notice_length=9999, **week)

    assert proposed_end(contract, day("2026-05-01")) is None


# --- Rolling on ---


def test_what_renews_itself_rolls_on_however_long_the_job_was_down(contract: Contract) -> None:
    term_of(contract, value=10, currency="EUR", **YEAR)

    written = roll_on(day=day("2029-03-01"))

    assert written == 3
    assert spans(contract)[-1] == ("2029-01-01", "2029-12-31")
    told = contract.terms.last().history.get()
    assert told.history_user_id is None
    assert told.history_change_reason == "Renewed by itself, as its terms say"


def test_a_second_run_of_the_job_finds_nothing_to_do(contract: Contract) -> None:
    term_of(contract, **YEAR)
    roll_on(day=day("2027-01-01"))

    assert roll_on(day=day("2027-01-01")) == 0
    assert contract.terms.count() == 2


@pytest.mark.parametrize(
    ("of_contract", "of_term"),
    [
        pytest.param({}, {"renewal": Renewal.NONE}, id="it ends"),
        pytest.param({}, {"renewal": Renewal.MANUAL}, id="a person decides"),
        pytest.param({}, {**YEAR, "notice_given_on": date(2026, 5, 1)}, id="notice was given"),
        pytest.param({}, {**YEAR, "ends_on": date(2027, 3, 31)}, id="it has not ended"),
        pytest.param({"status_by_hand": "cancelled"}, YEAR, id="cancelled by hand"),
    ],
)
def test_nothing_else_rolls_on(of_contract: dict[str, Any], of_term: dict[str, Any]) -> None:
    contract = ContractFactory(**of_contract)
    term_of(contract, **of_term)

    assert roll_on(day=day("2027-01-01")) == 0


def test_a_contract_whose_next_term_was_recorded_does_not_roll_on(contract: Contract) -> None:
    term_of(contract, **YEAR)
    term_of(contract, starts_on=day("2027-02-01"), ends_on=day("2027-02-28"))

    assert roll_on(day=day("2027-01-15")) == 0


@pytest.mark.django_db(transaction=True)
def test_two_workers_roll_a_contract_on_once(contract: Contract) -> None:
    term_of(contract, **YEAR)
    written: list[int] = []

    def roll() -> None:
        try:
            written.append(roll_on(day=day("2027-06-01")))
        finally:
            connection.close()

    workers = [threading.Thread(target=roll) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()

    assert sorted(written) == [0, 1]
    assert contract.terms.count() == 2


# --- Parents ---


def test_a_contract_is_never_part_of_its_own_parts(by: User) -> None:
    top = ContractFactory(company=by.memberships.get().company, name="Top")
    middle = ContractFactory(company=top.company, parent=top, name="Middle")
    bottom = ContractFactory(company=top.company, parent=middle, name="Bottom")
    top.parent = bottom

    with pytest.raises(IsItsOwnPart, match=r"Bottom .* is part of Top itself"):
        save_contract(top, by=by, reason="")

    assert not Contract.objects.filter(pk=top.pk).exclude(parent=None).exists()


def test_of_two_who_give_the_same_number_at_once_the_second_is_told(
    contract: Contract, by: User
) -> None:
    second = Contract(
        company=contract.company,
        number="MS-1",
        name="Second",
        type=contract.type,
        vendor=contract.vendor,
    )

    with pytest.raises(NumberIsTaken, match="with the number “MS-1” already") as refused:
        save_contract(second, by=by, reason="")

    assert refused.value.field == "number"
    assert Contract.objects.get() == contract


def test_no_other_way_to_write_closes_a_circle_either(by: User) -> None:
    top = ContractFactory(company=by.memberships.get().company)
    middle = ContractFactory(company=top.company, parent=top)
    bottom = ContractFactory(company=top.company, parent=middle)

    with (
        pytest.raises(IntegrityError, match="would stand above itself"),
        acting(None, "Imported"),
    ):
        Contract.objects.filter(pk=top.pk).update(parent=bottom)

    assert Contract.objects.get(pk=top.pk).parent_id is None


@pytest.mark.django_db(transaction=True)
def test_two_people_close_no_circle_together(by: User) -> None:
    one, other = ContractFactory.create_batch(2, company=by.memberships.get().company)
    begun = threading.Barrier(2)
    refused: list[str] = []

    def put_under(contract: Contract, parent: Contract) -> None:
        try:
            with acting(None, "Imported"):
                Contract.objects.filter(pk=contract.pk).update(notes="Held")
                begun.wait(timeout=10)
                Contract.objects.filter(pk=contract.pk).update(parent=parent)
        except DatabaseError as error:
            refused.append(str(error))
        finally:
            connection.close()

    people = [
        threading.Thread(target=put_under, args=pair) for pair in ((one, other), (other, one))
    ]
    for person in people:
        person.start()
    for person in people:
        person.join()

    assert len(refused) == 1
    assert Contract.objects.exclude(parent=None).count() == 1
