"""The desk as a WSGI application."""

from __future__ import annotations

import os

from django.core.wsgi import get_wsgi_application

from lumbung.sandbox.lifeline import follow_parent

os.environ["DJANGO_SETTINGS_MODULE"] = "lumbung.desk.settings"
follow_parent()  # a worker whose master was killed would keep the port
application = get_wsgi_application()
