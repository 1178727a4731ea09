"""Django's registration of this app."""

from django.apps import AppConfig


class Config(AppConfig):
    """The app ``challenges``."""

    name = "lumbung.centre.challenges"
    label = "challenges"
