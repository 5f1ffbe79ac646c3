"""The organisation in the admin: companies, users and their roles, people and places."""

from typing import Any

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.models import Group
from django.db import models
from django.http import HttpRequest, HttpResponse

from accounts.administration import (
    AdministeredCompanies,
    CompanyAdmin,
    ScopedAdmin,
    administered,
    choices_of,
    scope_of,
    users_seen_by,
)
from accounts.models import (
    Company,
    CostCentre,
    Department,
    Location,
    Membership,
    Person,
    User,
)
from common.acting import acting

# Roles are memberships here; Django's groups and permissions decide nothing.
admin.site.unregister(Group)


@admin.register(Company)
class CompaniesAdmin(ScopedAdmin):
    """Companies: a superuser adds them, their administrators may rename them."""

    list_display = ("name", "code")
    search_fields = ("name", "code")

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[Company]:
        return super().get_queryset(request).filter(pk__in=administered(request))

    def has_add_permission(self, request: HttpRequest) -> bool:
        return scope_of(request).is_superuser

    def has_change_permission(self, request: HttpRequest, obj: Company | None = None) -> bool:
        return self.has_view_permission(request, obj)


def may_change_roles_of(request: HttpRequest, user: User | None) -> bool:
    """Nobody changes their own roles; a superuser may, who has all of them anyway."""
    return user is None or user != request.user or scope_of(request).is_superuser


class MembershipInline(admin.TabularInline):
    """The roles of a user in the companies that the person administers."""

    model = Membership
    extra = 1

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[Membership]:
        return super().get_queryset(request).filter(company_id__in=administered(request))

    def get_min_num(self, request: HttpRequest, obj: User | None = None, **kwargs: Any) -> int:
        # A user without a role would be seen by nobody but a superuser.
        return 1 if obj is None and not scope_of(request).is_superuser else 0

    def get_formset(self, request: HttpRequest, obj: User | None = None, **kwargs: Any) -> Any:
        formset = super().get_formset(request, obj, **kwargs)
        formset.validate_min = True
        return formset

    def formfield_for_foreignkey(
        self, db_field: models.ForeignKey, request: HttpRequest, **kwargs: Any
    ) -> Any:
        kwargs["queryset"] = choices_of(db_field.related_model, request)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def has_view_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        return True

    def has_add_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        return may_change_roles_of(request, obj)

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        return may_change_roles_of(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        return may_change_roles_of(request, obj)


@admin.register(User)
class UserAdmin(ScopedAdmin, DjangoUserAdmin):
    """
    Users: administrators keep those whose roles are all in companies of theirs.

    Others with a role there they see, and change that role on the page of memberships. What makes a
    superuser, only a superuser sees.
    """

    list_display = ("username", "first_name", "last_name", "email", "is_active")
    list_filter = ("is_active",)
    filter_horizontal = ()
    inlines = (MembershipInline,)
    add_fieldsets = (
        (
            None,
            {
                "classes": ("wide",),
                "fields": (
                    "username",
                    "first_name",
                    "last_name",
                    "email",
                    "usable_password",
                    "password1",
                    "password2",
                ),
            },
        ),
    )

    def get_fieldsets(self, request: HttpRequest, obj: User | None = None) -> Any:
        if obj is None:
            return self.add_fieldsets
        flags = ("is_active", "is_superuser") if scope_of(request).is_superuser else ("is_active",)
        return (
            (None, {"fields": ("username", "password")}),
            ("Person", {"fields": ("first_name", "last_name", "email")}),
            ("Access", {"fields": flags}),
        )

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> Any:
        return ("is_active", "is_superuser") if obj == request.user else ()

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[User]:
        return users_seen_by(request).order_by("username")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        if not self.has_view_permission(request, obj):
            return False
        return obj is None or scope_of(request).is_superuser or self._is_kept_by(request, obj)

    def _is_kept_by(self, request: HttpRequest, user: User) -> bool:
        """Whoever could set the password of a user would have all of their roles."""
        elsewhere = user.memberships.exclude(company_id__in=administered(request))
        return not user.is_superuser and not elsewhere.exists()

    def user_change_password(
        self, request: HttpRequest, id: str, form_url: str = ""
    ) -> HttpResponse:
        with acting(request.user, "Password changed in the administration"):  # type: ignore[arg-type]
            return super().user_change_password(request, id, form_url)


@admin.register(Membership)
class MembershipAdmin(CompanyAdmin):
    """Roles in companies. They can be taken away; their history stays."""

    list_display = ("user", "company", "role")
    list_filter = (AdministeredCompanies, "role")
    list_select_related = ("user", "company")
    search_fields = ("user__username", "user__first_name", "user__last_name")

    def has_change_permission(self, request: HttpRequest, obj: Membership | None = None) -> bool:
        allowed = super().has_change_permission(request, obj)
        return allowed and (obj is None or may_change_roles_of(request, obj.user))

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.has_change_permission(request, obj)

    def formfield_for_foreignkey(
        self, db_field: models.ForeignKey, request: HttpRequest, **kwargs: Any
    ) -> Any:
        if db_field.name == "user" and not scope_of(request).is_superuser:
            kwargs["queryset"] = users_seen_by(request).exclude(
                username=request.user.get_username()
            )
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def get_readonly_fields(self, request: HttpRequest, obj: Membership | None = None) -> Any:
        return ("user", "company") if obj else ()

    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        with acting(request.user, "Taken away in the administration"):  # type: ignore[arg-type]
            return super().delete_view(request, object_id, extra_context)


@admin.register(Department, CostCentre)
class NamedRecordAdmin(CompanyAdmin):
    list_display: tuple[str, ...] = ("name", "company")
    list_select_related = ("company",)
    search_fields = ("name",)


@admin.register(Location)
class LocationAdmin(NamedRecordAdmin):
    list_display = ("name", "country", "company")


@admin.register(Person)
class PersonAdmin(CompanyAdmin):
    list_display = ("name", "email", "department", "company", "inactive_on")
    list_select_related = ("company", "department")
    search_fields = ("name", "email")
    autocomplete_fields = ("manager", "department", "user")
