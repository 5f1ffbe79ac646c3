from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.test import RequestFactory

from accounts.access import needs, scope_of
from accounts.models import Company, Department
from accounts.roles import CAPABILITIES, Capability, Role
from accounts.scope import NOTHING, Scope
from common.acting import acting
from tests.factories import CompanyFactory, MembershipFactory, UserFactory, make_user

READ, MANAGE, SEE_KEYS, ADMINISTER, REQUEST = (
    Capability.READ,
    Capability.MANAGE,
    Capability.SEE_KEYS,
    Capability.ADMINISTER,
    Capability.REQUEST,
)


@pytest.mark.parametrize(
    ("role", "allowed"),
    [
        pytest.param(Role.REQUESTER, {REQUEST}, id="a requester only asks"),
        pytest.param(Role.AUDITOR, {REQUEST, READ}, id="an auditor reads and changes nothing"),
        pytest.param(
            Role.LICENSE_MANAGER,
            {REQUEST, READ, MANAGE, SEE_KEYS},
            id="a license manager changes",
        ),
        pytest.param(
            Role.ADMINISTRATOR,
            {REQUEST, READ, MANAGE, SEE_KEYS, ADMINISTER},
            id="an administrator is a license manager too",
        ),
    ],
)
def test_what_each_role_may_do(role: Role, allowed: set[Capability]) -> None:
    assert CAPABILITIES[role] == allowed


@pytest.mark.django_db
def test_a_scope_holds_the_companies_of_the_memberships_and_no_others() -> None:
    acme, ajax, other = CompanyFactory(), CompanyFactory(), CompanyFactory()
    user = make_user(Role.LICENSE_MANAGER, acme)
    MembershipFactory(user=user, company=ajax, role=Role.AUDITOR)

    scope = scope_of(user)

    assert scope.companies(READ) == {acme.pk, ajax.pk}
    assert scope.companies(MANAGE) == {acme.pk}
    assert not scope.may(READ, other.pk)
    assert set(Company.objects.visible_to(scope)) == {acme, ajax}


@pytest.mark.django_db
def test_roles_of_one_company_add_up() -> None:
    acme = CompanyFactory()
    user = make_user(Role.REQUESTER, acme)
    MembershipFactory(user=user, company=acme, role=Role.AUDITOR)

    assert scope_of(user).may(READ, acme.pk)


@pytest.mark.django_db
def test_a_superuser_sees_everything_and_a_deactivated_one_nothing() -> None:
    acme = CompanyFactory()

    root, gone = UserFactory(is_superuser=True), UserFactory(is_superuser=True, is_active=False)

    assert scope_of(root).may(ADMINISTER, acme.pk)
    assert scope_of(gone) == NOTHING


@pytest.mark.django_db
def test_records_of_other_companies_do_not_exist() -> None:
    acme, other = CompanyFactory(), CompanyFactory()
    with acting(None, "Set up by a test"):
        ours = Department.objects.create(company=acme, name="IT")
        Department.objects.create(company=other, name="IT")

    visible = Department.objects.visible_to(scope_of(make_user(Role.AUDITOR, acme)))

    assert list(visible) == [ours]


def scope_in(company_id: int, *capabilities: Capability) -> Scope:
    return Scope(
        user_id=1, capabilities={company_id: frozenset(capabilities), 9: frozenset({READ})}
    )


def test_a_scope_narrows_to_a_company_that_is_in_it() -> None:
    scope = scope_in(1, READ)

    assert scope.narrowed(1).companies() == {1}
    assert scope.narrowed(404).companies() == {1, 9}
    assert scope.narrowed(1).may(READ, 9)


@pytest.mark.parametrize(
    ("company_id", "problem"),
    [
        pytest.param(404, Http404, id="a company out of scope does not exist"),
        pytest.param(9, PermissionDenied, id="a company that one only reads refuses"),
    ],
)
def test_a_demand_is_refused(company_id: int, problem: type[Exception]) -> None:
    with pytest.raises(problem):
        scope_in(1, READ, MANAGE).demand(MANAGE, company_id)


def test_a_demand_that_is_met_passes() -> None:
    scope_in(1, READ, MANAGE).demand(MANAGE, 1)


@needs(MANAGE)
def changing_page(request: HttpRequest) -> HttpResponse:
    return HttpResponse("changed")


def asked_by(scope: Scope) -> HttpRequest:
    request: Any = RequestFactory().get("/")
    request.user = UserFactory.build() if scope.user_id else AnonymousUser()
    request.scope = scope
    asked: HttpRequest = request
    return asked


def test_a_page_opens_to_whoever_has_the_capability_somewhere() -> None:
    assert changing_page(asked_by(scope_in(1, READ, MANAGE))).status_code == 200


def test_a_page_sends_strangers_to_the_sign_in() -> None:
    assert changing_page(asked_by(NOTHING)).status_code == 302


def test_a_page_refuses_who_only_reads_and_does_not_exist_for_who_only_asks() -> None:
    with pytest.raises(PermissionDenied):
        changing_page(asked_by(scope_in(1, READ)))
    with pytest.raises(Http404):
        changing_page(asked_by(Scope(user_id=1, capabilities={1: frozenset({REQUEST})})))
