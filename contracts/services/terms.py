"""
The terms of contracts: entered, renewed, given notice of, and rolled on.

What renews itself is written as terms by a job, rather than computed wherever a date is shown: a
contract's dates are those of its terms, by which lists sort and filter in the database, each term
has its own value and notice, and its history says when it began. The job does all that is due,
however long it did not run, and a second time it finds nothing to do.
"""

from collections.abc import Iterable
from datetime import date

from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef

from accounts.models import User
from common.acting import acting
from common.shown import day_text
from contracts.dates import AT_REST
from contracts.models import Contract, ContractTerm, Renewal
from contracts.renewal import MOST_TERMS_AHEAD, Term, end_by_notice, next_term, terms_begun

RENEWED_ITSELF = "Renewed by itself, as its terms say"


class TermRefused(Exception):
    """A term cannot be recorded so. ``field`` is the one beside which the message belongs."""

    def __init__(self, message: str, *, field: str = "") -> None:
        super().__init__(message)
        self.field = field


class NoticeRefused(TermRefused):
    """Notice cannot be given, or withdrawn, so."""


def save_term(term: ContractTerm, *, by: User, reason: str) -> ContractTerm:
    """
    Record a term of a contract, or what was changed on one.

    :raises TermRefused: where it overlaps another term of the contract
    """
    usual = "Changed by hand" if term.pk else "Entered by hand"
    with acting(by, reason or usual):
        _lock_contract(term.contract_id)
        _write(term)
    return term


def proposed_term(contract: Contract) -> ContractTerm | None:
    """The term by which a contract would be renewed, not saved; None where nothing can follow."""
    last = _last_term(contract.pk)
    following = next_term(last.by_rules) if last else None
    return _following(last, following) if last and following else None


def renew_contract(term: ContractTerm, *, by: User, reason: str) -> ContractTerm:
    """
    Add the next term to a contract; the ones before it stay as they are.

    :param term: the new one, which may differ from ``proposed_term``
    :raises TermRefused: where notice was given, or it does not come after the last term
    """
    with acting(by, reason or "Renewed by hand"):
        _lock_contract(term.contract_id)
        last = _last_term(term.contract_id)
        if last is None or last.ends_on is None:
            raise TermRefused("The contract has no end after which a term could follow.")
        if last.notice_given_on is not None:
            raise TermRefused(
                f"Notice was given on {day_text(last.notice_given_on)}."
                " Withdraw it before you renew."
            )
        if term.starts_on <= last.ends_on:
            raise TermRefused(
                f"The last term runs until {day_text(last.ends_on)}: the next one begins after it.",
                field="starts_on",
            )
        _write(term)
    return term


def give_notice(
    *, contract: Contract, given_on: date, ends_on: date, by: User, reason: str
) -> ContractTerm:
    """
    Record that notice was given: the contract ends, and nothing follows.

    Where it holds for the end of a term that has yet to follow by itself, that term is written.

    :param given_on: the day the other party was told
    :param ends_on: the last day, which counts
    :returns: the last term
    :raises NoticeRefused: where it was given before, or the days do not fit
    """
    with acting(by, reason or "Notice was given"):
        _lock_contract(contract.pk)
        last = _last_term(contract.pk)
        if last is None:
            raise NoticeRefused("The contract has no term yet that could end.")
        if last.notice_given_on is not None:
            raise NoticeRefused(f"Notice was given on {day_text(last.notice_given_on)} already.")
        last = _write_until(last, ends_on)
        _demand_fitting(last, given_on, ends_on)
        last.notice_given_on, last.ends_on = given_on, ends_on
        last.save(update_fields=["notice_given_on", "ends_on"])
    return last


def proposed_end(contract: Contract, given_on: date) -> date | None:
    """The last day of a contract whose notice is given on a day, as its last term says."""
    last = _last_term(contract.pk)
    return end_by_notice(last.by_rules, given_on) if last else None


def withdraw_notice(*, contract: Contract, by: User, reason: str) -> ContractTerm:
    """
    Record that the contract goes on as if no notice had been given, with the end it had before.

    Where the term was changed since, its end stays as it is.

    :raises NoticeRefused: where none was given
    """
    with acting(by, reason or "Notice was withdrawn"):
        _lock_contract(contract.pk)
        last = _last_term(contract.pk)
        if last is None or last.notice_given_on is None:
            raise NoticeRefused("No notice was given that could be withdrawn.")
        last.notice_given_on, last.ends_on = None, _end_before_notice(last)
        last.save(update_fields=["notice_given_on", "ends_on"])
    return last


def _end_before_notice(term: ContractTerm) -> date | None:
    noticed, *before = term.history.all()[:2]
    is_untouched_since = before and before[0].notice_given_on is None
    former: date | None = before[0].ends_on if is_untouched_since else noticed.ends_on
    return former


def roll_on(*, day: date) -> int:
    """
    Write the terms that have begun by themselves by a day, of all contracts.

    :returns: how many terms were written
    """
    with acting(None, RENEWED_ITSELF):
        ended = list(_ended_to_roll_on(day))
        # In key order, and looked at again once nobody else can add a term.
        locked = Contract.objects.filter(pk__in=[term.contract_id for term in ended])
        list(locked.select_for_update(no_key=True).order_by("pk"))
        begun = [
            _following(term, following)
            for term in _ended_to_roll_on(day)
            for following in terms_begun(term.by_rules, day)
        ]
        ContractTerm.objects.bulk_create(begun)
    return len(begun)


def _ended_to_roll_on(day: date) -> Iterable[ContractTerm]:
    later = ContractTerm.objects.filter(
        contract=OuterRef("contract"), starts_on__gt=OuterRef("starts_on")
    )
    return ContractTerm.objects.filter(
        ~Exists(later), renewal=Renewal.AUTOMATIC, notice_given_on=None, ends_on__lt=day
    ).exclude(contract__status_by_hand__in=AT_REST)


def _lock_contract(contract_id: int) -> None:
    """Let nobody else change the terms of a contract until the transaction ends."""
    Contract.objects.select_for_update(no_key=True).get(pk=contract_id)


def _last_term(contract_id: int) -> ContractTerm | None:
    return ContractTerm.objects.filter(contract=contract_id).order_by("starts_on").last()


def _write(term: ContractTerm) -> None:
    term.company_id = term.contract.company_id
    try:
        with transaction.atomic():
            term.save()
    except IntegrityError as error:
        if "contract_terms_do_not_overlap" not in str(error):
            raise
        raise TermRefused(
            f"Another term covers days from {day_text(term.starts_on)} on."
            " Look at the contract's terms.",
            field="starts_on",
        ) from error


def _write_until(last: ContractTerm, ends_on: date) -> ContractTerm:
    """Write the terms that follow by themselves up to the one that holds a day; that one."""
    begun = terms_begun(last.by_rules, ends_on, most=MOST_TERMS_AHEAD + 1)
    if len(begun) > MOST_TERMS_AHEAD:
        raise NoticeRefused(
            f"By {ends_on} it would renew itself more than {MOST_TERMS_AHEAD} times."
            " Is the year right?",
            field="ends_on",
        )
    written = ContractTerm.objects.bulk_create(_following(last, following) for following in begun)
    return written[-1] if written else last


def _following(before: ContractTerm, term: Term) -> ContractTerm:
    """A term as a record: with the value and the rules of the one before it."""
    return ContractTerm(
        contract_id=before.contract_id,
        company_id=before.company_id,
        starts_on=term.starts_on,
        ends_on=term.ends_on,
        value=before.value,
        currency=before.currency,
        notice_length=before.notice_length,
        notice_unit=before.notice_unit,
        renewal=before.renewal,
        renewal_length=before.renewal_length,
        renewal_unit=before.renewal_unit,
        anchor_day=before.anchor_day,
    )


def _demand_fitting(last: ContractTerm, given_on: date, ends_on: date) -> None:
    if ends_on < last.starts_on:
        raise NoticeRefused(
            f"The last term begins on {day_text(last.starts_on)}: it cannot end before that.",
            field="ends_on",
        )
    if given_on > ends_on:
        raise NoticeRefused(
            f"Notice is given by the last day, {day_text(ends_on)};"
            f" {day_text(given_on)} is after it.",
            field="given_on",
        )
