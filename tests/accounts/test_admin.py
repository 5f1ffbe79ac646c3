"""The admin by scope: who may enter, what exists there for them, and what they cannot do."""

import pytest
from django.contrib import admin
from django.db.models import Model
from django.test import Client
from django.urls import reverse

from accounts.models import Company, CostCentre, Department, Membership, Person, User
from accounts.roles import Role
from common.acting import acting
from contracts.models import ContractType, SoftwareModel, Vendor
from entitlements.models import Entitlement, EntitlementDefinition
from tests.factories import (
    CompanyFactory,
    ContractFactory,
    DefinitionFactory,
    LicenseFactory,
    MembershipFactory,
    PersonFactory,
    ProductFactory,
    UserFactory,
    VendorFactory,
    make_user,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def company() -> Company:
    return CompanyFactory(name="Ex SA", code="EX")


@pytest.fixture
def elsewhere() -> Company:
    return CompanyFactory(name="Elsewhere", code="EL")


@pytest.fixture
def ada(company: Company) -> User:
    return make_user(Role.ADMINISTRATOR, company, username="ada")


@pytest.fixture
def as_ada(client: Client, ada: User) -> Client:
    client.force_login(ada)
    return client


@pytest.fixture
def as_root() -> Client:
    client = Client()
    client.force_login(UserFactory(is_superuser=True))
    return client


def listed(client: Client, label: str, **asked: str) -> str:
    app, model = label.split(".")
    response = client.get(reverse(f"admin:{app}_{model}_changelist"), asked)
    assert response.status_code == 200
    return response.content.decode()


def add(label: str) -> str:
    app, model = label.split(".")
    return reverse(f"admin:{app}_{model}_add")


def change(record: Model) -> str:
    meta = record._meta
    return reverse(f"admin:{meta.app_label}_{meta.model_name}_change", args=[record.pk])


# --- Entering ---


@pytest.mark.parametrize("role", [Role.LICENSE_MANAGER, Role.AUDITOR, Role.REQUESTER])
def test_other_roles_may_not_enter(client, company, role):
    client.force_login(make_user(role, company))

    assert client.get(reverse("admin:index"), follow=True).status_code == 403


def test_administrators_and_superusers_enter(as_ada, as_root):
    assert as_ada.get(reverse("admin:index")).status_code == 200
    assert as_root.get(reverse("admin:index")).status_code == 200


def test_a_user_who_was_deactivated_is_out_at_once(as_ada, ada):
    with acting(None, "Set up by a test"):
        User.objects.filter(pk=ada.pk).update(is_active=False)

    assert as_ada.get(reverse("admin:index")).status_code == 302


def test_djangos_own_permissions_open_nothing(client, company):
    client.force_login(make_user(Role.AUDITOR, company, is_staff=True))

    assert client.get(reverse("admin:index"), follow=True).status_code == 403


# --- Scope ---


def test_records_of_other_companies_are_not_listed_and_not_there(as_ada, company, elsewhere):
    ours = DefinitionFactory(company=company, name="Our care")
    theirs = DefinitionFactory(company=elsewhere, name="Their care")
    license_ = LicenseFactory(company=elsewhere, asset_tag="THEIRS")

    shown = listed(as_ada, "entitlements.entitlementdefinition")

    assert "Our care" in shown
    assert "Their care" not in shown
    assert "Elsewhere" not in shown
    assert as_ada.get(change(ours)).status_code == 200
    assert as_ada.get(change(theirs)).status_code == 404
    assert as_ada.get(change(license_)).status_code == 404
    assert "THEIRS" not in listed(as_ada, "entitlements.entitlement")
    assert (
        "THEIRS" not in listed(as_ada, "entitlements.entitlement", q="THEIRS").split("</form>")[-1]
    )


def test_the_history_of_another_companys_record_is_not_there(as_ada, elsewhere):
    theirs = DefinitionFactory(company=elsewhere)

    address = reverse("admin:entitlements_entitlementdefinition_history", args=[theirs.pk])

    assert as_ada.get(address).status_code == 404


def test_choices_offer_nothing_of_other_companies(as_ada, elsewhere):
    make_department(elsewhere, "Their department")
    PersonFactory(company=elsewhere, name="Their person")

    form = as_ada.get(add("accounts.department")).content.decode()
    suggested = as_ada.get(
        reverse("admin:autocomplete"),
        {
            "app_label": "accounts",
            "model_name": "person",
            "field_name": "department",
            "term": "Their",
        },
    ).json()

    assert "Elsewhere" not in form
    assert suggested["results"] == []


def make_department(company: Company, name: str) -> Department:
    with acting(None, "Set up by a test"):
        return Department.objects.create(company=company, name=name)


def test_a_record_cannot_be_made_in_or_moved_to_another_company(as_ada, company, elsewhere):
    made = as_ada.post(add("accounts.costcentre"), {"name": "CC1", "company": elsewhere.pk})
    assert "Select a valid choice" in made.content.decode()
    ours = make_department(company, "Sales")

    as_ada.post(change(ours), {"name": "Sales and more", "company": elsewhere.pk})

    ours.refresh_from_db()
    assert (ours.name, ours.company) == ("Sales and more", company)
    assert not CostCentre.objects.exists()


def test_a_reference_into_another_company_is_told_beside_the_field(as_root, company, elsewhere):
    theirs = make_department(elsewhere, "Their department")
    person = {"name": "Eve", "company": company.pk, "department": theirs.pk, "email": ""}

    response = as_root.post(add("accounts.person"), person)

    assert "Their department is not of Ex SA." in response.content.decode()
    assert not Person.objects.exists()


def test_lists_are_filtered_by_company(as_ada, ada, company, elsewhere):
    MembershipFactory(user=ada, company=elsewhere, role=Role.ADMINISTRATOR)
    PersonFactory(company=company, name="Our person")
    PersonFactory(company=elsewhere, name="Their person")

    page = listed(as_ada, "accounts.person", company=str(company.pk))

    assert "Our person" in page
    assert "Their person" not in page


def test_a_company_that_one_does_not_administer_filters_to_nothing(as_ada, company, elsewhere):
    PersonFactory(company=company, name="Our person")
    PersonFactory(company=elsewhere, name="Their person")

    page = listed(as_ada, "accounts.person", company=str(elsewhere.pk))

    assert " person" not in page.replace("Add person", "")


def test_filters_that_a_page_does_not_offer_are_refused(as_ada, company):
    for lookup in ("user__password__startswith", "user__is_superuser__exact", "company__code"):
        response = as_ada.get(reverse("admin:accounts_membership_changelist"), {lookup: "x"})
        assert response.status_code in (302, 400)
        assert "ada" not in response.content.decode()


# --- Recorded, and never deleted ---


def test_a_change_is_recorded_with_its_person(as_ada, ada, company):
    as_ada.post(
        add("entitlements.entitlementdefinition"),
        {"company": company.pk, "name": "Care", "grace_days": 30, "maximum_days": 0},
    )

    (made,) = EntitlementDefinition.history.all()
    assert (made.history_user_id, made.history_change_reason) == (
        ada.pk,
        "Changed in the administration",
    )
    story = reverse("admin:entitlements_entitlementdefinition_history", args=[made.id])
    assert "added the entitlement definition" in as_ada.get(story).content.decode()


def test_nothing_can_be_deleted_but_roles(as_root):
    deletable = {
        model._meta.label
        for model, page in admin.site._registry.items()
        if model._meta.app_label in ("accounts", "contracts", "entitlements", "allocation")
        and "has_delete_permission" in type(page).__dict__
    }

    assert deletable == {"accounts.Membership"}
    vendor = VendorFactory()
    assert (
        as_root.post(reverse("admin:contracts_vendor_delete", args=[vendor.pk])).status_code == 403
    )


@pytest.mark.parametrize("make", [LicenseFactory, ContractFactory])
def test_contracts_and_entitlements_are_read_only_even_for_superusers(as_root, make):
    record = make()

    assert as_root.get(change(record)).status_code == 200
    assert as_root.post(change(record), {"notes": "changed"}).status_code == 403
    assert as_root.get(add(record._meta.label_lower)).status_code == 403
    assert not type(record).objects.exclude(notes="").exists()


# --- The catalogue ---


def test_administrators_add_to_the_catalogue_and_only_superusers_change_it(as_ada, as_root):
    as_ada.post(add("contracts.vendor"), {"name": "Acme", "website": ""})
    vendor = Vendor.objects.get()

    refused = as_ada.post(change(vendor), {"name": "Acmé", "website": ""})
    assert refused.status_code == 403
    as_root.post(change(vendor), {"name": "Acmé", "website": ""})

    vendor.refresh_from_db()
    assert vendor.name == "Acmé"


def test_a_software_model_is_named_for_what_it_is(as_ada):
    product = ProductFactory(name="DrawIt")

    as_ada.post(
        add("contracts.softwaremodel"),
        {"product": product.pk, "version": "5", "edition": "Pro", "product_type": "licensable"},
    )

    assert SoftwareModel.objects.get().name == "DrawIt 5 Pro"


def test_a_name_that_is_taken_is_told_in_a_sentence_and_by_no_name_of_a_constraint(as_ada):
    response = as_ada.post(add("contracts.contracttype"), {"name": "support"})

    assert response.status_code == 200
    assert "There is “Support” already. Use it" in response.content.decode()
    assert "is violated" not in response.content.decode()
    assert ContractType.objects.filter(name__iexact="support").count() == 1


# --- Users and roles ---


def new_user(company: Company, role: str = "auditor", **more: str) -> dict[str, str]:
    return {
        "username": "eve",
        "usable_password": "true",
        "password1": "a-long-and-odd-one-7",
        "password2": "a-long-and-odd-one-7",
        "memberships-TOTAL_FORMS": "1",
        "memberships-INITIAL_FORMS": "0",
        "memberships-0-company": str(company.pk),
        "memberships-0-role": role,
        **more,
    }


def test_an_administrator_adds_a_user_with_a_role_in_their_company(as_ada, company):
    response = as_ada.post(add("accounts.user"), new_user(company))

    assert response.status_code == 302, response.content.decode()
    eve = User.objects.get(username="eve")
    assert [m.role for m in eve.memberships.all()] == [Role.AUDITOR]
    assert "eve" in listed(as_ada, "accounts.user")


def test_a_new_user_needs_a_role_and_gets_it_in_no_other_company(as_ada, company, elsewhere):
    without = new_user(company) | {"memberships-TOTAL_FORMS": "0"}
    as_ada.post(add("accounts.user"), without)
    as_ada.post(add("accounts.user"), new_user(elsewhere, "administrator"))

    assert not User.objects.filter(username="eve").exists()


def test_nobody_makes_a_superuser_but_a_superuser(as_ada, company, ada):
    as_ada.post(
        add("accounts.user"), new_user(company, is_superuser="on", is_staff="on", groups="1")
    )
    own = {"username": "ada", "is_superuser": "on", "is_staff": "on", **no_memberships()}
    as_ada.post(change(ada), own)

    assert not User.objects.filter(is_superuser=True).exists()
    assert not User.objects.filter(is_staff=True).exists()


def no_memberships() -> dict[str, str]:
    return {"memberships-TOTAL_FORMS": "0", "memberships-INITIAL_FORMS": "0"}


def test_nobody_changes_their_own_roles(as_ada, ada, company):
    own = ada.memberships.get()
    more = {"user": ada.pk, "company": company.pk, "role": Role.LICENSE_MANAGER}

    as_ada.post(add("accounts.membership"), more)
    assert as_ada.post(change(own), {"role": Role.AUDITOR}).status_code == 403
    delete = reverse("admin:accounts_membership_delete", args=[own.pk])
    assert as_ada.post(delete, {"post": "yes"}).status_code == 403

    assert [m.role for m in ada.memberships.all()] == [Role.ADMINISTRATOR]


def test_a_role_is_given_and_taken_away_in_ones_own_company(as_ada, ada, company):
    eve = make_user(Role.AUDITOR, company)
    as_ada.post(
        add("accounts.membership"),
        {"user": eve.pk, "company": company.pk, "role": Role.LICENSE_MANAGER},
    )
    given = eve.memberships.get(role=Role.LICENSE_MANAGER)

    as_ada.post(reverse("admin:accounts_membership_delete", args=[given.pk]), {"post": "yes"})

    assert [m.role for m in eve.memberships.all()] == [Role.AUDITOR]
    removed = Membership.history.filter(history_type="-").get()
    assert (removed.history_user_id, removed.id) == (ada.pk, given.pk)


def test_a_user_with_a_role_elsewhere_is_seen_but_not_taken_over(as_ada, company, elsewhere):
    both = make_user(Role.AUDITOR, company, elsewhere, username="both")
    password = reverse("admin:auth_user_password_change", args=[both.pk])
    taken = {"usable_password": "true", "password1": "mine-now-77x", "password2": "mine-now-77x"}

    assert as_ada.get(change(both)).status_code == 200
    assert "Elsewhere" not in as_ada.get(change(both)).content.decode()
    assert as_ada.post(change(both), {"username": "mine", **no_memberships()}).status_code == 403
    assert as_ada.post(password, taken).status_code == 403

    both.refresh_from_db()
    assert both.username == "both"
    assert not both.check_password("mine-now-77x")


def test_a_superuser_with_a_role_here_is_not_taken_over(as_ada, company):
    root = UserFactory(is_superuser=True)
    MembershipFactory(user=root, company=company, role=Role.AUDITOR)

    password = reverse("admin:auth_user_password_change", args=[root.pk])

    assert as_ada.post(password, {"password1": "x", "password2": "x"}).status_code == 403


def test_users_of_other_companies_do_not_exist(as_ada, elsewhere):
    stranger = make_user(Role.AUDITOR, elsewhere, username="stranger")

    assert "stranger" not in listed(as_ada, "accounts.user")
    assert as_ada.get(change(stranger)).status_code == 404
    password = reverse("admin:auth_user_password_change", args=[stranger.pk])
    assert as_ada.get(password).status_code == 404
    assert "stranger" not in as_ada.get(add("accounts.membership")).content.decode()


def test_a_membership_of_another_company_does_not_exist(as_ada, elsewhere):
    theirs = MembershipFactory(company=elsewhere)

    assert as_ada.get(change(theirs)).status_code == 404
    delete = reverse("admin:accounts_membership_delete", args=[theirs.pk])
    assert as_ada.post(delete, {"post": "yes"}).status_code == 404
    assert Membership.objects.filter(pk=theirs.pk).exists()


def test_only_a_superuser_adds_companies(as_ada, as_root):
    assert as_ada.get(add("accounts.company")).status_code == 403

    as_root.post(add("accounts.company"), {"name": "New SA", "code": "NEW"})

    assert Company.objects.filter(code="NEW").exists()


def test_lists_ask_the_database_as_often_for_many_rows_as_for_few(
    as_ada, company, django_assert_max_num_queries
):
    for _ in range(15):
        LicenseFactory(company=company)

    listed(as_ada, "entitlements.entitlement")  # the first request of a day counts the numbers
    with django_assert_max_num_queries(12):
        listed(as_ada, "entitlements.entitlement")

    assert Entitlement.objects.count() == 15
