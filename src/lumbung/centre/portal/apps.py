"""Django's registration of this app."""

from django.apps import AppConfig


class Config(AppConfig):
    """The app ``portal``."""

    name = "lumbung.centre.portal"
    label = "portal"
