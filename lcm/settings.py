"""Settings of the project. What differs between installations comes from the environment."""

import logging
import os
import sys
from datetime import timedelta

from django.utils.csp import CSP

from lcm.environment import Refused, read_installation
from lcm.home import PROJECT, home
from lcm.logs import LOCAL, production_logging

try:
    INSTALLATION = read_installation(os.environ, home=home)
except Refused as refusal:
    sys.exit(str(refusal))  # for whoever installs it: a list of what to set, and no traceback

SECRET_KEY = INSTALLATION.secret_key
LCM_KEY_SECRETS = INSTALLATION.key_secrets  # of license keys (entitlements.secrets)
DEBUG = INSTALLATION.debug
ALLOWED_HOSTS = list(INSTALLATION.hosts)

INSTALLED_APPS = [
    "lcm",
    "common",
    "accounts",
    "contracts",
    "entitlements",
    "deployments",
    "allocation",
    "demo",
    "accounts.apps.AdministrationConfig",  # django.contrib.admin, on a site of ours
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.forms",  # after our apps: their templates may stand for widgets
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django_htmx",
    "django_filters",
    "simple_history",
    "procrastinate.contrib.django",
    "axes",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.gzip.GZipMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.csp.ContentSecurityPolicyMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "accounts.access.ScopeMiddleware",
    "accounts.access.PrivacyMiddleware",
    "allocation.middleware.NumbersOfTheDayMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "lcm.urls"
WSGI_APPLICATION = "lcm.wsgi.application"
# Widgets of ours are drawn by templates of the project.
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [PROJECT / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.csp",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "accounts.frame.frame",
            ],
            "builtins": ["common.templatetags.show"],
        },
    },
]

DATABASES = {"default": INSTALLATION.database}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
# After ten wrong passwords for a user from one address, a quarter of an hour must pass.
AXES_FAILURE_LIMIT = 10
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_LOCKOUT_TEMPLATE = "accounts/locked_out.html"

LOGIN_URL = "sign-in"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "sign-in"

LANGUAGE_CODE = "en-gb"
USE_I18N = False
TIME_ZONE = "UTC"
USE_TZ = True

STATIC_URL = "static/"
STATICFILES_DIRS = [PROJECT / "static"]
# In production collected once, with hashes in their names; else served from where they lie.
STATIC_ROOT = PROJECT / "staticfiles" if INSTALLATION.is_production else None
WHITENOISE_USE_FINDERS = not INSTALLATION.is_production
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if INSTALLATION.is_production
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}

# Nothing from elsewhere and nothing inline but what carries the request's nonce.
SECURE_CSP = {
    "default-src": [CSP.SELF],
    "script-src": [CSP.SELF, CSP.NONCE],
    "style-src": [CSP.SELF, CSP.NONCE],
    "img-src": [CSP.SELF, "data:"],
    "object-src": [CSP.NONE],
    "base-uri": [CSP.NONE],
    "form-action": [CSP.SELF],
    "frame-ancestors": [CSP.NONE],
}
X_FRAME_OPTIONS = "DENY"

# The history of a record is found by its own index (common.history).
SIMPLE_HISTORY_DATE_INDEX = False

SILENCED_SYSTEM_CHECKS = []

if INSTALLATION.https:
    SECURE_SSL_REDIRECT = True
    SECURE_REDIRECT_EXEMPT = [r"^healthz$"]  # asked from beside the application, without TLS
    SECURE_HSTS_SECONDS = 365 * 24 * 60 * 60
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SESSION_COOKIE_SECURE = True
    CSRF_COOKIE_SECURE = True
    # To be preloaded into browsers is for the owner of the whole domain to decide.
    SILENCED_SYSTEM_CHECKS.append("security.W021")
if INSTALLATION.behind_proxy:
    # Only a proxy that sets these headers itself, whatever the browser sent, may stand in front.
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    AXES_IPWARE_META_PRECEDENCE_ORDER = ("HTTP_X_FORWARDED_FOR", "REMOTE_ADDR")
    AXES_IPWARE_PROXY_COUNT = 1

# A workbook that asks for more is refused with a sentence.
LCM_IMPORT_MOST_FILE_MB = INSTALLATION.import_limits["MOST_FILE_MB"]
LCM_IMPORT_MOST_UNPACKED_MB = INSTALLATION.import_limits["MOST_UNPACKED_MB"]
LCM_IMPORT_MOST_RATIO = INSTALLATION.import_limits["MOST_RATIO"]
LCM_IMPORT_MOST_PARTS = INSTALLATION.import_limits["MOST_PARTS"]
LCM_IMPORT_MOST_ROWS = INSTALLATION.import_limits["MOST_ROWS"]
LCM_IMPORT_MOST_COLUMNS = INSTALLATION.import_limits["MOST_COLUMNS"]
LCM_IMPORT_MEMORY_MB = INSTALLATION.import_limits["MEMORY_MB"]
LCM_IMPORT_SECONDS = INSTALLATION.import_limits["SECONDS"]

LCM_INVENTORY_MOST_FILE_MB = INSTALLATION.inventory_limits["MOST_FILE_MB"]
LCM_INVENTORY_MOST_UNPACKED_MB = INSTALLATION.inventory_limits["MOST_UNPACKED_MB"]
LCM_INVENTORY_MOST_RATIO = INSTALLATION.inventory_limits["MOST_RATIO"]
LCM_INVENTORY_MOST_PARTS = INSTALLATION.inventory_limits["MOST_PARTS"]
LCM_INVENTORY_MOST_ROWS = INSTALLATION.inventory_limits["MOST_ROWS"]
LCM_INVENTORY_MOST_COLUMNS = INSTALLATION.inventory_limits["MOST_COLUMNS"]
LCM_INVENTORY_MEMORY_MB = INSTALLATION.inventory_limits["MEMORY_MB"]
LCM_INVENTORY_SECONDS = INSTALLATION.inventory_limits["SECONDS"]

# Links in mails and calendars begin with it, never with what a request calls its host.
LCM_ADDRESS = INSTALLATION.address
LCM_SENDS_MAIL = INSTALLATION.mailer is not None
MAILERS = {"default": INSTALLATION.mailer} if INSTALLATION.mailer else {}
if not LCM_SENDS_MAIL:
    # An installation without a mail server is whole: it reminds on the home page.
    SILENCED_SYSTEM_CHECKS.append("mail.W001")
DEFAULT_FROM_EMAIL = INSTALLATION.mail_from

# A larger document of a record is refused with a sentence.
LCM_DOCUMENT_MOST_MB = INSTALLATION.document_most_mb

LOGGING = LOCAL
if INSTALLATION.is_production:
    LOGGING = production_logging()
    INSTALLED_APPS.append("django_structlog")
    MIDDLEWARE.append("django_structlog.middlewares.RequestMiddleware")
    DJANGO_STRUCTLOG_STATUS_START_LOG_LEVEL = logging.DEBUG  # one line a request is enough
