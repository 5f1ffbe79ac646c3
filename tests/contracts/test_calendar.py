"""The renewal calendar: what stands on which day, its page, and its feed."""

import hashlib
import re
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st

from accounts.access import scope_of
from accounts.models import Company, User
from accounts.roles import Role
from common.acting import acting
from contracts.events import NOTICE_ON, Event, coming_events
from contracts.feed import MOST_OCTETS, Entry, write_calendar
from contracts.models import CalendarKey, ContractTerm, Renewal
from contracts.renewal import Length, LengthUnit, last_notice_day
from contracts.services import make_calendar_key
from tests.factories import CompanyFactory, ContractFactory, ContractTermFactory, make_user

ITSELF: dict[str, Any] = {"renewal": Renewal.AUTOMATIC, "renewal_length": 12}
NOTICE: dict[str, Any] = {"notice_length": 3, "notice_unit": LengthUnit.MONTHS}


def day(text: str) -> date:
    return date.fromisoformat(text)


@pytest.fixture
def company() -> Company:
    return CompanyFactory(name="Northwind")


@pytest.fixture
def auda(company: Company) -> User:
    return make_user(Role.AUDITOR, company)


def term_in(company: Company, name: str = "Select Plus", **fields: Any) -> ContractTerm:
    """A term of the year 2026."""
    return ContractTermFactory(contract=ContractFactory(company=company, name=name), **fields)


def told(events: list[Event]) -> list[tuple[str, str]]:
    return [(str(event.on), event.kind.value) for event in events]


def events_of(user: User, **more: Any) -> list[Event]:
    days: dict[str, Any] = {"first": day("2026-01-01"), "last": day("2027-12-31"), "most": 100}
    return coming_events(scope_of(user), **(days | more))


# --- What stands on which day ---


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("fields", "events"),
    [
        pytest.param({}, [("2026-12-31", "ends")], id="it ends"),
        pytest.param(
            NOTICE, [("2026-09-30", "notice"), ("2026-12-31", "ends")], id="with a notice period"
        ),
        pytest.param(
            ITSELF | NOTICE,
            [("2026-09-30", "notice"), ("2027-01-01", "renews")],
            id="it renews itself",
        ),
        pytest.param(
            {"renewal": Renewal.MANUAL}, [("2026-12-31", "ends")], id="to be renewed by hand"
        ),
        pytest.param(
            ITSELF | NOTICE | {"notice_given_on": date(2026, 5, 1)},
            [("2026-12-31", "ends")],
            id="notice was given",
        ),
        pytest.param({"ends_on": None} | NOTICE, [], id="endless"),
        pytest.param({"ends_on": date(9999, 12, 31)} | NOTICE, [], id="the end of all days"),
    ],
)
def test_what_a_term_puts_into_the_calendar(
    company: Company, auda: User, fields: dict[str, Any], events: list[tuple[str, str]]
) -> None:
    term_in(company, **fields)

    assert told(events_of(auda)) == events


@pytest.mark.django_db
def test_a_term_that_another_follows_renews_and_asks_for_no_notice(
    company: Company, auda: User
) -> None:
    first = term_in(company, **NOTICE)
    ContractTermFactory(
        contract=first.contract, starts_on=day("2027-01-01"), ends_on=day("2027-12-31")
    )

    assert told(events_of(auda)) == [("2027-01-01", "renews"), ("2027-12-31", "ends")]


@pytest.mark.django_db
def test_the_first_and_the_last_day_are_within(company: Company, auda: User) -> None:
    term_in(company)
    end = day("2026-12-31")

    assert len(events_of(auda, first=end, last=end)) == 1
    assert events_of(auda, first=end + timedelta(days=1)) == []
    assert events_of(auda, last=end - timedelta(days=1)) == []


@pytest.mark.django_db
def test_a_cancelled_contract_has_no_place_in_it(company: Company, auda: User) -> None:
    term = term_in(company)
    with acting(None, "Cancelled"):
        term.contract.status_by_hand = "cancelled"
        term.contract.save()

    assert events_of(auda) == []


@pytest.mark.django_db
def test_other_companies_have_no_place_in_it(auda: User) -> None:
    term_in(CompanyFactory(), **NOTICE)

    assert events_of(auda) == []


@pytest.mark.django_db
@settings(deadline=None, max_examples=60)  # each writes to the database, of a machine that is busy
@given(
    ends_on=st.dates(date(2000, 1, 1), date(2100, 12, 31)),
    length=st.builds(Length, st.integers(0, 60), st.sampled_from(LengthUnit)),
)
def test_the_database_counts_notice_as_python_does(ends_on: date, length: Length) -> None:
    with acting(None, "Set up by a test"):
        ContractTerm.objects.all().delete()
    term = ContractTermFactory(
        starts_on=ends_on, ends_on=ends_on, notice_length=length.number, notice_unit=length.unit
    )

    found = ContractTerm.objects.annotate(notice_on=NOTICE_ON).get().notice_on

    expected = last_notice_day(term.by_rules)
    assert expected is not None
    assert found == expected.on


# --- The page ---


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def coming(company: Company, name: str, days: int, **fields: Any) -> ContractTerm:
    """A term that ends in some days from today."""
    today = timezone.localdate()
    return term_in(
        company, name, starts_on=today - timedelta(days=300),
        ends_on=today + timedelta(days=days), **fields,
    )  # fmt: skip


@pytest.mark.django_db
def test_the_page_lists_the_months_ahead_with_a_way_to_each_contract(
    company: Company, auda: User
) -> None:
    term = coming(company, "Ends soon", 20, value=1200, currency="EUR")
    coming(company, "Ends late", 700)

    page = signed_in(auda).get("/renewals/").content.decode()

    assert f'href="/contracts/{term.contract_id}"' in page
    assert f"{term.ends_on:%B %Y}" in page
    assert "€1,200.00" in page
    assert "Ends late" not in page


@pytest.mark.django_db
def test_the_calendar_is_narrowed_by_its_address(company: Company, auda: User) -> None:
    wanted = coming(company, "Wanted", 60, notice_length=30)
    coming(company, "Another", 60)
    vendor = wanted.contract.vendor
    client = signed_in(auda)

    by_vendor = client.get(f"/renewals/?months=24&vendor={vendor.pk}").content.decode()
    notices = client.get("/renewals/?months=24&kind=notice").content.decode()

    assert "Wanted" in by_vendor
    assert "Another" not in by_vendor
    assert "Another" not in notices


@pytest.mark.django_db
@pytest.mark.parametrize("query", ["months=7", "kind=all", "type=x", "vendor=0"])
def test_a_filter_that_is_none_shows_nothing_rather_than_everything(
    company: Company, auda: User, query: str
) -> None:
    coming(company, "Ends soon", 20)

    page = signed_in(auda).get(f"/renewals/?{query}").content.decode()

    assert "There is no such filter, so nothing is shown" in page
    assert "Ends soon" not in page


@pytest.mark.django_db
def test_an_empty_calendar_says_what_it_is_for(auda: User) -> None:
    page = signed_in(auda).get("/renewals/").content.decode()

    assert "Nothing ends or renews in these months" in page


@pytest.mark.django_db
def test_the_calendar_asks_the_database_no_more_for_many_contracts_than_for_few(
    company: Company, auda: User
) -> None:
    client = signed_in(auda)
    counts = []
    for number in (10, 90):
        for each in range(number):
            coming(company, f"Contract {each}", 100 + each, notice_length=30)
        client.get("/renewals/")
        with CaptureQueriesContext(
            connection,
        ) as queries:
            client.get("/renewals/?months=12")
        counts.append(len(queries))

    assert counts[0] == counts[1]


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["/renewals/", "/renewals/feed"])
def test_the_calendar_is_for_who_reads_contracts(company: Company, address: str) -> None:
    assert signed_in(make_user(Role.REQUESTER, company)).get(address).status_code == 404
    assert Client().get(address).status_code == 302
    assert signed_in(make_user(Role.AUDITOR, company)).get(address).status_code == 200


@pytest.mark.django_db
def test_the_calendar_is_changed_by_nobody(auda: User) -> None:
    assert signed_in(auda).post("/renewals/").status_code == 405


# --- The feed ---


def path_of(key: str) -> str:
    return f"/calendar/{key}.ics"


@pytest.mark.django_db
def test_the_address_is_shown_once_and_only_its_hash_is_kept(auda: User, settings: Any) -> None:
    settings.LCM_ADDRESS = "https://licenses.example.org"
    client = signed_in(auda)

    made = client.post("/renewals/feed").content.decode()

    found = re.search(r"https://licenses\.example\.org/calendar/([\w-]+)\.ics", made)
    assert found is not None
    assert CalendarKey.objects.get().key_hash == hashlib.sha256(found[1].encode()).hexdigest()
    assert found[1] not in client.get("/renewals/feed").content.decode()
    assert Client().get(path_of(found[1])).status_code == 200


@pytest.mark.django_db
def test_an_address_is_not_made_by_get(auda: User) -> None:
    signed_in(auda).get("/renewals/feed")

    assert not CalendarKey.objects.exists()


@pytest.mark.django_db
def test_a_new_address_makes_the_old_one_worthless(auda: User) -> None:
    old, new = make_calendar_key(by=auda), make_calendar_key(by=auda)

    assert Client().get(path_of(old)).status_code == 404
    assert Client().get(path_of(new)).status_code == 200


@pytest.mark.django_db
def test_an_address_is_withdrawn_without_a_new_one_and_nobody_elses_with_it(
    auda: User, company: Company
) -> None:
    of_other = make_calendar_key(by=make_user(Role.AUDITOR, company))
    client = signed_in(auda)
    assert "Withdraw the address" not in client.get("/renewals/feed").content.decode()
    own = make_calendar_key(by=auda)
    assert "Withdraw the address" in client.get("/renewals/feed").content.decode()

    answer = client.post("/renewals/feed/withdraw", follow=True)

    assert "Your address was withdrawn" in answer.content.decode()
    assert Client().get(path_of(own)).status_code == 404
    assert Client().get(path_of(of_other)).status_code == 200
    assert client.get("/renewals/feed/withdraw").status_code == 405


@pytest.mark.django_db
@pytest.mark.parametrize("key", ["x", "%00", "é", "a" * 500])
def test_a_key_of_nobody_opens_nothing(auda: User, key: str) -> None:
    make_calendar_key(by=auda)

    assert Client().get(path_of(key)).status_code == 404


@pytest.mark.django_db
def test_the_feed_holds_what_its_owner_may_see_now(company: Company, auda: User) -> None:
    coming(company, "Ours", 20)
    coming(CompanyFactory(), "Theirs", 20)
    path = path_of(make_calendar_key(by=auda))

    before = Client().get(path)
    with acting(None, "Left"):
        auda.memberships.all().delete()
    after = Client().get(path)

    assert "Ours" in before.content.decode()
    assert "Theirs" not in before.content.decode()
    assert "Ours" not in after.content.decode()


@pytest.mark.django_db
def test_the_feed_of_who_cannot_sign_in_any_more_is_not_there(auda: User) -> None:
    path = path_of(make_calendar_key(by=auda))
    with acting(None, "Left"):
        User.objects.filter(pk=auda.pk).update(is_active=False)

    assert Client().get(path).status_code == 404


@pytest.mark.django_db
def test_the_feed_is_kept_by_no_proxy_and_its_links_follow_no_forged_host(
    company: Company, auda: User, settings: Any
) -> None:
    settings.LCM_ADDRESS = "https://licenses.example.org"
    settings.ALLOWED_HOSTS = ["*"]
    term = coming(company, "Ours", 20)

    got = Client().get(path_of(make_calendar_key(by=auda)), headers={"host": "evil.example"})

    text = got.content.decode()
    assert got.headers["Cache-Control"] == "private, no-store"
    assert got.headers["Content-Type"] == "text/calendar; charset=utf-8"
    assert f"URL:https://licenses.example.org/contracts/{term.contract_id}\r\n" in text
    assert f"UID:term-{term.pk}-ends@licenses.example.org\r\n" in text
    assert "evil" not in text


@pytest.mark.django_db
def test_the_feed_is_only_read(auda: User) -> None:
    assert Client().post(path_of(make_calendar_key(by=auda))).status_code == 405


# --- The file ---


WRITTEN_AT = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)


def entry(**fields: Any) -> Entry:
    usual: dict[str, Any] = {
        "uid": "term-1-ends@lcm",
        "on": day("2026-12-31"),
        "summary": "Select Plus",
        "description": "",
        "url": "https://lcm/contracts/1",
    }
    return Entry(**(usual | fields))


def unfolded(text: str) -> list[str]:
    return text.replace("\r\n ", "").split("\r\n")[:-1]


def test_an_event_lasts_its_day_wherever_its_reader_is() -> None:
    lines = unfolded(write_calendar("Contracts", [entry()], written_at=WRITTEN_AT))

    assert lines[0] == "BEGIN:VCALENDAR"
    assert lines[-1] == "END:VCALENDAR"
    event = lines[lines.index("BEGIN:VEVENT") : lines.index("END:VEVENT")]
    assert event[1:5] == [
        "UID:term-1-ends@lcm",
        "DTSTAMP:20261124T090000Z",
        "DTSTART;VALUE=DATE:20261231",
        "DTEND;VALUE=DATE:20270101",
    ]


def test_what_is_written_means_what_was_said() -> None:
    text = write_calendar(
        "Contracts",
        [entry(summary="Öl; Gas, \\ und\r\nEND:VEVENT\x00", on=date.max)],
        written_at=WRITTEN_AT,
    )

    lines = unfolded(text)
    assert "SUMMARY:Öl\\; Gas\\, \\\\ und\\nEND:VEVENT" in lines
    assert lines.count("END:VEVENT") == 1
    assert not any(line.startswith("DTEND") for line in lines)


@pytest.mark.parametrize("blank", ["\t", "\N{NO-BREAK SPACE}", "\N{IDEOGRAPHIC SPACE}"])
def test_words_are_not_glued_together_where_their_blank_is_no_common_one(blank: str) -> None:
    text = write_calendar(
        "Contracts", [entry(summary=f"Acme{blank}Ltd\x07")], written_at=WRITTEN_AT
    )

    assert f"SUMMARY:Acme{blank}Ltd" in unfolded(text)


@pytest.mark.parametrize("character", ["x", "é", "語", "😀"])
def test_a_long_line_is_folded_where_it_is_full(character: str) -> None:
    text = write_calendar("Contracts", [entry(summary=character * 300)], written_at=WRITTEN_AT)

    sizes = [len(piece) for piece in text.encode().split(b"\r\n")]
    assert MOST_OCTETS - len(character.encode()) < max(sizes) <= MOST_OCTETS
    assert f"SUMMARY:{character * 300}" in unfolded(text)


@given(st.text(max_size=400))
def test_no_line_is_longer_than_programs_bear_and_none_cuts_a_character(summary: str) -> None:
    text = write_calendar("Contracts", [entry(summary=summary)], written_at=WRITTEN_AT)

    pieces = text.encode().split(b"\r\n")
    assert all(len(piece) <= MOST_OCTETS for piece in pieces)
    assert all(piece.decode() is not None for piece in pieces)
    assert len(unfolded(text)) == 17
