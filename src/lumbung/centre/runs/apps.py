"""Django's registration of this app."""

from django.apps import AppConfig


class Config(AppConfig):
    """The app ``runs``."""

    name = "lumbung.centre.runs"
    label = "runs"
