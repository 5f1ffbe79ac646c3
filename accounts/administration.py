"""
Django's admin by scope: who may enter, and which records they find there.

Whoever administers a company may enter. They find the records of the companies they administer, and
the catalogue that all companies share, to which they may add and which only a superuser changes.
Other records do not exist for them: not in lists, not in choices, not by address.
"""

from collections.abc import Callable
from typing import Any, ClassVar, cast

from django import forms
from django.conf import settings
from django.contrib.admin import AdminSite, ModelAdmin, SimpleListFilter, TabularInline
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.db import models
from django.http import HttpRequest, HttpResponse

from accounts.access import ScopedRequest
from accounts.models import Company, User
from accounts.roles import Capability
from accounts.scope import Scope, ScopedQuerySet
from common.admin import ReadOnlyAdmin, RecordAdmin


def scope_of(request: HttpRequest) -> Scope:
    """The scope of who asks, whichever company they narrowed other pages to."""
    return cast(ScopedRequest, request).scope.whole


def administered(request: HttpRequest) -> frozenset[int]:
    """The companies that the person administers."""
    return scope_of(request).companies(Capability.ADMINISTER)


class Site(AdminSite):
    """The admin site; signing in happens on the application's own page."""

    site_header = "LCM administration"
    site_title = "LCM administration"
    index_title = "Administration"
    site_url = "/"
    enable_nav_sidebar = True
    final_catch_all_view = True

    def has_permission(self, request: HttpRequest) -> bool:
        return scope_of(request).may_anywhere(Capability.ADMINISTER)

    def login(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        if request.user.is_authenticated:
            raise PermissionDenied("Only administrators of a company may enter here.")
        return redirect_to_login(request.GET.get("next", request.path), settings.LOGIN_URL)


class SameCompanyForm(forms.ModelForm):
    """Refuses references to records of another company, which the database would refuse as well."""

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        company = cleaned.get("company") or getattr(self.instance, "company", None)
        for name, value in list(cleaned.items()):
            other = getattr(value, "company_id", None) if isinstance(value, models.Model) else None
            if other is not None and company is not None and other != company.pk:
                self.add_error(name, f"{value} is not of {company}.")
        return cleaned


class AdministeredCompanies(SimpleListFilter):
    """Filters by company, and offers only those the person administers."""

    title = "company"
    parameter_name = "company"

    def lookups(self, request: HttpRequest, model_admin: ModelAdmin) -> list[tuple[str, str]]:
        companies = Company.objects.filter(pk__in=administered(request))
        return [(str(company.pk), company.name) for company in companies]

    def queryset(self, request: HttpRequest, queryset: models.QuerySet) -> models.QuerySet:
        return queryset.filter(company_id=self.value()) if self.value() else queryset


class ScopedAdmin(RecordAdmin):
    """Permissions and choices by scope rather than by Django's permissions."""

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.admin_site.has_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return self.admin_site.has_permission(request)

    def formfield_for_foreignkey(
        self, db_field: models.ForeignKey, request: HttpRequest, **kwargs: Any
    ) -> Any:
        choices = choices_of(db_field.related_model, request)
        if choices is not None:
            kwargs.setdefault("queryset", choices)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)


def choices_of(related: type[models.Model], request: HttpRequest) -> models.QuerySet | None:
    """What of a kind of record a person may refer to; None where all of it is everybody's."""
    if related is Company:
        return Company.objects.filter(pk__in=administered(request))
    if related is User:
        return users_seen_by(request)
    records = related._default_manager.all()
    if isinstance(records, ScopedQuerySet):
        return records.visible_to(scope_of(request), Capability.ADMINISTER)
    return None


def users_seen_by(request: HttpRequest) -> models.QuerySet[User]:
    """The users with a role in a company that the person administers; a superuser sees all."""
    users = User.objects.all()
    if scope_of(request).is_superuser:
        return users
    return users.filter(memberships__company_id__in=administered(request)).distinct()


class CompanyAdmin(ScopedAdmin):
    """Records of companies: those of the companies that the person administers."""

    form = SameCompanyForm
    list_filter: ClassVar[tuple[Any, ...]] = (AdministeredCompanies,)

    def get_queryset(self, request: HttpRequest) -> models.QuerySet:
        return super().get_queryset(request).filter(company_id__in=administered(request))

    def has_add_permission(self, request: HttpRequest) -> bool:
        return self.admin_site.has_permission(request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        allowed: Callable[[HttpRequest], bool] = self.admin_site.has_permission
        return allowed(request) and (obj is None or obj.company_id in administered(request))

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """A record stays in its company: others of the company refer to it."""
        return (*super().get_readonly_fields(request, obj), *(["company"] if obj else []))


class ReadOnlyCompanyAdmin(ReadOnlyAdmin, CompanyAdmin):
    """Records of companies that are written elsewhere, under rules of their own."""


class CatalogueAdmin(ScopedAdmin):
    """What all companies share: every administrator adds, only a superuser changes."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return self.admin_site.has_permission(request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return scope_of(request).is_superuser


class CatalogueInline(TabularInline):
    """Parts of a record of the catalogue: added with it, later by a superuser alone."""

    extra = 0
    can_delete = False

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.admin_site.has_permission(request)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        # To a record that is there already it takes the right to change that record, too.
        return self.admin_site.has_permission(request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return scope_of(request).is_superuser

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
