"""Django's registration of this app."""

from django.apps import AppConfig


class Config(AppConfig):
    """The app ``standings``: it has the housekeeper remove blobs that nothing names."""

    name = "lumbung.centre.standings"
    label = "standings"

    def ready(self) -> None:
        from lumbung.centre.standings.collecting import collect_blobs
        from lumbung.centre.standings.housekeeping import add_chore

        add_chore("blobs that nothing names", collect_blobs, every_s=3600.0)
