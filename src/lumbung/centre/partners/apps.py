"""Django's registration of this app."""

from django.apps import AppConfig


class Config(AppConfig):
    """The app ``partners``: it offers the queue its grants and the housekeeper its chores, and hears of teams that merge."""

    name = "lumbung.centre.partners"
    label = "partners"

    def ready(self) -> None:
        from lumbung.centre.partners import rationing, seasons, vectors
        from lumbung.centre.runs.merging import teams_merged
        from lumbung.centre.runs.queue import ration_by
        from lumbung.centre.standings.housekeeping import add_chore

        ration_by(rationing.Grants())
        teams_merged.connect(seasons.enter_together)
        add_chore("vectors of needs and offers", vectors.keep_vectors, every_s=20.0)
        add_chore("hours used, from evidence", rationing.settle, every_s=20.0)
