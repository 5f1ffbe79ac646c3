"""The organisation: users, companies, memberships, and who and where things belong to."""

from typing import Any, ClassVar

from django.contrib.auth.models import AbstractUser, UserManager
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower

from accounts.roles import Role
from accounts.scope import Scope, ScopedQuerySet
from common.acting import acting
from common.history import History
from common.searching import trigrams


class LcmUserManager(UserManager["User"]):
    """Django's manager; a superuser made from the command line is recorded as such."""

    def create_superuser(self, *args: Any, **kwargs: Any) -> "User":
        with acting(None, "Made from the command line"):
            return super().create_superuser(*args, **kwargs)


class User(AbstractUser):
    """A person who signs in."""

    objects: ClassVar[LcmUserManager] = LcmUserManager()
    # Signing in is no change of the user, and a password hash is a secret.
    history = History(excluded_fields=["last_login", "password"])

    class Meta:
        ordering = ("username",)

    def __str__(self) -> str:
        return self.get_full_name() or self.username


class CompanyQuerySet(models.QuerySet["Company"]):
    def visible_to(self, scope: Scope) -> "CompanyQuerySet":
        """The companies of a scope, narrowed or not: the switcher shows them all."""
        return self.filter(pk__in=scope.capabilities)


class Company(models.Model):
    """A legal entity that owns contracts, entitlements and deployments."""

    name = models.CharField(max_length=200)
    code = models.CharField("short code", max_length=20, db_collation="C")

    objects = CompanyQuerySet.as_manager()
    history = History()

    class Meta:
        verbose_name_plural = "companies"
        ordering = ("name",)
        constraints = [
            models.UniqueConstraint(Lower("name"), name="company_name_is_unique"),
            models.UniqueConstraint(Lower("code"), name="company_code_is_unique"),
        ]

    def __str__(self) -> str:
        return self.name


class Membership(models.Model):
    """Ties a user to a company with a role. Roles of one user in one company add up."""

    user = models.ForeignKey(User, models.PROTECT, related_name="memberships")
    company = models.ForeignKey(Company, models.PROTECT, related_name="memberships")
    role = models.CharField(max_length=20, choices=Role)

    objects = ScopedQuerySet["Membership"].as_manager()
    history = History()

    class Meta:
        ordering = ("company", "user", "role")
        constraints = [
            models.UniqueConstraint(
                fields=("user", "company", "role"), name="membership_is_held_once"
            ),
            models.CheckConstraint(
                condition=Q(role__in=Role.values), name="membership_role_is_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user}: {self.get_role_display()} of {self.company}"


class OfCompany(models.Model):
    """A record of one company, found by its name there."""

    company = models.ForeignKey(Company, models.PROTECT, related_name="+")
    name = models.CharField(max_length=200)

    class Meta:
        abstract = True
        ordering = ("name",)
        constraints = [
            models.UniqueConstraint(
                "company", Lower("name"), name="%(class)s_name_is_unique_in_company"
            ),
            models.UniqueConstraint(fields=("id", "company"), name="%(class)s_within_company"),
        ]

    def __str__(self) -> str:
        return self.name


class Department(OfCompany):
    objects = ScopedQuerySet["Department"].as_manager()
    history = History()


class CostCentre(OfCompany):
    objects = ScopedQuerySet["CostCentre"].as_manager()
    history = History()


class Location(OfCompany):
    """A site, a country or a region."""

    country = models.CharField(max_length=100, blank=True)

    objects = ScopedQuerySet["Location"].as_manager()
    history = History()


class Person(models.Model):
    """Somebody in a company, who need not be a user."""

    company = models.ForeignKey(Company, models.PROTECT, related_name="+")
    user = models.OneToOneField(User, models.PROTECT, null=True, blank=True, related_name="person")
    name = models.CharField(max_length=200)
    email = models.EmailField(blank=True)
    department = models.ForeignKey(
        Department,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="people",
        db_constraint=False,
    )
    manager = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="reports", db_constraint=False
    )
    inactive_on = models.DateField(null=True, blank=True)

    objects = ScopedQuerySet["Person"].as_manager()
    history = History()

    class Meta:
        verbose_name_plural = "people"
        ordering = ("name", "pk")
        indexes = [
            models.Index(fields=("name", "id"), name="person_by_name"),
            trigrams("name", "email", name="person_by_any_part"),
        ]
        constraints = [
            models.UniqueConstraint(
                "company",
                Lower("email"),
                condition=~Q(email=""),
                name="person_email_is_unique_in_company",
            ),
            models.UniqueConstraint(fields=("id", "company"), name="person_within_company"),
            models.CheckConstraint(
                condition=Q(manager=None) | ~Q(manager=F("pk")),
                name="person_is_not_their_own_manager",
            ),
        ]

    def __str__(self) -> str:
        return self.name
