"""The shipped controllers on all networks: delay, waiting, vehicles never inserted.

    python benchmarks/city_table.py [--seeds 20] [--networks …] [--solutions …] [--sensors camera200] [--workers 2]

Every figure is a mean over seeds, from cases judged as the proving ground judges them, in the sandbox; `±` is the
standard error. The tables are those of docs/city/results.md. The known values are those of an earlier prototype.
"""

from __future__ import annotations

import argparse
import math
import time
from statistics import geometric_mean

from lumbung.city.engine.networks import RESCO
from lumbung.city.engine.sumo import sumo_version
from lumbung.proving.catalogue import find_challenge
from lumbung.proving.executors import make_executor
from lumbung.proving.run import plan_run, play_runs
from lumbung.proving.submission import find_submission

KNOWN = {
    "cologne1": (42.9, 17.6), "cologne3": (35.8, 20.5), "cologne8": (49.0, 20.4), "ingolstadt1": (29.3, 14.6),
    "ingolstadt7": (127.4, 33.9), "ingolstadt21": (140.1, 79.2), "grid4x4": (91.5, 32.8),
    "arterial4x4": (1471, 777),
}  # fmt: skip


def mean_and_error(values: list[float]) -> tuple[float, float]:
    """Return the mean and its standard error."""
    mean = sum(values) / len(values)
    spread = math.sqrt(sum((v - mean) ** 2 for v in values) / max(len(values) - 1, 1))
    return mean, spread / math.sqrt(len(values))


def main() -> None:
    """Judge and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--networks", default=",".join(RESCO))
    parser.add_argument("--solutions", default="fixed-time,actuated,max-pressure,max-wave,planner,learned")
    parser.add_argument("--sensors", default="camera200")
    parser.add_argument("--workers", type=int)
    arguments = parser.parse_args()
    names = arguments.solutions.split(",")
    options = {
        "networks": arguments.networks.split(","),
        "sensors": arguments.sensors,
        "seeds": arguments.seeds,
    }
    challenge = find_challenge("resco")
    plans = [plan_run(challenge, find_submission(f"city/{name}"), options=options) for name in names]
    begun = time.monotonic()
    outcomes = play_runs(plans, make_executor(arguments.workers))
    took = time.monotonic() - begun
    print(
        f"judge version {challenge.challenge.judge_version}, {sumo_version()}, sensors {arguments.sensors}, "
        f"{arguments.seeds} seeds, one hour of traffic each\n"
    )
    print("| network | controller | delay | ± | worst | waiting | never in | gridlock | forced |")
    print("| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |")
    delays: dict[str, dict[str, float]] = {name: {} for name in names}
    for network in arguments.networks.split(","):
        for name, found in zip(names, outcomes, strict=True):
            faults = [o.fault.reason() for o in found.values() if o.fault]
            if faults:
                raise SystemExit(f"{name}: {faults[0]}")
            scores = [o.score.metrics for o in found.values() if o.score and o.score.group == network]
            delay, error = mean_and_error([m["delay"] for m in scores])
            delays[name][network] = delay
            means = {key: sum(m[key] for m in scores) / len(scores)
                     for key in ("waiting", "never_inserted", "gridlock", "forced")}  # fmt: skip
            print(
                f"| {network} | {name} | {delay:.1f} | {error:.1f} | {max(m['delay'] for m in scores):.1f} "
                f"| {means['waiting']:.1f} | {means['never_inserted']:.1f} | {means['gridlock']:.2f} "
                f"| {means['forced']:.0f} |"
            )
    print("\n| controller | geometric mean of all | without ingolstadt21 |\n| --- | ---: | ---: |")
    for name in sorted(names, key=lambda name: geometric_mean(delays[name].values())):
        rest = [delay for network, delay in delays[name].items() if network != "ingolstadt21"]
        print(f"| {name} | {geometric_mean(delays[name].values()):.1f} | {geometric_mean(rest):.1f} |")
    print("\nknown (an earlier prototype's fixed plan and best simple controller):")
    for network in delays[names[0]]:
        print(f"  {network} {KNOWN[network][0]:g} {KNOWN[network][1]:g}")
    count = sum(len(plan.cases) for plan in plans)
    print(f"\n{count} cases judged in {took:.0f} s of wall time")


if __name__ == "__main__":
    main()
