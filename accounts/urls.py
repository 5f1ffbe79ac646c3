"""Addresses of the frame: signing in and out, the company switcher, what runs now."""

from django.contrib.auth.views import LoginView, LogoutView
from django.urls import path

from accounts import saved_views, views

urlpatterns = [
    path("", views.home, name="home"),
    path("search", views.search, name="search"),
    path(
        "sign-in",
        LoginView.as_view(template_name="accounts/sign_in.html", redirect_authenticated_user=True),
        name="sign-in",
    ),
    path("sign-out", LogoutView.as_view(), name="sign-out"),
    path("narrow", views.narrow, name="narrow"),
    path("running", views.running, name="running"),
    path("choose/<str:source>", views.choose, name="choose"),
    path("saved-views/add/<str:list_name>", saved_views.add_saved_view, name="add-saved-view"),
    path("saved-views/<int:pk>/edit", saved_views.edit_saved_view, name="edit-saved-view"),
    path("saved-views/<int:pk>/delete", saved_views.delete_saved_view, name="delete-saved-view"),
]
