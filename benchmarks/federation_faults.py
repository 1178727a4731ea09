"""Faults without end: a centre and two nodes, and everything that people, lines, disks and clocks do to them.

    uv run python benchmarks/federation_faults.py [--faults 600] [--stories 0] [--seed 1]

Prints the faults injected by kind, where clocks jumped, and how the accepted submissions ended. It fails when a run does
not end exactly once with a reason, takes a way that the table of transitions has not, leaves a node against its owner's
word, is counted twice, or when the log does not hold. With *stories*, so many sequences of up to fifty steps are drawn by
Hypothesis besides, and the shortest that breaks something is printed; it goes on from the failures it found before.
"""

from __future__ import annotations

import argparse
import logging
import random
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from django.conf import settings
from django.db import connection, transaction
from hypothesis import HealthCheck
from hypothesis import settings as drawn
from hypothesis.stateful import run_state_machine_as_test

import conftest  # noqa: F401 - it gives the centre a home of its own
from federation_life import Life, campaign, machine_of
from lumbung.centre.runs.models import Run
from small_league import build_league


def main() -> None:
    """Break, and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--faults", type=int, default=600)
    parser.add_argument("--stories", type=int, default=0)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    settings.ALLOWED_HOSTS = ["*"]
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    logging.disable(logging.WARNING)
    connection.creation.create_test_db(verbosity=0, autoclobber=True)
    begun = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="lumbung-faults-") as scratch, transaction.atomic():
        folder = Path(scratch)
        life = Life(build_league(folder, daily_limit=10_000), folder / "nodes")
        with life.story(folder / "story"):
            campaign(life, random.Random(asked.seed), submissions=asked.faults // 6, faults=asked.faults)
            ends = Counter(Run.objects.values_list("state", "fault_owner", "fault_code"))
        print(f"injected   {sum(life.injected.values())}: {dict(life.injected.most_common())}")
        print(f"clocks     jumped at {dict(Counter(where for where, _ in life.stepped.elements()))}")
        print(
            f"submitted  {len(life.handed_in) or asked.faults // 6}, runs {sum(ends.values())}, all of them ended"
        )
        for (state, owner, code), count in ends.most_common():
            print(f"  {count:5}  {state} {owner} {code}")
        print(f"took       {time.monotonic() - begun:.0f} s", flush=True)
        if asked.stories:
            run_state_machine_as_test(
                machine_of(life),
                settings=drawn(
                    max_examples=asked.stories,
                    stateful_step_count=50,
                    deadline=None,
                    suppress_health_check=list(HealthCheck),
                ),
            )
            print(
                f"stories    {asked.stories}, none broke anything; {sum(life.injected.values())} faults in all"
            )
        transaction.set_rollback(True)


if __name__ == "__main__":
    main()
