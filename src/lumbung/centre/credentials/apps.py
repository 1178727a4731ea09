"""Django's registration of this app."""

from django.apps import AppConfig


class Config(AppConfig):
    """The app ``credentials``: it takes back badges over evidence that fell."""

    name = "lumbung.centre.credentials"
    label = "credentials"

    def ready(self) -> None:
        from lumbung.centre.credentials.badges import take_back_fallen
        from lumbung.centre.runs.keys import evidence_fell

        evidence_fell.connect(take_back_fallen)
