"""Django's registration of this app."""

from typing import Any

from django.apps import AppConfig


def _take_back_fallen(sender: Any, **said: Any) -> None:
    """Load what makes badges once evidence fell, and not to start the app."""
    from lumbung.centre.credentials.badges import take_back_fallen

    take_back_fallen(sender, **said)


class Config(AppConfig):
    """The app ``credentials``: it takes back badges over evidence that fell."""

    name = "lumbung.centre.credentials"
    label = "credentials"

    def ready(self) -> None:
        from lumbung.centre.runs.keys import evidence_fell

        evidence_fell.connect(_take_back_fallen)
