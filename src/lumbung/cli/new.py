"""``lumbung new``: start a challenge, a judge or a submission that works as it stands."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from pathlib import Path

import click

from lumbung.cli.exits import exits
from lumbung.cli.words import say
from lumbung.proving.catalogue import find_challenge
from lumbung.proving.challenge import ChallengeError
from lumbung.proving.judge_scaffold import new_judge
from lumbung.proving.scaffold import new_challenge, new_challenge_from, new_challenge_on, new_submission


@click.group(name="new")
def command() -> None:
    """Start a challenge, a judge or a submission that works as it stands."""


@command.command("challenge")
@click.argument("folder", type=click.Path(path_type=Path))
@click.option(
    "--judge", metavar="JUDGE", help="Begin it on your own data, judged by this one, e.g. city.signals."
)
@click.option(
    "--data",
    type=click.Path(path_type=Path, exists=True),
    help="With --judge: your data, e.g. a folder with a SUMO configuration.",
)
@click.option(
    "--from-croissant",
    "described",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Begin it on a data set described in Croissant 1.0, whose files lie beside FILE.",
)
@click.option(
    "--record-set", default="", metavar="NAME", help="With --from-croissant: which of its record sets."
)
@click.option(
    "--target", default="", metavar="FIELD", help="With --from-croissant: the field to be answered."
)
@click.option("--key", default="", metavar="FIELD", help="With --from-croissant: the field that names items.")
@click.option(
    "--from-codabench",
    "bundle",
    type=click.Path(path_type=Path, exists=True),
    metavar="BUNDLE",
    help="Begin it out of a Codabench bundle: a zip, or a folder with competition.yaml.",
)
@click.option(
    "--sample",
    type=click.Path(path_type=Path, exists=True),
    metavar="FILE",
    help="With --from-codabench: a submission known to score, where the bundle names no solution.",
)
def challenge(
    folder: Path,
    judge: str | None,
    data: Path | None,
    described: Path | None,
    record_set: str,
    target: str,
    key: str,
    bundle: Path | None,
    sample: Path | None,
) -> None:
    """Write a challenge into FOLDER that 'lumbung check FOLDER' passes at once.

    It is a small prediction challenge, or one on your own data (--judge and --data), or on a data set that somebody
    described (--from-croissant), or out of a Codabench bundle (--from-codabench).
    """
    with exits():
        if (judge is None) != (data is None):
            raise ChallengeError("--judge, --data", "one of them", "both, or neither")
        if described is not None:
            written = new_challenge_from(folder, _described(described, record_set, target, key))
        elif bundle is not None:
            written = new_challenge_from(folder, _bundled(bundle, sample))
        else:
            written = new_challenge_on(folder, judge, data) if judge and data else new_challenge(folder)
        for path in written:
            click.echo(path)
        edited, checked = shlex.quote(str(folder / "challenge.toml")), shlex.quote(str(folder))
        click.echo(f"next: edit {edited}, then: lumbung check {checked}")


def _described(path: Path, record_set: str, target: str, key: str) -> Mapping[str, str | bytes]:
    try:
        from lumbung.proving.files.croissant import read_dataset
    except ModuleNotFoundError as error:
        raise ChallengeError(
            "--from-croissant", f"no module {error.name}", "pip install 'lumbung[croissant]'"
        ) from error
    return read_dataset(path, record_set=record_set, target=target, key=key)


def _bundled(bundle: Path, sample: Path | None) -> Mapping[str, str | bytes]:
    try:
        from lumbung.proving.files.codabench import read_bundle
    except ModuleNotFoundError as error:
        raise ChallengeError(
            "--from-codabench", f"no module {error.name}", "pip install 'lumbung[files]'"
        ) from error
    imported = read_bundle(bundle, sample)
    for edit in imported.edits:
        click.echo(say("bundle_edit", edit=edit), err=True)
    return imported.files


@command.command("judge")
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--name", metavar="NAME", help="Of the package; the folder's by default.")
def judge(folder: Path, name: str | None) -> None:
    """Write a package with a judge, the challenge it judges and tests into FOLDER; it passes 'lumbung check' at once."""
    with exits():
        written = new_judge(folder, name)
        for path in written.files:
            click.echo(path)
        click.echo(say("next_judge_package", folder=shlex.quote(str(folder)), challenge=written.challenge))


@command.command("submission")
@click.argument("folder", type=click.Path(path_type=Path))
@click.option(
    "--challenge",
    default="resco",
    show_default=True,
    metavar="CHALLENGE",
    help="What it answers: a shipped id ('lumbung challenges' lists them) or a folder.",
)
def submission(folder: Path, challenge: str) -> None:
    """Write a submission into FOLDER that scores on a challenge as it stands: the start to make better."""
    with exits():
        written, scores = new_submission(folder, find_challenge(challenge))
        for path in written:
            click.echo(path)
        if not scores:
            click.echo(say("no_starter", challenge=challenge), err=True)
        solution, theirs, yours = map(shlex.quote, (str(folder / "solution.py"), challenge, str(folder)))
        click.echo(say("next_judge", path=solution, challenge=theirs, folder=yours))
