"""Addresses of entitlements."""

from django.urls import path

from entitlements.models import Kind
from entitlements.views import (
    activities,
    at_once,
    downgrades,
    expenses,
    keys,
    metrics,
    pages,
    returns,
    states,
    upgrades,
)

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
    path("entitlements/<int:pk>/keys", keys.key_list, name="license-keys"),
    path("entitlements/<int:pk>/keys/add", keys.add, name="add-license-keys"),
    path("license-keys/<int:pk>", keys.key_page, name="license-key"),
    path("license-keys/<int:pk>/show", keys.show, name="show-license-key"),
    path("license-keys/<int:pk>/rename", keys.rename, name="rename-license-key"),
    path("license-keys/<int:pk>/withdraw", keys.withdraw, name="withdraw-license-key"),
    path("license-keys/<int:pk>/put-back", keys.put_back, name="put-license-key-back"),
    path("entitlements/<int:pk>/upgrades/add", upgrades.add, name="add-upgrade"),
    path("upgrades/<int:pk>/end", upgrades.end, name="end-upgrade"),
    path("entitlements/<int:pk>/downgrade-rights/add", downgrades.add, name="add-downgrade"),
    path("downgrade-rights/<int:pk>/change", downgrades.change, name="change-downgrade"),
    path("downgrade-rights/<int:pk>/end", downgrades.end, name="end-downgrade"),
    path("entitlements/<int:pk>/returns/add", returns.add, name="add-return"),
    path(
        "entitlements/<int:position>/returns/<int:pk>/change",
        returns.change,
        name="change-return",
    ),
    path(
        "entitlements/<int:position>/returns/<int:pk>/give-back",
        returns.give_back,
        name="give-back-return",
    ),
    path(
        "entitlements/<int:position>/returns/<int:pk>/take-back",
        returns.take_back,
        name="take-back-return",
    ),
    path("entitlements/<int:pk>/expenses/add", expenses.add, name="add-expense"),
    path("expenses/<int:pk>/change", expenses.change, name="change-expense"),
    path("expenses/<int:pk>/take-back", expenses.take_back, name="take-back-expense"),
    path("entitlements/<int:pk>/notes", activities.notes, name="notes"),
    path("entitlements/<int:pk>/notes/add", activities.add, name="add-note"),
    path("entitlements/<int:pk>/state", states.set_by_hand, name="set-state"),
    path("entitlements/<int:pk>/state/substates", states.substates, name="substates"),
    path("entitlements/<int:pk>/state/by-date", states.back, name="back-by-date"),
    path("entitlements/<int:pk>/edit", pages.edit_entitlement, name="edit-entitlement"),
    path("metrics/", metrics.metric_list, name="metrics"),
    path("metrics/calculation", metrics.calculation, name="metric-calculation"),
    path("metrics/processors", metrics.processor_list, name="processors"),
    path("metrics/processors/<int:pk>", metrics.processor_page, name="processor"),
    path("metrics/tiers/<str:key>", metrics.tier_page, name="tiers"),
    path("metrics/<int:pk>", metrics.metric_page, name="metric"),
]
