"""Addresses of entitlements."""

from django.urls import path

from entitlements.models import Kind
from entitlements.views import at_once, pages

urlpatterns = [
    path("entitlements/", pages.entitlement_list, name="entitlements"),
    path("entitlements/change", at_once.change_entitlements, name="change-entitlements"),
    path(
        "entitlements/changes/<int:pk>/undo",
        at_once.undo_change,
        name="undo-change-of-entitlements",
    ),
    path(
        "entitlements/add-license",
        pages.add_entitlement,
        {"kind": Kind.LICENSE},
        name="add-license",
    ),
    path(
        "entitlements/add-maintenance",
        pages.add_entitlement,
        {"kind": Kind.MAINTENANCE},
        name="add-maintenance",
    ),
    path("entitlements/<int:pk>", pages.entitlement_page, name="entitlement"),
    path("entitlements/<int:pk>/edit", pages.edit_entitlement, name="edit-entitlement"),
]
