"""Django's registration of this app."""

from django.apps import AppConfig


class Config(AppConfig):
    """The app ``members``."""

    name = "lumbung.centre.members"
    label = "members"
