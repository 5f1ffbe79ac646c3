"""Addresses of contracts."""

from django.urls import path

from contracts.views import at_once, calendar, documents, pages, reminders, terms

urlpatterns = [
    path("contracts/", pages.contract_list, name="contracts"),
    path("contracts/change", at_once.change_contracts, name="change-contracts"),
    path("contracts/changes/<int:pk>/undo", at_once.undo_change, name="undo-change-of-contracts"),
    path("contracts/add", pages.add_contract, name="add-contract"),
    path("contracts/<int:pk>", pages.contract_page, name="contract"),
    path("contracts/<int:pk>/edit", pages.edit_contract, name="edit-contract"),
    path("contracts/<int:pk>/add-term", terms.add_term, name="add-term"),
    path("contracts/<int:pk>/renew", terms.renew, name="renew-contract"),
    path("contracts/<int:pk>/give-notice", terms.notice, name="give-notice"),
    path("contracts/<int:pk>/withdraw-notice", terms.withdraw, name="withdraw-notice"),
    path("contracts/<int:pk>/reminders", reminders.edit_reminder, name="edit-reminder"),
    path("contracts/<int:pk>/add-document", documents.add, name="add-document"),
    path("terms/<int:pk>/edit", terms.edit_term, name="edit-term"),
    path("documents/<int:pk>", documents.download, name="document"),
    path("documents/<int:pk>/remove", documents.remove, name="remove-document"),
    path("reminders/<int:pk>/dismiss", reminders.dismiss, name="dismiss-reminder"),
    path("renewals/", calendar.renewals, name="renewals"),
    path("renewals/feed", calendar.feed_address, name="feed-address"),
    path("renewals/feed/withdraw", calendar.withdraw_feed_address, name="withdraw-feed-address"),
    path("calendar/<str:key>.ics", calendar.feed, name="calendar-feed"),
]
