"""Django's registration of this app."""

from django.apps import AppConfig


class Config(AppConfig):
    """The app ``portal``: it says what can be found, and has the housekeeper keep the index and send digests."""

    name = "lumbung.centre.portal"
    label = "portal"

    def ready(self) -> None:
        from lumbung.centre.members.notices import send_digests
        from lumbung.centre.members.searching import add_source, keep_index
        from lumbung.centre.standings.housekeeping import add_chore

        here, cooperation = "lumbung.centre.portal.found", "lumbung.centre.partners.found"
        add_source("challenge", f"{here}.challenges")
        add_source("organisation", f"{here}.organisations")
        add_source("node", f"{here}.nodes")
        add_source("programme", f"{here}.programmes")
        add_source("help", f"{here}.pages")
        add_source("need", f"{cooperation}.needs")
        add_source("offer", f"{cooperation}.offers")
        add_source("project", f"{cooperation}.projects")
        add_source("facility", f"{cooperation}.facilities")
        add_source("season", f"{cooperation}.seasons")
        add_chore("what search finds", keep_index, every_s=10.0)
        add_chore("a letter a day with what is new", send_digests, every_s=600.0)
