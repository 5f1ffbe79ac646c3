"""Addresses of contracts."""

from django.urls import path

from contracts.views import pages

urlpatterns = [
    path("contracts/", pages.contract_list, name="contracts"),
    path("contracts/add", pages.add_contract, name="add-contract"),
    path("contracts/<int:pk>", pages.contract_page, name="contract"),
    path("contracts/<int:pk>/edit", pages.edit_contract, name="edit-contract"),
    path("contracts/<int:pk>/add-term", pages.add_term, name="add-term"),
]
