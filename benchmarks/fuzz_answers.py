"""Odd answers by the ten thousand: to every judge, to the centre, into a node's outbox. Goes on where it was stopped.

    uv run python benchmarks/fuzz_answers.py [--each 1200] [--only WORD] [--state FILE] [--seed 1]

What is wrong: a fault of the platform's or the challenge's over an answer of a submission, a 5xx of the centre, a run that
does not end over a refused result, a node that falls over a file or keeps it for ever, an example that takes more than
10 s of the processor, memory that grows by more than 256 MiB. `fuzz_guided.py` steers bytes by the branches they reach.
"""

from __future__ import annotations

import argparse
import json
import logging
import random
import resource
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from django.conf import settings
from django.db import connection, transaction

import conftest  # noqa: F401 - it gives the centre a home of its own
from odd_answers import DeliveryTarget, OutboxTarget, judge_targets, wrong_with
from small_league import build_league

LONGEST_S = 10
GROWTH_MIB = 256
SLICE = 100


class TooLong(Exception):
    """An example took longer than it may."""


def main() -> None:
    """Send, and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--each", type=int, default=1200, metavar="N", help="Odd answers per target.")
    parser.add_argument("--only", default="", metavar="WORD", help="Targets whose name has this word in it.")
    parser.add_argument("--state", type=Path, default=Path("lumbung-out") / "fuzz-answers.json")
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    logging.disable(logging.ERROR)
    signal.signal(signal.SIGPROF, _ring)
    known = json.loads(asked.state.read_text()) if asked.state.exists() else {}
    total, wrong = 0, 0
    with tempfile.TemporaryDirectory(prefix="lumbung-fuzz-") as scratch:
        for target in _targets(Path(scratch), asked.only):
            key = f"{asked.seed} {target.name}"
            state = known.setdefault(key, {"done": 0, "wrong": {}})
            _attack(target, state, asked, known)
            total, wrong = total + state["done"], wrong + sum(state["wrong"].values())
            print(f"{target.name:<20} {state['done']:6} odd answers, wrong {sum(state['wrong'].values())}")
            for told, count in Counter(state["wrong"]).most_common(8):
                print(f"    {count:5}  {told}")
    print(f"{'all':<20} {total:6} odd answers, wrong {wrong}")
    raise SystemExit(wrong > 0)


def _targets(folder: Path, only: str) -> Iterator[Any]:
    if only in OutboxTarget.name:
        yield OutboxTarget(folder / "node")
    if only in DeliveryTarget.name:
        with _centre(folder / "centre") as target:
            yield target
    yield from judge_targets(folder, only)


@contextmanager
def _centre(folder: Path) -> Iterator[DeliveryTarget]:
    folder.mkdir()
    settings.ALLOWED_HOSTS = ["*"]
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    connection.creation.create_test_db(verbosity=0, autoclobber=True)
    with transaction.atomic():
        yield DeliveryTarget(build_league(folder))
        transaction.set_rollback(True)


def _attack(target: Any, state: dict[str, Any], asked: argparse.Namespace, known: dict[str, Any]) -> None:
    target.play(random.Random(0))  # what is imported and compiled once is no odd answer's time
    begun, before = time.monotonic(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    while state["done"] < asked.each:
        for number in range(state["done"], min(state["done"] + SLICE, asked.each)):
            signal.setitimer(signal.ITIMER_PROF, LONGEST_S)
            told = wrong_with(target.play, random.Random(f"{asked.seed}-{target.name}-{number}"))
            signal.setitimer(signal.ITIMER_PROF, 0)
            if told:
                told = f"[{number}] {told}"[:300]
                state["wrong"][told] = state["wrong"].get(told, 0) + 1
            state["done"] = number + 1
        grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
        if grown > GROWTH_MIB:
            state["wrong"][f"memory grew by {grown:.0f} MiB"] = 1
        asked.state.parent.mkdir(parents=True, exist_ok=True)
        asked.state.write_text(json.dumps(known))
        print(
            f"\r{target.name} {state['done']} of {asked.each}, {time.monotonic() - begun:.0f} s",
            end="",
            file=sys.stderr,
        )
    print(file=sys.stderr)


def _ring(_signal: int, _frame: object) -> None:
    raise TooLong(f"an example took more than {LONGEST_S} s of the processor")


if __name__ == "__main__":
    main()
