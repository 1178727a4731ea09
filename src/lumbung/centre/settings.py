"""Settings of the centre, from the environment. ``lumbung serve`` needs none of them; production sets a few.

LUMBUNG_HOME            data folder (SQLite, blobs, keys); default: the platform's data folder
LUMBUNG_DATABASE_URL    postgresql://user:password@host/name; default: SQLite in WAL mode in LUMBUNG_HOME
LUMBUNG_BLOBS_URL       where submissions lie, any fsspec URL (s3://bucket/prefix); default: LUMBUNG_HOME/blobs
LUMBUNG_HOSTS           comma-separated host names; default: localhost
LUMBUNG_HTTPS           1 where a proxy in front speaks TLS: secure cookies, HSTS, its X-Forwarded-For is believed
LUMBUNG_EMAIL_URL       smtp://user:password@host:port; default: mails are written to LUMBUNG_HOME/mail
LUMBUNG_BASEMAP         a GeoJSON file in place of the shipped map (disputed borders are drawn as one chooses)
LUMBUNG_DOCS            a folder that `make docs` wrote: the documentation, shown under Help and at /docs/
LUMBUNG_LEASE_S         seconds after which a silent node loses its run; default 60
LUMBUNG_KEY_DAYS        for how many days the key of a node is good before it must be replaced; default 730
LUMBUNG_METRICS_TOKEN   who asks for /metrics from another machine shows this as a bearer token
LUMBUNG_URL             the centre's own address, as it stands on badges; default: made from the first host
LUMBUNG_ISSUER          the institution that issues badges; default: Lumbung
LUMBUNG_DEMONSTRATION   1 where the people and organisations are made up: every page says so
LUMBUNG_OIDC            JSON list of OpenID Connect providers (id, name, server, client id, secret; where people sign
                        in on other hosts than the server's, those pages)
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlparse

from lumbung.centre.portal import documentation
from lumbung.web.catalogues import compiled
from lumbung.web.secret import kept_secret


def _home() -> Path:
    named = os.environ.get("LUMBUNG_HOME")
    if named:
        return Path(named)
    import platformdirs

    return platformdirs.user_data_path("lumbung")


def _database(url: str | None, home: Path) -> dict[str, Any]:
    if not url:
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": home / "centre.sqlite3",
            # Kept open: closing the last connection folds the whole write-ahead log back into the file.
            "CONN_MAX_AGE": None,
            "TEST": {"NAME": home / "test.sqlite3"},  # a file: threads of one test share it as in life
            "OPTIONS": {
                # IMMEDIATE: two writers wait for each other at the start, instead of one failing at the end.
                "transaction_mode": "IMMEDIATE",
                "timeout": 20,
                "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA cache_size=-16000",
            },
        }
    parts = urlparse(url)
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": parts.path.lstrip("/"),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": parts.hostname or "",
        "PORT": str(parts.port or ""),
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
    }


def _pages_of(provider: dict[str, Any]) -> list[str]:
    """Return the addresses a provider may send a browser to when a person signs in."""
    return [provider["server_url"], *provider.get("sign_in_urls", [])]


def _origin(url: str) -> str:
    parts = urlparse(url)
    return f"{parts.scheme}://{parts.netloc}"


BASE = Path(__file__).parent
HOME = _home()
HTTPS = os.environ.get("LUMBUNG_HTTPS") == "1"
DEBUG = False
SECRET_KEY = kept_secret(HOME / "secret")
ALLOWED_HOSTS = [
    host.strip() for host in os.environ.get("LUMBUNG_HOSTS", "localhost,127.0.0.1,[::1]").split(",")
]
# Badges name this address for years: a name that stays, not this machine's.
PUBLIC_URL = os.environ.get("LUMBUNG_URL", "").rstrip("/") or (
    f"https://{ALLOWED_HOSTS[0]}"
    if HTTPS
    else f"http://{ALLOWED_HOSTS[0]}:{os.environ.get('LUMBUNG_PORT', '8000')}"
)
ISSUER_NAME = os.environ.get("LUMBUNG_ISSUER", "Lumbung")
CSRF_TRUSTED_ORIGINS = [f"https://{host}" for host in ALLOWED_HOSTS] if HTTPS else []

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django.contrib.sitemaps",
    "lumbung.web",
    "lumbung.centre.portal",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "django_htmx",
    "lumbung.centre.members",
    "lumbung.centre.challenges",
    "lumbung.centre.runs",
    "lumbung.centre.standings",
    "lumbung.centre.credentials",
    "lumbung.centre.partners",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "lumbung.centre.members.caching.PrivatePages",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "lumbung.centre.members.nul.RefuseNul",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "lumbung.centre.portal.faults.DomainFaults",
]
CSRF_FAILURE_VIEW = "lumbung.centre.portal.faults.csrf_failure"
ROOT_URLCONF = "lumbung.centre.urls"
WSGI_APPLICATION = "lumbung.centre.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "lumbung.centre.portal.navigation.navigation",
            ]
        },
    }
]
FORM_RENDERER = "django.forms.renderers.Jinja2"  # quicker where a form lists every organisation
DATABASES = {"default": _database(os.environ.get("LUMBUNG_DATABASE_URL"), HOME)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "members.User"
AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_REDIRECT_URL = "/"
ACCOUNT_LOGOUT_REDIRECT_URL = "/"
ACCOUNT_EMAIL_SUBJECT_PREFIX = "[Lumbung] "
ACCOUNT_EMAIL_NOTIFICATIONS = True
LOGIN_URL = "account_login"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_REAUTHENTICATION_REQUIRED = True  # a browser left open does not give the account's address away
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = os.environ.get("LUMBUNG_EMAIL_VERIFICATION", "mandatory")
ACCOUNT_RATE_LIMITS = {
    "login": "30/m/ip",
    "login_failed": "5/5m/key,20/m/ip",
    "signup": "40/h/ip",  # a full class behind one address
    "suspended_letter": "5/h/key,20/m/ip",
    "road": "300/m/ip",  # open to all, and work for each new question: a few hundredths of a second,
    "road_plan": "30/m/ip",  # and a quarter of one
}
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = "Lumbung"
MFA_TOTP_TOLERANCE = 1  # steps of 30 s a telephone's clock may be off (RFC 6238, 5.2: at most one)
MFA_FORMS = {
    "add_webauthn": "lumbung.centre.portal.forms.AddKeyForm",
    "edit_webauthn": "lumbung.centre.portal.forms.RenameKeyForm",
}
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not HTTPS
OIDC = json.loads(os.environ.get("LUMBUNG_OIDC", "[]"))
SOCIALACCOUNT_PROVIDERS = {
    "openid_connect": {"APPS": OIDC, "provider_class": "lumbung.centre.members.entrance.Provider"}
}
# Who runs the centre chose these providers: an address they verified is its owner's, with or without an account here.
SOCIALACCOUNT_EMAIL_AUTHENTICATION = SOCIALACCOUNT_EMAIL_AUTHENTICATION_AUTO_CONNECT = True
ACCOUNT_ADAPTER = "lumbung.centre.members.entrance.Newcomers"
SOCIALACCOUNT_ADAPTER = "lumbung.centre.members.entrance.Guests"
METRICS_TOKEN = os.environ.get("LUMBUNG_METRICS_TOKEN", "")

LANGUAGE_CODE = "en"
# Each by its own name: who cannot read the page can still find it.
LANGUAGES = [("en", "English"), ("id", "Bahasa Indonesia"), ("zh-hans", "简体中文")]
LOCALE_PATHS = [compiled(BASE, HOME)]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"

STATIC_URL = "static/"
STATIC_ROOT = HOME / "static"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "lumbung.web.assets.NamedByContent"},
}
STATICFILES_FINDERS = [
    "django.contrib.staticfiles.finders.AppDirectoriesFinder",
    "lumbung.web.assets.MapLibre",
]
# Where they were collected, they lie packed too; what a finder finds is sent as it is.
WHITENOISE_USE_FINDERS = not (STATIC_ROOT / "portal").is_dir()
WHITENOISE_MAX_AGE = 365 * 24 * 3600  # an address names its file's content
# The site lies below the root's /docs/; a folder's address shows its index.
WHITENOISE_ROOT = documentation.folder(os.environ.get("LUMBUNG_DOCS", ""))
WHITENOISE_INDEX_FILE = True
WHITENOISE_ADD_HEADERS_FUNCTION = documentation.headers
BLOBS_URL = os.environ.get("LUMBUNG_BLOBS_URL", f"file://{HOME / 'blobs'}")
DEMONSTRATION = os.environ.get("LUMBUNG_DEMONSTRATION") == "1"
BASEMAP = os.environ.get("LUMBUNG_BASEMAP", "")
LEASE_S = float(os.environ.get("LUMBUNG_LEASE_S", "60"))
KEY_DAYS = int(os.environ.get("LUMBUNG_KEY_DAYS", "730"))
# What a team may upload, packed; unpacking has limits of its own.
UPLOAD_LIMIT = int(os.environ.get("LUMBUNG_UPLOAD_LIMIT", str(64 * 2**20)))
# A file of weights, and all that the teams of one organisation keep; uploads lie here until they are whole.
WEIGHTS_LIMIT = int(os.environ.get("LUMBUNG_WEIGHTS_LIMIT", str(4 * 2**30)))
WEIGHTS_QUOTA = int(os.environ.get("LUMBUNG_WEIGHTS_QUOTA", str(20 * 2**30)))
UPLOADS = HOME / "uploads"
DATA_UPLOAD_MAX_MEMORY_SIZE = 4 * 2**20
FILE_UPLOAD_MAX_MEMORY_SIZE = 2 * 2**20

_email = urlparse(os.environ.get("LUMBUNG_EMAIL_URL", ""))
if _email.hostname:
    EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    EMAIL_HOST, EMAIL_PORT = _email.hostname, _email.port or 587
    EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = unquote(_email.username or ""), unquote(_email.password or "")
    EMAIL_USE_TLS = True
    EMAIL_TIMEOUT = 20
else:
    EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    EMAIL_FILE_PATH = HOME / "mail"
DEFAULT_FROM_EMAIL = os.environ.get("LUMBUNG_FROM", "Lumbung <noreply@localhost>")

SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
if HTTPS:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_HSTS_SECONDS = 31_536_000
    # Rates are counted per address: the last that X-Forwarded-For names, which the proxy itself saw.
    ALLAUTH_TRUSTED_PROXY_COUNT = 1
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'self'"],
        "img-src": ["'self'", "data:", "blob:"],
        "style-src": ["'self'"],
        "script-src": ["'self'"],
        "worker-src": ["'self'", "blob:"],
        "object-src": ["'none'"],
        "base-uri": ["'none'"],
        "frame-ancestors": ["'none'"],
        # A browser holds a form to this also where the answer redirects: signing in leads to the provider.
        "form-action": [
            "'self'",
            *sorted({_origin(url) for app in OIDC for url in _pages_of(app["settings"])}),
        ],
    }
}
LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"json": {"()": "lumbung.centre.members.logs.formatter"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "json"}},
    "root": {"handlers": ["console"], "level": os.environ.get("LUMBUNG_LOG_LEVEL", "WARNING")},
}
