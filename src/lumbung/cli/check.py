"""``lumbung check``: does a challenge prove itself?"""

from __future__ import annotations

import sys

import click
import msgspec

from lumbung.cli.exits import BAD_INPUT, exits
from lumbung.cli.judging import make_ready
from lumbung.proving.catalogue import find_challenge
from lumbung.proving.executors import make_executor
from lumbung.proving.known_verdicts import compare, known_submissions, plan_check
from lumbung.proving.run import Outcome, RunPlan, play_runs


@click.command(name="check")
@click.argument("challenge")
@click.option("--trust", is_flag=True, help="Without a sandbox; memory and time verdicts may then differ.")
@click.option(
    "--workers", type=click.IntRange(min=1), metavar="N", help="Processes; all processors by default."
)
@click.option("--json", "as_json", is_flag=True, help="Print a JSON list instead of text.")
def command(challenge: str, trust: bool, workers: int | None, as_json: bool) -> None:
    """Run every submission of known verdict in CHALLENGE and complain when a verdict differs.

    A challenge keeps them in submissions/VERDICT/NAME/, where VERDICT is 'accepted' or a fault's code.
    """
    with exits():
        found = find_challenge(challenge)
        known = known_submissions(found)
        plans = [plan_check(found, one, trust=trust) for one in known]
        make_ready(trust=trust)
        runnable = [plan for plan in plans if isinstance(plan, RunPlan)]
        outcomes = iter(play_runs(runnable, make_executor(workers)))
        empty: dict[str, Outcome] = {}
        results = [
            compare(one, plan, next(outcomes) if isinstance(plan, RunPlan) else empty)
            for one, plan in zip(known, plans, strict=True)
        ]
        wrong = [result for result in results if not result.right]
        if as_json:
            sys.stdout.write(msgspec.json.format(msgspec.json.encode(results)).decode() + "\n")
        else:
            for result in results:
                mark = "ok  " if result.right else "FAIL"
                click.echo(f"{mark}  {result.name:<44} {result.found:<18} {result.detail}")
            good = len(results) - len(wrong)
            click.echo(f"{found.challenge.id}: {good} of {len(results)} submissions got their verdict")
        raise SystemExit(BAD_INPUT if wrong else 0)
