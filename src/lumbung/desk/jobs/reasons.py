"""What a job's codes mean, for people: its stages, its states, and why it failed."""

from __future__ import annotations

from django.utils.translation import gettext as _

from lumbung.desk.jobs.folder import Reason, State


def stage_words(state: State) -> str:
    """Return what a job is doing, as a person reads it."""
    return {
        "reading": _("Reading what you gave"),
        "growing": _("Growing the seasons of each site"),
        "writing": _("Writing tables, maps and pictures"),
        "coarse": _("A first, coarse picture"),
        "towers": _("Computing the towers, cell by cell"),
        "links": _("Predicting who hears which site"),
        "attacks": _("Letting hostile programs loose in the sandbox"),
        "searching": _("Searching the best plan"),
        "importing-map": _("Reading the map"),
        "importing-network": _("Making a network of it"),
        "importing-counts": _("Placing the counts"),
        "importing-routes": _("Finding the routes that explain the counts"),
        "importing-buses": _("Placing the buses"),
        "importing-SUMO": _("Driving the model to see whether it carries what was counted"),
        "adopted": _("The solution is at work in its sandbox"),
        "practice": _("The same by today's practice"),
        "attaching": _("Sending the deliverable to the adoption"),
        "retiming": _("Searching better plans, and driving them"),
        "adapting": _("Driving under an adaptive controller"),
        "filming": _("Driving once more with somebody watching"),
    }.get(state.stage, "")


def status_words(state: State) -> str:
    """Return how a job stands, in a word."""
    return {
        "queued": _("waiting"),
        "running": _("at work"),
        "done": _("finished"),
        "failed": _("could not be done"),
        "cancelled": _("stopped"),
    }[state.status]


def reason_words(reason: Reason) -> str:
    """Return why a job failed and what to do, as a sentence."""
    return {
        "table": _("The table cannot be used. Mend the file and give it again."),
        "options": _("One of the choices cannot be used. Change it and start again."),
        "no_site": _("No row of the table can be used. Mend the rows below, and the work goes on."),
        "elevation": _("The elevation file cannot be used."),
        "towers": _("The table of towers cannot be used. Mend the file and give it again."),
        "villages": _("The table of villages cannot be used. Mend the file and give it again."),
        "candidates": _("The table of candidate sites cannot be used. Mend the file and give it again."),
        "layer": _("The layer cannot be drawn. Save it as GeoTIFF with its projection, or as GeoJSON in degrees, and give it again."),
        "map": _("The map or what goes with it cannot be used. Mend the file, or correct the guesses below and import again."),
        "network": _("The network or its traffic cannot be simulated."),
        "archive": _("The archive cannot be unpacked. Pack the folder anew as a plain ZIP file."),
        "solution": _("The solution failed on your data. Nothing else was touched."),
        "environment": _("What the solution was made with is not on this machine. Whoever runs it names the index that wheels may come from, or give the file of weights with the solution; then start again."),
        "weights": _("A file of weights cannot be used: it is empty, or was cut on its way. Give it again, whole."),
        "data": _("Your data cannot be used for this challenge."),
        "not_applicable": _("Solutions of this challenge cannot be put to work on one's own data."),
        "no_node": _("There is no node beside this desk, or the deliverable is no longer there: nothing was sent."),
        "line": _("The centre cannot be reached. Let it go on when the line is there: it is sent anew, whole."),
        "refused": _("The centre refused it: is the number right, and has the team agreed?"),
        "not_installed": _("This desk was installed without this sector. Whoever installed it says: pip install 'lumbung[%(extra)s]'")
        % {"extra": reason.found},
        "no_sandbox": _("This machine has no sandbox that holds. Whoever runs it finds what to install or allow with lumbung sandbox check."),
        "disk_full": _("The disk of this machine is full. Make room, then let the work go on: nothing finished is lost."),
        "unwritable": _("The desk cannot read or write its own folder. Whoever runs this machine should look."),
        "no_memory": _("This machine has too little memory for it. Take a smaller area or fewer sites."),
        "worker_died": _("The worker died over this three times. Take a smaller area or fewer sites, or let it go on."),
    }.get(reason.code, _("Something is wrong with the program itself. What is finished is kept; let it go on, or report this."))  # fmt: skip
