"""All addresses of the application."""

from django.contrib import admin
from django.urls import path

from lcm.health import healthz

urlpatterns = [
    path("healthz", healthz),
    path("admin/", admin.site.urls),
]
