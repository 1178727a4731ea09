"""``lumbung check``: does a challenge prove itself?"""

from __future__ import annotations

import sys

import click
import msgspec

from lumbung.cli.exits import BAD_INPUT, exits
from lumbung.cli.judging import make_ready, own_shelf
from lumbung.cli.words import say
from lumbung.proving.catalogue import find_challenge
from lumbung.proving.executors import ProcessPool
from lumbung.proving.proof import prove


@click.command(name="check")
@click.argument("challenge")
@click.option("--trust", is_flag=True, help="Without a sandbox; memory and time verdicts may then differ.")
@click.option(
    "--workers", type=click.IntRange(min=1), metavar="N", help="Processes; all processors by default."
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of text.")
def command(challenge: str, trust: bool, workers: int | None, as_json: bool) -> None:
    """Let CHALLENGE (a folder, or a shipped id) prove itself, as it would travel to a centre and a node.

    Its judge keeps the protocol, every submission in submissions/VERDICT/NAME/ gets its VERDICT ('accepted' or a fault's
    code), a case played twice gives the same bits, pictures can be drawn, evidence verifies, a standing can be computed.

    Exit codes: 0 all that, 2 what is said differs, 3 this machine cannot judge.
    """
    with exits():
        found = find_challenge(challenge)
        make_ready(trust=trust)
        executor = ProcessPool(workers)  # also for one worker: what a judge does must not reach this process
        try:
            proof = prove(found, executor, trust=trust, shelf=own_shelf())
        finally:
            executor.close()
        if as_json:
            sys.stdout.write(msgspec.json.format(msgspec.json.encode(proof)).decode() + "\n")
        else:
            for result in proof.verdicts:
                mark = "ok  " if result.right else "FAIL"
                click.echo(f"{mark}  {result.name:<44} {result.found:<18} {result.detail}")
            for finding in proof.findings:
                click.echo(f"FAIL  {finding}")
            if proof.stays:
                click.echo(say("stays_home", names=", ".join(proof.stays)))
            good = sum(result.right for result in proof.verdicts)
            word = "does_not_prove" if proof.wrong() else "proves_itself"
            click.echo(say(word, id=proof.challenge, good=good, all=len(proof.verdicts)))
        raise SystemExit(BAD_INPUT if proof.wrong() else 0)
