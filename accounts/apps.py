from django.apps import AppConfig
from django.contrib.admin import apps as admin_apps


class AccountsConfig(AppConfig):
    default = True
    name = "accounts"
    verbose_name = "Organisation"


class AdministrationConfig(admin_apps.AdminConfig):
    """Django's admin with a site of our own."""

    default = False
    default_site = "accounts.administration.Site"
