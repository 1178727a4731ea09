"""Judge the shipped solutions of remote-villages in this process and print who serves how many people, and at what time.

    python benchmarks/connectivity_challenge.py [--seeds 2] [--regions samar,baise]

No sandbox: the seconds are those of the solution's and of the judge's own computing. Generated terrain, real places.
"""

from __future__ import annotations

import argparse
import importlib.util
import time
from pathlib import Path
from typing import Any

import numpy as np

from lumbung.connectivity.judge import SitingJudge
from lumbung.proving.catalogue import find_challenge
from lumbung.proving.submission import shipped_solutions

ORDER = ("most-populous", "greedy-circles", "learned", "planner")


class Timed:
    """A solution whose computing time is counted."""

    def __init__(self, folder: Path) -> None:
        spec = importlib.util.spec_from_file_location(f"timed_{folder.name}", folder / "solution.py")
        assert spec and spec.loader
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        self.solution, self.seconds = module.Solution(), 0.0

    def solve(self, problem: Any) -> Any:
        begun = time.process_time()
        answer = self.solution.solve(problem)
        self.seconds += time.process_time() - begun
        return answer


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=2)
    parser.add_argument("--regions", default="")
    arguments = parser.parse_args()
    judge, found = SitingJudge(), find_challenge("remote-villages")
    options = judge.check_options(found.challenge.options)
    wanted = set(arguments.regions.split(",")) if arguments.regions else None
    cases = [
        case
        for case in judge.cases(found.challenge, found.folder)
        if case.seed < arguments.seeds and (wanted is None or case.group in wanted)
    ]
    groups = list(dict.fromkeys(case.group for case in cases))
    folders = shipped_solutions()
    judge.play(cases[0], Timed(folders["connectivity/most-populous"]), options)  # compiles
    print(f"{len(cases)} cases, GENERATED terrain; people served [%]")
    print(
        f"{'':16}"
        + "".join(f"{group:>10}" for group in groups)
        + f"{'mean':>8}{'worst':>8}{'solution':>11}{'judge':>9}"
    )
    means = {}
    for name in ORDER:
        served: dict[str, list[float]] = {group: [] for group in groups}
        asked = total = 0.0
        for case in cases:
            solution = Timed(folders[f"connectivity/{name}"])
            begun = time.process_time()
            score = judge.play(case, solution, options)
            total += time.process_time() - begun
            asked += solution.seconds
            served[case.group].append(score.metrics["served"])
        everything = [share for shares in served.values() for share in shares]
        means[name] = float(np.mean(everything))
        print(
            f"{name:16}" + "".join(f"{np.mean(served[group]):10.1f}" for group in groups)
            + f"{means[name]:8.1f}{min(everything):8.1f}{asked / len(cases):9.2f} s{(total - asked) / len(cases):7.2f} s"
        )  # fmt: skip
    ordered = means["planner"] > means["greedy-circles"] > means["most-populous"]
    print(f"planner > greedy-circles > most-populous: {'yes' if ordered else 'NO'}")
    print(f"learned > greedy-circles: {'yes' if means['learned'] > means['greedy-circles'] else 'NO'}")


if __name__ == "__main__":
    main()
