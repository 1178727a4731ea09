"""``lumbung run``: put a solution to work on one's own data."""

from __future__ import annotations

from pathlib import Path

import click

from lumbung.cli.exits import exits
from lumbung.cli.judge import read_options
from lumbung.cli.judging import environment_for, make_ready
from lumbung.cli.language import language
from lumbung.proving.catalogue import find_challenge
from lumbung.proving.challenge import ChallengeError
from lumbung.proving.guest import open_guest
from lumbung.proving.judge import Applies, find_judge
from lumbung.proving.submission import find_submission
from lumbung.proving.text import LANGUAGES


@click.command(name="run")
@click.argument("challenge")
@click.argument("submission")
@click.argument("data", type=click.Path(path_type=Path, exists=True))
@click.option(
    "--out", type=click.Path(path_type=Path, file_okay=False), default="lumbung-out/work", show_default=True
)
@click.option(
    "--option", "pairs", multiple=True, metavar="NAME=VALUE", help="An option of the challenge's judge."
)
@click.option("--trust", is_flag=True, help="Your own code, without a sandbox.")
def command(
    challenge: str, submission: str, data: Path, out: Path, pairs: tuple[str, ...], trust: bool
) -> None:
    """Apply SUBMISSION to your own DATA and write the deliverable (signal programs, a calendar, a site list).

    CHALLENGE says which kind of problem it is and under which limits the solution runs: a shipped id or a folder.
    DATA is what the sector works on, e.g. a SUMO configuration for a city. The data stays on this machine.
    """
    with exits():
        found = find_challenge(challenge)
        theirs = find_submission(submission)
        judge = find_judge(found.challenge.judge)
        if not isinstance(judge, Applies):
            raise ChallengeError("judge", judge.name, "a judge that also applies solutions to one's own data")
        options = judge.check_options({**found.challenge.options, **read_options(pairs)})
        make_ready(trust=trust)
        out.mkdir(parents=True, exist_ok=True)
        environment = environment_for(theirs, found)
        with open_guest(theirs.folder, found.challenge.limits, environment, trust=trust) as (guest, _):
            for path in judge.apply(data, guest, options, out):
                click.echo(path)
                if path.name == "report.txt":
                    click.echo(_in_my_language(path.read_text(encoding="utf-8")))


def _in_my_language(report: str) -> str:
    """A report holds one part per language, in the order of `LANGUAGES`; where it holds another number, all of it."""
    parts = report.split("\n----\n")
    return parts[LANGUAGES.index(language())].strip() if len(parts) == len(LANGUAGES) else report
