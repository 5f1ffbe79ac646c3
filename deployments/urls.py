"""Addresses of deployments, of inventories and of the rules of discovery."""

from django.urls import path

from deployments.views import inventories, rules, titles

urlpatterns = [
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
