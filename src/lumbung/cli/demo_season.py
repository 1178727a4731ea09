"""The season that ``lumbung demo`` plays: real runs of all shipped challenges, and around them records that are made up."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from lumbung.cli.demo_league import PHASE, STAFF, League, lumbung_command
from lumbung.cli.judging import seconds_since
from lumbung.cli.words import say

if TYPE_CHECKING:
    from lumbung.centre.runs.models import Run
    from lumbung.cli.demo_plays import Play

Runs = dict[str, "dict[str, Run]"]
PARTS = ("centre", "cast", "partners", "talent", "judged", "adopted")
# Whose best solution goes to work, and on what network of the owner's.
ADOPTED, NETWORK = "resco", "cologne1"


def _introduce(playing: League, talk: Callable[[str], None]) -> None:
    playing.start()
    talk(say("portal", url=playing.url, staff=playing.staff, password=playing.password))


def play_alone(playing: League, plays: Sequence[Play], *, quiet: bool, talk: Callable[[str], None]) -> Runs:
    """Play one challenge and nothing around it."""
    _introduce(playing, talk)
    runs = {
        challenge.challenge.id: playing.hand_in(challenge, play.submissions)
        for play, challenge in zip(plays, playing.challenges, strict=True)
    }
    playing.watch({name: run for each in runs.values() for name, run in each.items()}, quiet=quiet)
    return runs


def play_season(playing: League, plays: Sequence[Play], *, quiet: bool, talk: Callable[[str], None]) -> Runs:
    """Play all challenges as one season, and fill the centre around them while its nodes judge."""
    began = time.monotonic()

    def done(part: str) -> None:
        nonlocal began
        number = PARTS.index(part) + 1
        talk(
            say("part", number=number, count=len(PARTS), what=say(f"part_{part}"), took=seconds_since(began))
        )
        began = time.monotonic()

    _introduce(playing, talk)
    from lumbung.centre.challenges.models import Challenge
    from lumbung.centre.members.models import User
    from lumbung.centre.portal.demonstration import acts

    done("centre")
    now, staff = datetime.now(UTC), User.objects.get(email=STAFF)
    posed = list(Challenge.objects.all())
    cast = acts.gather(staff, {challenge.slug for challenge in posed}, now)
    names = list(dict.fromkeys(name for play in plays for name in play.submissions))
    teams = acts.form_teams(cast, names, now)
    acts.open_season(cast, posed, teams)
    done("cast")
    runs = {
        challenge.challenge.id: playing.hand_in(challenge, play.submissions, teams)
        for play, challenge in zip(plays, playing.challenges, strict=True)
    }
    acts.cooperate(cast, datetime.now(UTC))
    done("partners")
    acts.measure(cast, datetime.now(UTC))
    done("talent")
    playing.watch({name: run for each in runs.values() for name, run in each.items()}, quiet=quiet)
    done("judged")
    captains = {team.pk: captain for captain, team in teams.values()}
    adopted = next((challenge for challenge in posed if challenge.slug == ADOPTED), None)
    adoption = acts.adopt_best(cast, adopted, PHASE, captains) if adopted is not None else None
    if adoption is not None:
        made, out = adoption.submission.name, playing.folder / "deliverable"
        if failed := _put_to_work(made, out):
            talk(failed)  # agreed and not delivered: the season stands without
        else:
            playing.deliver(adoption.pk, out)
            done("adopted")
    return runs


def _put_to_work(solution: str, out: Path) -> str:
    """Run the adopted solution on the owner's network, as its node would; returns why there is nothing, if so."""
    from lumbung.city.engine.networks import resco

    words = ["run", ADOPTED, solution, str(resco(NETWORK).net.parent), "--out", str(out)]
    ran = subprocess.run([lumbung_command(), *words], capture_output=True, text=True, check=False)
    return ran.stderr.strip() if ran.returncode else ""
