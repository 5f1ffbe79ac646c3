"""The pages of imports and exports in the admin: what they do, and for whom they do not exist."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from accounts.models import Company, User
from accounts.roles import Role
from entitlements.models import (
    Entitlement,
    HeaderMapping,
    Import,
    ImportState,
    WorkbookExport,
)
from entitlements.workbook import exporting, jobs
from tests.entitlements.workbooks import LICENSE, confirm, csv_of, licenses, preview
from tests.factories import CompanyFactory, UserFactory, make_user

pytestmark = pytest.mark.django_db

ADD = reverse("admin:entitlements_import_add")
POSTS = ("answer", "choose", "confirm", "undo", "stop", "again", "refused")


@pytest.fixture
def company() -> Company:
    return CompanyFactory(name="Ex SA", code="EX")


@pytest.fixture
def ada(company: Company) -> User:
    return make_user(Role.ADMINISTRATOR, company)


@pytest.fixture
def as_ada(client: Client, ada: User) -> Client:
    client.force_login(ada)
    return client


def page_of(source: Import) -> str:
    return reverse("admin:entitlements_import_change", args=[source.pk])


def post_to(source: Import, name: str) -> str:
    return reverse(f"admin:entitlements_import_{name}", args=[source.pk])


def upload(client: Client, company: Company, name: str, content: bytes) -> Import:
    file = SimpleUploadedFile(name, content)
    posted = {"company": company.pk, "file": file, "makes": ["catalogue", "parts"]}
    response = client.post(ADD, posted)
    assert response.status_code == 302, response.content.decode()
    source = Import.objects.latest("pk")
    assert response.headers["Location"] == page_of(source)
    return source


def test_upload_preview_confirm_and_undo(as_ada, company):
    source = upload(as_ada, company, "licenses.xlsx", licenses(LICENSE))
    assert "Waiting for the worker" in as_ada.get(page_of(source)).content.decode()
    jobs.read(source.pk)
    shown = as_ada.get(page_of(source)).content.decode()
    assert "DrawIt 5" in shown
    assert "Import 1 record" in shown
    assert not Entitlement.objects.exists()

    assert as_ada.post(post_to(source, "confirm")).status_code == 302
    jobs.apply(source.pk)
    assert "Undo this import" in as_ada.get(page_of(source)).content.decode()
    assert Entitlement.objects.count() == 1

    as_ada.post(post_to(source, "undo"))
    jobs.undo(source.pk)

    assert "undone by" in as_ada.get(page_of(source)).content.decode()
    assert not Entitlement.objects.exists()


def test_refused_rows_are_shown_with_column_value_and_reason_and_hold_the_import_back(
    as_ada, company
):
    bad = {**LICENSE, "Purchased rights": "many"}
    source = upload(as_ada, company, "licenses.xlsx", licenses(LICENSE, bad))
    jobs.read(source.pk)

    shown = as_ada.get(page_of(source) + "?outcome=refused").content.decode()
    as_ada.post(post_to(source, "confirm"))

    assert "<strong>Purchased rights</strong> “many”" in shown
    assert "is not a number" in shown
    source.refresh_from_db()
    assert source.state == ImportState.PREVIEWED
    as_ada.post(post_to(source, "confirm"), {"leave_refused_out": "yes"})
    jobs.apply(source.pk)
    assert Entitlement.objects.count() == 1


def test_unknown_headers_are_asked_about_once_and_remembered(as_ada, company):
    content = csv_of(
        ["Maker", "Thing", "How many", "Bought"], ["Acme", "DrawIt", "3", "2026-01-05"]
    )
    source = upload(as_ada, company, "odd.csv", content)
    jobs.read(source.pk)
    asked = as_ada.get(page_of(source)).content.decode()
    assert "Say what sheet CSV lists, and then what its columns hold." in asked
    assert "Choose what the sheet lists and go on" in asked
    assert "DrawIt" in asked  # the first values help to tell
    as_licenses = {"sheet-0-kind": "licenses", "sheet-0-drawn_for": ""}
    drawn_anew = as_ada.post(post_to(source, "answer"), as_licenses).content.decode()
    assert "Purchased rights" in drawn_anew
    answers = {
        "sheet-0-kind": "licenses",
        "sheet-0-drawn_for": "licenses",
        "sheet-0-column-0": "publisher",
        "sheet-0-column-1": "product",
        "sheet-0-column-2": "purchased_rights",
        "sheet-0-column-3": "purchased_on",
        "makes": ["catalogue"],
    }

    as_ada.post(post_to(source, "answer"), answers)
    jobs.read(source.pk)

    source.refresh_from_db()
    assert source.state == ImportState.PREVIEWED, source.remarks
    assert HeaderMapping.objects.get().columns["maker"] == "publisher"
    again = upload(as_ada, company, "odd again.csv", content)
    jobs.read(again.pk)
    again.refresh_from_db()
    assert again.state == ImportState.PREVIEWED


def test_mended_rows_are_uploaded_as_a_continuation_of_the_import_that_refused_them(
    as_ada, company, ada
):
    bad = {**LICENSE, "Purchased rights": "many"}
    earlier = preview(company, licenses(LICENSE, bad), ada)
    confirm(earlier, ada, leave_refused_out=True)
    address = f"{ADD}?like={earlier.pk}"
    assert "that were refused come back" in as_ada.get(address).content.decode()
    file = SimpleUploadedFile("mended.xlsx", licenses(LICENSE))

    unsaid = as_ada.post(address, {"company": company.pk, "file": file})
    file.seek(0)
    as_ada.post(address, {"company": company.pk, "file": file, "holds": "mended"})

    assert "This field is required" in unsaid.content.decode()
    source = Import.objects.latest("pk")
    assert source.continues == earlier
    jobs.read(source.pk)
    shown = as_ada.get(page_of(source)).content.decode()
    assert page_of(earlier) in shown
    assert "Import 1 record" in shown


def test_the_whole_mended_file_continues_nothing(as_ada, company, ada):
    earlier = preview(company, licenses({**LICENSE, "Purchased rights": "many"}), ada)
    file = SimpleUploadedFile("whole.xlsx", licenses(LICENSE))

    as_ada.post(f"{ADD}?like={earlier.pk}", {"company": company.pk, "file": file, "holds": "whole"})

    assert Import.objects.latest("pk").continues is None


def test_choosing_how_dates_are_read_reads_the_file_again(as_ada, company):
    source = upload(as_ada, company, "l.xlsx", licenses({**LICENSE, "Purchased on": "03/04/2026"}))
    jobs.read(source.pk)
    refused = as_ada.get(page_of(source)).content.decode()
    assert "Choose the order of day and month" in refused

    as_ada.post(post_to(source, "choose"), {"day_order": "day-first", "makes": ["catalogue"]})
    jobs.read(source.pk)

    assert source.rows.get().values["purchased_on"] == "2026-04-03"


def test_a_broken_file_is_told_in_a_sentence(as_ada, company):
    source = upload(as_ada, company, "broken.xlsx", b"PK\x03\x04 not really")
    jobs.read(source.pk)

    shown = as_ada.get(page_of(source)).content.decode()

    assert "The file is damaged" in shown
    assert "Upload the mended file" in shown


def test_what_a_cell_holds_is_shown_as_text_and_never_as_markup(as_ada, company):
    evil = "<script>alert(1)</script>"
    source = upload(as_ada, company, f"{evil}.xlsx", licenses({**LICENSE, "Product": evil,
                                                               "Unit cost": evil}))  # fmt: skip
    jobs.read(source.pk)

    shown = as_ada.get(page_of(source)).content.decode()

    assert evil not in shown
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in shown


def test_a_kept_file_comes_back_as_a_download_whatever_its_name(as_ada, company):
    content = b"<html><script>alert(1)</script>"
    source = upload(as_ada, company, "../../etc/page.html", content)

    response = as_ada.get(post_to(source, "file"))

    assert b"".join(response.streaming_content) == content
    assert response.headers["Content-Disposition"] == 'attachment; filename="page.html"'
    assert response.headers["Content-Type"] == "application/octet-stream"
    assert response.headers["X-Content-Type-Options"] == "nosniff"


def test_a_companys_workbook_is_written_by_the_worker_and_downloaded(as_ada, company, ada):
    confirm(preview(company, licenses(LICENSE), ada), ada)
    asked = as_ada.post(
        reverse("admin:entitlements_workbookexport_write"), {"company": company.pk, "sheet": ""}
    )
    export = WorkbookExport.objects.get()
    assert "Waiting for the worker" in as_ada.get(asked.url).content.decode()

    exporting.write(export.pk)

    assert "Download EX.xlsx" in as_ada.get(asked.url).content.decode()
    address = reverse("admin:entitlements_workbookexport_download", args=[export.pk])
    assert b"".join(as_ada.get(address).streaming_content)[:2] == b"PK"


def test_the_template_can_be_downloaded_for_ones_own_company_only(as_ada, company):
    address = reverse("admin:entitlements_import_template")

    assert as_ada.get(address, {"company": company.pk}).content[:2] == b"PK"
    assert as_ada.get(address, {"company": CompanyFactory().pk}).status_code == 404


@pytest.fixture
def elsewhere(ada: User) -> Import:
    """An import of a company that Ada does not administer."""
    other = CompanyFactory(name="Elsewhere")
    return preview(other, licenses(LICENSE), make_user(Role.ADMINISTRATOR, other))


def test_an_import_of_another_company_does_not_exist(as_ada, elsewhere):
    assert as_ada.get(page_of(elsewhere)).status_code == 404
    assert as_ada.get(post_to(elsewhere, "file")).status_code == 404
    assert as_ada.get(ADD, {"like": elsewhere.pk}).status_code == 404
    listed = as_ada.get(reverse("admin:entitlements_import_changelist")).content.decode()
    assert elsewhere.file.name not in listed


@pytest.mark.parametrize("name", POSTS)
def test_nothing_can_be_done_to_an_import_of_another_company(as_ada, elsewhere, name):
    assert as_ada.post(post_to(elsewhere, name)).status_code == 404

    elsewhere.refresh_from_db()
    assert elsewhere.state == ImportState.PREVIEWED


@pytest.mark.parametrize("name", POSTS)
def test_looking_changes_nothing(as_ada, company, ada, name):
    source = preview(company, licenses(LICENSE), ada)

    assert as_ada.get(post_to(source, name)).status_code == 405

    source.refresh_from_db()
    assert source.state == ImportState.PREVIEWED


@pytest.mark.parametrize("name", POSTS)
def test_a_forged_request_is_refused(company, ada, name):
    source = preview(company, licenses(LICENSE), ada)
    forged = Client(enforce_csrf_checks=True)
    forged.force_login(ada)

    assert forged.post(post_to(source, name)).status_code == 403

    source.refresh_from_db()
    assert source.state == ImportState.PREVIEWED


def test_a_file_cannot_be_put_into_a_company_one_does_not_administer(as_ada, ada):
    other = CompanyFactory()

    response = as_ada.post(
        ADD, {"company": other.pk, "file": SimpleUploadedFile("l.xlsx", licenses(LICENSE))}
    )

    assert response.status_code == 200
    assert "Select a valid choice" in response.content.decode()
    assert not Import.objects.exists()


@pytest.mark.parametrize("role", [Role.LICENSE_MANAGER, Role.AUDITOR, Role.REQUESTER])
def test_only_administrators_may_enter(client, company, ada, role):
    source = preview(company, licenses(LICENSE), ada)
    client.force_login(make_user(role, company))

    refused = {
        client.get(address).status_code
        for address in (ADD, page_of(source), post_to(source, "file"))
    }
    refused |= {client.post(post_to(source, name)).status_code for name in POSTS}

    assert refused <= {302, 403}
    assert client.get(ADD, follow=True).status_code == 403


def test_whoever_is_not_signed_in_is_sent_to_the_sign_in_page(client):
    response = client.get(ADD)

    assert response.status_code == 302
    assert client.get(response.url).url.startswith("/sign-in?next=")


def test_a_second_press_of_a_button_is_told_that_the_first_one_counts(as_ada, company, ada):
    source = preview(company, licenses(LICENSE), ada)

    as_ada.post(post_to(source, "confirm"))
    second = as_ada.post(post_to(source, "confirm"), follow=True)

    assert "This import is being imported now." in second.content.decode()


def test_a_superuser_sees_the_imports_of_all_companies(client, elsewhere):
    client.force_login(UserFactory(is_superuser=True))

    assert client.get(page_of(elsewhere)).status_code == 200


def test_rows_can_be_searched_and_narrowed_to_a_kind(as_ada, company, ada):
    other = {**LICENSE, "Product": "PaintIt"}
    source = preview(company, licenses(LICENSE, other), ada)

    found = as_ada.get(page_of(source), {"outcome": "new", "q": "paint"}).content.decode()
    none = as_ada.get(page_of(source), {"outcome": "new", "kind": "contract"}).content.decode()

    assert "<td>PaintIt 5" in found
    assert "<td>DrawIt 5" not in found
    assert "No row" in none


def test_a_page_of_the_preview_asks_the_database_as_often_for_fifty_rows_as_for_one(
    as_ada, company, ada, django_assert_max_num_queries
):
    many = [{**LICENSE, "Serial number": f"S-{n}"} for n in range(60)]
    source = preview(company, licenses(*many), ada)

    with django_assert_max_num_queries(16):
        shown = as_ada.get(page_of(source)).content.decode()

    assert "1 to 50 of 60" in shown
