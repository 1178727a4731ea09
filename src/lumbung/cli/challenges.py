"""``lumbung challenges``: what there is to solve."""

from __future__ import annotations

import sys

import click
import msgspec

from lumbung.cli.exits import exits
from lumbung.cli.language import language
from lumbung.cli.words import say
from lumbung.proving.catalogue import shipped_challenges
from lumbung.proving.challenge import read_challenge
from lumbung.proving.submission import solutions_for


@click.command(name="challenges")
@click.option("--json", "as_json", is_flag=True, help="Print a JSON list instead of text.")
def command(as_json: bool) -> None:
    """List the challenges installed here, and the solutions shipped for each."""
    with exits():
        found = [read_challenge(folder) for folder in shipped_challenges().values()]
        if as_json:
            rows = [
                {
                    "id": c.challenge.id, "version": c.challenge.version, "sector": c.challenge.sector,
                    "title": c.challenge.title, "summary": c.challenge.summary, "judge": c.challenge.judge,
                    "judge_version": c.challenge.judge_version, "metric": c.challenge.ranking.metric,
                    "better": c.challenge.ranking.better, "home": c.challenge.home, "digest": c.digest,
                    "folder": str(c.folder),
                    "solutions": list(solutions_for(c.challenge)),
                }
                for c in found
            ]  # fmt: skip
            sys.stdout.write(msgspec.json.format(msgspec.json.encode(rows)).decode() + "\n")
            return
        for c in found:
            record = c.challenge
            click.echo(f"{record.id} v{record.version}  {record.title.in_language(language())}")
            click.echo(f"  {record.summary.in_language(language())}")
            metric, better = record.ranking.metric, say(record.ranking.better)
            click.echo(
                say(
                    "judged_by",
                    judge=record.judge,
                    version=record.judge_version,
                    metric=metric,
                    better=better,
                )
            )
            mine = solutions_for(record)
            if mine:
                click.echo(say("shipped", names=", ".join(mine)))
        if not found:
            click.echo(say("no_challenges"))
