"""All addresses of the application."""

from django.contrib import admin
from django.urls import include, path

from lcm.health import healthz

urlpatterns = [
    path("healthz", healthz),
    path("", include("accounts.urls")),
    path("", include("contracts.urls")),
    path("", include("entitlements.urls")),
    path("", include("deployments.urls")),
    path("", include("allocation.urls")),
    path("admin/", admin.site.urls),
]
