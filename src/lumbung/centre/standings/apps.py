"""Django's registration of this app."""

from django.apps import AppConfig


class Config(AppConfig):
    """The app ``standings``."""

    name = "lumbung.centre.standings"
    label = "standings"
