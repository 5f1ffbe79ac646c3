"""Reminders of ends: which come due, who gets them, by mail and on the home page, each once."""

from collections.abc import Callable
from datetime import date, timedelta
from email.message import Message
from smtplib import SMTPRecipientsRefused, SMTPServerDisconnected
from typing import Any
from unittest.mock import patch

import pytest
from django.core import mail
from django.core.mail import EmailMultiAlternatives
from django.test import Client
from django.utils import timezone

from accounts.models import Company, User
from accounts.roles import Role
from common.acting import acting
from contracts.models import Contract, RemindedMember, Reminder, Renewal, SentReminder
from contracts.services import (
    NotReminded,
    mail_reminders,
    proposed_term,
    record_due_reminders,
    renew_contract,
    set_reminder,
)
from contracts.tasks import follow_dates
from tests.factories import (
    CompanyFactory,
    ContractFactory,
    ContractTermFactory,
    UserFactory,
    make_user,
)

pytestmark = pytest.mark.django_db

END = date(2026, 12, 31)


def before(days: int) -> date:
    """The day so many days before the end."""
    return END - timedelta(days=days)


@pytest.fixture
def company() -> Company:
    return CompanyFactory(name="Northwind")


@pytest.fixture
def contract(company: Company) -> Contract:
    contract = ContractFactory(company=company, name="Select Plus", number="MS-1")
    ContractTermFactory(contract=contract, ends_on=END)
    return contract


@pytest.fixture
def mona(company: Company) -> User:
    return make_user(Role.LICENSE_MANAGER, company, username="mona", email="mona@example.org")


Remind = Callable[..., Reminder]


@pytest.fixture
def remind(contract: Contract, mona: User) -> Remind:
    def set_up(*members: User, notice_days: int | None = None) -> Reminder:
        return set_reminder(
            contract=contract,
            notice_days=notice_days,
            members=members or (mona,),
            by=mona,
            reason="",
        )

    return set_up


def run_job(day: date) -> None:
    record_due_reminders(day=day)
    mail_reminders(day=day)


def recorded() -> list[int]:
    return list(SentReminder.objects.order_by("-days_before").values_list("days_before", flat=True))


# --- Which come due ---


@pytest.mark.parametrize(
    ("notice_days", "mails_on"),
    [
        pytest.param(120, [120, 90, 60, 30], id="N, then 90, 60, 30"),
        pytest.param(45, [45, 30], id="N below 60"),
        pytest.param(10, [10], id="N of 30 or fewer"),
        pytest.param(None, [90, 60, 30], id="none given"),
    ],
)
def test_a_mail_goes_out_on_each_of_the_days_and_on_no_other(
    remind: Remind, notice_days: int | None, mails_on: list[int]
) -> None:
    remind(notice_days=notice_days)
    mailed = []

    for days in range(130, -2, -1):
        run_job(before(days))
        if mail.outbox:
            mailed.append(days)
            mail.outbox.clear()

    assert mailed == mails_on


def test_where_the_job_was_down_all_are_recorded_and_one_mail_tells_of_the_nearest(
    remind: Remind,
) -> None:
    remind(notice_days=120)

    run_job(before(50))

    assert recorded() == [120, 90, 60]
    assert len(mail.outbox) == 1
    assert SentReminder.objects.get(mailed_at__isnull=False).days_before == 60
    assert SentReminder.objects.filter(dismissed_at=None).count() == 1


def test_the_job_may_run_as_often_as_it_likes(remind: Remind) -> None:
    remind()

    for _ in range(3):
        run_job(before(90))

    assert recorded() == [90]
    assert len(mail.outbox) == 1


def test_after_the_end_nobody_is_reminded(remind: Remind) -> None:
    remind()

    run_job(END + timedelta(days=1))

    assert recorded() == []


def test_an_endless_contract_reminds_nobody(mona: User, company: Company) -> None:
    endless = ContractFactory(company=company)
    ContractTermFactory(contract=endless, ends_on=None)
    set_reminder(contract=endless, notice_days=None, members=[mona], by=mona, reason="")

    run_job(before(1))

    assert recorded() == []


def test_a_contract_without_a_term_reminds_nobody(mona: User, company: Company) -> None:
    draft = ContractFactory(company=company)
    set_reminder(contract=draft, notice_days=None, members=[mona], by=mona, reason="")

    run_job(before(1))

    assert recorded() == []


def test_a_contract_cancelled_by_hand_reminds_nobody(remind: Remind, contract: Contract) -> None:
    remind()
    with acting(None, "Cancelled"):
        Contract.objects.filter(pk=contract.pk).update(status_by_hand="cancelled")

    run_job(before(30))

    assert mail.outbox == []


def test_a_renewed_contract_reminds_of_its_new_end(
    remind: Remind, contract: Contract, mona: User
) -> None:
    remind()
    record_due_reminders(day=before(30))
    proposed = proposed_term(contract)
    assert proposed is not None
    renew_contract(proposed, by=mona, reason="")

    run_job(before(29))

    assert mail.outbox == []
    run_job(date(2027, 12, 1))
    assert "31 Dec 2027" in mail.outbox[0].subject


# --- Who is reminded ---


@pytest.mark.parametrize("role", [Role.ADMINISTRATOR, Role.LICENSE_MANAGER, Role.AUDITOR])
def test_whoever_reads_the_company_can_be_reminded(
    remind: Remind, company: Company, role: Role
) -> None:
    reader = make_user(role, company, email="reader@example.org")

    remind(reader)
    run_job(before(90))

    assert [message.to for message in mail.outbox] == [["reader@example.org"]]


@pytest.mark.parametrize(
    "make",
    [
        pytest.param(lambda c: make_user(Role.REQUESTER, c), id="a requester"),
        pytest.param(lambda c: make_user(Role.ADMINISTRATOR, CompanyFactory()), id="a stranger"),
        pytest.param(lambda c: make_user(Role.AUDITOR, c, is_active=False), id="inactive"),
        pytest.param(lambda c: UserFactory(is_superuser=True), id="a superuser without a role"),
    ],
)
def test_nobody_else_can_be_reminded(
    remind: Remind, company: Company, make: Callable[[Company], User]
) -> None:
    outsider = make(company)

    with pytest.raises(NotReminded, match=str(outsider)):
        remind(outsider)

    assert not Reminder.objects.exists()


def _leaves(user: User) -> None:
    user.memberships.all().delete()


def _is_locked_out(user: User) -> None:
    User.objects.filter(pk=user.pk).update(is_active=False)


@pytest.mark.parametrize("happens", [_leaves, _is_locked_out])
@pytest.mark.parametrize(
    "when",
    [
        pytest.param("before it is due", id="before"),
        pytest.param("before it is mailed", id="after"),
    ],
)
def test_who_may_not_read_it_any_more_gets_nothing(
    remind: Remind, mona: User, happens: Callable[[User], None], when: str
) -> None:
    remind()
    if when == "before it is mailed":
        record_due_reminders(day=before(90))
    with acting(None, "Left"):
        happens(mona)

    run_job(before(90))

    assert mail.outbox == []


def test_members_are_chosen_anew_and_the_history_tells_it(
    remind: Remind, contract: Contract, company: Company, mona: User
) -> None:
    other = make_user(Role.AUDITOR, company)
    remind(mona)

    remind(other)

    assert list(RemindedMember.objects.values_list("user", flat=True)) == [other.pk]
    told = RemindedMember.history.order_by("history_id").values_list("history_type", "user_id")
    assert list(told) == [("+", mona.pk), ("-", mona.pk), ("+", other.pk)]


# --- The mail ---


def test_the_mail_says_what_ends_and_leads_to_the_contract(
    remind: Remind, contract: Contract, settings: Any
) -> None:
    settings.LCM_ADDRESS = "https://licenses.example.org/lcm"
    with acting(None, "Agreed"):
        contract.terms.update(
            notice_length=1, notice_unit="months", renewal=Renewal.AUTOMATIC, renewal_length=12
        )
    remind()

    run_job(before(90))

    message = mail.outbox[0]
    assert isinstance(message, EmailMultiAlternatives)
    assert message.subject == "Select Plus (MS-1) ends in 90 days, on 31 Dec 2026"
    html = str(message.alternatives[0][0])
    for text in (str(message.body), html):
        assert f"https://licenses.example.org/lcm/contracts/{contract.pk}" in text
        assert "The last day to give notice is 30 Nov 2026." in text
        assert "It renews itself for 1 year unless notice is given." in text


def test_a_name_can_neither_break_the_head_of_a_mail_nor_its_html(
    remind: Remind, contract: Contract
) -> None:
    with acting(None, "Imported"):
        Contract.objects.filter(pk=contract.pk).update(name="Odd\r\nBcc: x@example.org <b>one</b>")
    remind()

    run_job(before(90))

    message = mail.outbox[0]
    assert isinstance(message, EmailMultiAlternatives)
    assert message.recipients() == ["mona@example.org"]
    assert "Odd Bcc: x@example.org" in message.subject
    assert "<b>" not in str(message.alternatives[0][0])


def test_a_worker_killed_between_sending_and_saying_so_sends_the_same_mail_again(
    remind: Remind,
) -> None:
    remind()
    run_job(before(90))
    SentReminder.objects.update(mailed_at=None)

    run_job(before(90))

    ids = [_head_of(message)["Message-ID"] for message in mail.outbox]
    assert len(ids) == 2
    assert len(set(ids)) == 1


def _head_of(message: Any) -> Message:
    head: Message = message.message()
    return head


def test_mails_wait_while_the_server_cannot_be_reached(remind: Remind) -> None:
    remind()
    with patch.object(EmailMultiAlternatives, "send", side_effect=SMTPServerDisconnected("away")):
        run_job(before(90))
    assert not SentReminder.objects.filter(mailed_at__isnull=False).exists()

    run_job(before(89))

    assert len(mail.outbox) == 1


def test_an_address_that_is_refused_keeps_nobody_else_waiting(
    remind: Remind, mona: User, company: Company
) -> None:
    other = make_user(Role.AUDITOR, company, email="auda@example.org")
    remind(mona, other)
    refusal = SMTPRecipientsRefused({"mona@example.org": (550, b"unknown")})
    with patch.object(EmailMultiAlternatives, "send", side_effect=[refusal, 1]):
        run_job(before(90))

    assert SentReminder.objects.get(mailed_at__isnull=False).user == other


def test_where_no_mails_are_sent_they_wait_and_the_home_page_reminds(
    remind: Remind, settings: Any
) -> None:
    settings.LCM_SENDS_MAIL = False
    remind()

    run_job(before(90))

    assert mail.outbox == []
    assert SentReminder.objects.get().mailed_at is None


def test_who_has_no_address_is_reminded_on_the_home_page_alone(
    remind: Remind, company: Company
) -> None:
    remind(make_user(Role.AUDITOR, company, email=""))

    run_job(before(90))

    assert mail.outbox == []
    assert recorded() == [90]


# --- On the home page ---


@pytest.fixture
def ending_soon(company: Company, mona: User) -> Contract:
    """A contract that ends in 20 days from today, and reminds Mona."""
    contract = ContractFactory(company=company, name="Ends soon")
    ContractTermFactory(contract=contract, ends_on=timezone.localdate() + timedelta(days=20))
    set_reminder(contract=contract, notice_days=None, members=[mona], by=mona, reason="")
    follow_dates(timestamp=0)
    return contract


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def test_the_home_page_reminds_until_it_is_dismissed(ending_soon: Contract, mona: User) -> None:
    client = signed_in(mona)
    assert "You are reminded" in client.get("/").content.decode()
    reminder = SentReminder.objects.get(dismissed_at=None)

    response = client.post(f"/reminders/{reminder.pk}/dismiss")

    assert response.headers["Location"] == "/"
    assert "You are reminded" not in client.get("/").content.decode()


def test_nobody_sees_or_dismisses_the_reminders_of_others(
    ending_soon: Contract, company: Company
) -> None:
    client = signed_in(make_user(Role.ADMINISTRATOR, company))
    reminder = SentReminder.objects.get(dismissed_at=None)

    response = client.post(f"/reminders/{reminder.pk}/dismiss")

    assert response.status_code == 404
    assert "You are reminded" not in client.get("/").content.decode()
    assert SentReminder.objects.get(pk=reminder.pk).dismissed_at is None


def test_who_left_the_company_is_reminded_of_nothing_on_their_home_page(
    ending_soon: Contract, mona: User
) -> None:
    with acting(None, "Left"):
        mona.memberships.all().delete()

    page = signed_in(mona).get("/")

    assert "Ends soon" not in page.content.decode()


def test_a_reminder_is_dismissed_by_post_alone(ending_soon: Contract, mona: User) -> None:
    reminder = SentReminder.objects.get(dismissed_at=None)

    assert signed_in(mona).get(f"/reminders/{reminder.pk}/dismiss").status_code == 405
    assert SentReminder.objects.get(pk=reminder.pk).dismissed_at is None


# --- The form ---


def test_a_license_manager_says_who_is_reminded(
    contract: Contract, mona: User, company: Company
) -> None:
    auda = make_user(Role.AUDITOR, company)
    sent = {"notice_days": "45", "members": [mona.pk, auda.pk], "reason": "Ask early"}

    signed_in(mona).post(f"/contracts/{contract.pk}/reminders", sent)

    page = signed_in(mona).get(f"/contracts/{contract.pk}").content.decode()
    assert "45 and 30" in page
    assert str(auda) in page
    assert "Ask early" in page
    assert Reminder.objects.get().notice_days == 45


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        pytest.param({"notice_days": "-1"}, "greater than or equal to 0", id="negative"),
        pytest.param({"notice_days": "4000"}, "less than or equal to 3650", id="ten years"),
        pytest.param({"notice_days": "soon"}, "Enter a whole number", id="no number"),
    ],
)
def test_a_reminder_that_cannot_be_is_refused(
    contract: Contract, mona: User, changes: dict[str, str], said: str
) -> None:
    page = signed_in(mona).post(
        f"/contracts/{contract.pk}/reminders", {"members": [mona.pk], **changes}
    )

    assert page.status_code == 422
    assert said in page.content.decode()
    assert not Reminder.objects.exists()


def test_a_member_of_another_company_cannot_be_chosen_by_a_forged_form(
    contract: Contract, mona: User
) -> None:
    stranger = make_user(Role.ADMINISTRATOR, CompanyFactory(), first_name="Sven")

    page = signed_in(mona).post(f"/contracts/{contract.pk}/reminders", {"members": [stranger.pk]})

    assert page.status_code == 422
    assert "Sven" not in page.content.decode()
    assert not RemindedMember.objects.exists()


def test_the_page_of_the_contract_tells_who_was_taken_off(
    remind: Remind, contract: Contract, company: Company, mona: User
) -> None:
    remind(mona)
    remind(make_user(Role.AUDITOR, company))

    page = signed_in(mona).get(f"/contracts/{contract.pk}").content.decode()

    assert "removed somebody to remind" in page
    assert f"<del>{mona}</del> → <ins>empty</ins>" in page
