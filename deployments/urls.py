"""Addresses of deployments, of inventories and of the rules of discovery."""

from django.urls import path

from deployments.views import (
    at_once,
    deployed,
    devices,
    installations,
    inventories,
    people,
    rules,
    titles,
)

urlpatterns = [
    path("deployments/", deployed.deployment_list, name="deployments"),
    path("deployments/<int:pk>", deployed.deployment_page, name="deployment"),
    path("installations/", installations.installation_list, name="installations"),
    path("subscriptions/", installations.subscription_list, name="subscriptions"),
    path("devices/", devices.device_list, name="devices"),
    path("devices/change", at_once.change_devices, name="change-devices"),
    path("devices/changes/<int:pk>/undo", at_once.undo_change, name="undo-change-of-devices"),
    path("devices/<int:pk>", devices.device_page, name="device"),
    path("devices/<int:pk>/edit", devices.edit_device, name="edit-device"),
    path("people/", people.person_list, name="people"),
    path("people/add", people.add_person, name="add-person"),
    path("people/<int:pk>", people.person_page, name="person"),
    path("people/<int:pk>/edit", people.edit_person, name="edit-person"),
    path("inventories/", inventories.inventory_list, name="inventory-imports"),
    path("inventories/add", inventories.add_inventory, name="add-inventory"),
    path("inventories/template.csv", inventories.inventory_template, name="inventory-template"),
    path("inventories/<int:pk>", inventories.inventory_page, name="inventory-import"),
    path(
        "inventories/<int:pk>/progress", inventories.inventory_progress, name="inventory-progress"
    ),
    path("inventories/<int:pk>/answer", inventories.answer_inventory, name="answer-inventory"),
    path("inventories/<int:pk>/confirm", inventories.confirm_inventory, name="confirm-inventory"),
    path("inventories/<int:pk>/stop", inventories.stop_inventory, name="stop-inventory"),
    path("inventories/<int:pk>/retry", inventories.retry_inventory, name="retry-inventory"),
    path(
        "inventories/<int:pk>/again", inventories.read_inventory_again, name="read-inventory-again"
    ),
    path("inventories/<int:pk>/file", inventories.inventory_file, name="inventory-file"),
    path("software/", titles.title_list, name="discovered-titles"),
    path("software/<int:pk>", titles.title_page, name="discovered-title"),
    path("software/rules/", rules.rule_list, name="discovery-rules"),
    path("software/rules/add", rules.add_discovery_rule, name="add-discovery-rule"),
    path("software/rules/<int:pk>", rules.rule_page, name="discovery-rule"),
    path(
        "software/rules/<int:pk>/withdraw",
        rules.withdraw_discovery_rule,
        name="withdraw-discovery-rule",
    ),
]
