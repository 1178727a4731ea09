"""Django's settings for the desk: pages without a database.

LUMBUNG_HOME            data folder; the desk's part lies in LUMBUNG_HOME/desk, the node's in LUMBUNG_HOME/node
LUMBUNG_DESK_HOSTS      comma-separated names under which the desk is reached; set by ``lumbung desk``
LUMBUNG_DESK_HTTPS      1 where the browser speaks TLS with the desk or a proxy in front of it; set by ``lumbung desk``
LUMBUNG_BASEMAP         a GeoJSON file in place of the shipped map (disputed borders are drawn as one chooses)
LUMBUNG_DESK_UPLOAD     the largest upload in MiB; default 600
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from lumbung.desk.place import desk_folder
from lumbung.web.catalogues import compiled
from lumbung.web.secret import kept_secret

BASE = Path(__file__).parent
DESK = desk_folder()
HTTPS = os.environ.get("LUMBUNG_DESK_HTTPS") == "1"
DEBUG = False
SECRET_KEY = kept_secret(DESK / "secret")
# Only these: a page elsewhere cannot reach the desk through a name of its own (DNS rebinding).
ALLOWED_HOSTS = [*os.environ.get("LUMBUNG_DESK_HOSTS", "localhost,127.0.0.1,[::1]").split(",")]
CSRF_TRUSTED_ORIGINS = [f"https://{host}" for host in ALLOWED_HOSTS] if HTTPS else []

INSTALLED_APPS = [
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "lumbung.web",
    "lumbung.desk",
    "django_htmx",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "lumbung.desk.uploads.RefuseTooLarge",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "lumbung.desk.door.Door",
    "django_htmx.middleware.HtmxMiddleware",
]
CSRF_FAILURE_VIEW = "lumbung.desk.pages.csrf_failure"
ROOT_URLCONF = "lumbung.desk.urls"
WSGI_APPLICATION = "lumbung.desk.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "lumbung.desk.door.whose",
            ]
        },
    }
]
DATABASES: dict[str, Any] = {}

LANGUAGE_CODE = "en"
# Each by its own name: who cannot read the page can still find it.
LANGUAGES = [("en", "English"), ("id", "Bahasa Indonesia"), ("zh-hans", "简体中文")]
LOCALE_PATHS = [compiled(BASE, DESK)]
LANGUAGE_COOKIE_SAMESITE = "Lax"
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"
USE_THOUSAND_SEPARATOR = True

STATIC_URL = "static/"
STATIC_ROOT = DESK / "static"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "lumbung.web.assets.NamedByContent"},
}
STATICFILES_FINDERS = [
    "django.contrib.staticfiles.finders.AppDirectoriesFinder",
    "lumbung.web.assets.MapLibre",
]
WHITENOISE_USE_FINDERS = False  # the command collects them, packed
WHITENOISE_MAX_AGE = 365 * 24 * 3600  # an address names its file's content
BASEMAP = os.environ.get("LUMBUNG_BASEMAP", "")
UPLOAD_LIMIT = int(os.environ.get("LUMBUNG_DESK_UPLOAD", "600")) * 2**20
DATA_UPLOAD_MAX_MEMORY_SIZE = 4 * 2**20
DATA_UPLOAD_MAX_NUMBER_FIELDS = (
    100_000  # a page of rows to mend has a field a cell; the size above bounds them
)
FILE_UPLOAD_MAX_MEMORY_SIZE = 0  # on the disk that the job will lie on, whatever the size
FILE_UPLOAD_HANDLERS = ["django.core.files.uploadhandler.TemporaryFileUploadHandler"]
FILE_UPLOAD_TEMP_DIR = DESK / "uploads"

SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CSRF_COOKIE_SAMESITE = "Strict"
CSRF_COOKIE_SECURE = HTTPS
if HTTPS:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'self'"],
        "img-src": ["'self'", "data:", "blob:"],
        # MapLibre fetches a picture that it is given as data.
        "connect-src": ["'self'", "data:"],
        "worker-src": ["'self'", "blob:"],
        "object-src": ["'none'"],
        "base-uri": ["'none'"],
        "frame-ancestors": ["'none'"],
        "form-action": ["'self'"],
    }
}
LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"console": {"class": "logging.StreamHandler"}},
    "root": {"handlers": ["console"], "level": os.environ.get("LUMBUNG_LOG_LEVEL", "WARNING")},
}
