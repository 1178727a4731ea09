"""Django's registration of this app."""

from django.apps import AppConfig


class Config(AppConfig):
    """The app ``portal``: it says what can be found, and has the housekeeper keep the index."""

    name = "lumbung.centre.portal"
    label = "portal"

    def ready(self) -> None:
        from lumbung.centre.members.searching import add_source, keep_index
        from lumbung.centre.partners import found as cooperation
        from lumbung.centre.portal import found
        from lumbung.centre.standings.housekeeping import add_chore

        add_source("challenge", found.challenges)
        add_source("organisation", found.organisations)
        add_source("node", found.nodes)
        add_source("programme", found.programmes)
        add_source("help", found.pages)
        add_source("need", cooperation.needs)
        add_source("offer", cooperation.offers)
        add_source("project", cooperation.projects)
        add_source("facility", cooperation.facilities)
        add_source("season", cooperation.seasons)
        add_chore("what search finds", keep_index, every_s=10.0)
