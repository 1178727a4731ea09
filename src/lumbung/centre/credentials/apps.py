"""Django's registration of this app."""

from django.apps import AppConfig


class Config(AppConfig):
    """The app ``credentials``."""

    name = "lumbung.centre.credentials"
    label = "credentials"
