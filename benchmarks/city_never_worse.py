"""Is the planner never worse than the city's own plan? Every network at several demands, on seeds nobody tuned on.

    python benchmarks/city_never_worse.py [--networks …] [--demands 0.5,0.7,1.0] [--seeds 7000-7009]
        [--saturated cologne1:2.0] [--ignore-junction-blocker 0] [--keep FILE]

The demand is multiplied by SUMO's `scale`. Printed per network and demand: mean delay [s] under the own plan and under the
planner, their ratio, the worst ratio of a seed, locked seeds, and the planner's milliseconds a decision (one core, in this
process). `--keep` appends each episode to a file, one JSON object a line, and takes from it what was run before: a long run may be done in
pieces.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import time
from dataclasses import replace
from pathlib import Path
from statistics import geometric_mean, mean
from typing import Any

from lumbung.city.engine.episode import Settings, run_episode, run_today
from lumbung.city.engine.networks import RESCO, Scenario, resco
from lumbung.city.engine.sumo import LINK, sumo_version
from lumbung.proving.submission import find_submission


def scaled(name: str, demand: float) -> Scenario:
    """One of RESCO's networks with its demand multiplied."""
    plain = resco(name)
    if demand == 1.0:
        return plain
    options = {"net-file": f"{LINK}/{plain.net.name}", "route-files": f"{LINK}/{plain.routes[0].name}",
               "begin": plain.begin, "end": plain.end, "step-length": 1, "scale": demand}  # fmt: skip
    body = "".join(f'<{key} value="{value}"/>' for key, value in options.items())
    return replace(
        plain,
        name=f"{name} x {demand:g}",
        configuration=f"<sumoConfiguration><input>{body}</input></sumoConfiguration>",
        folder=plain.net.parent,
    )


class Timed:
    """A shipped controller with a stopwatch over its decisions."""

    def __init__(self, name: str) -> None:
        spec = importlib.util.spec_from_file_location(
            "solution", find_submission(name).folder / "solution.py"
        )
        if spec is None or spec.loader is None:
            raise SystemExit(f"{name}: no solution.py")
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        self._inner = module.Solution()
        self.spent, self.count = 0.0, 0

    def start(self, problem: dict[str, Any]) -> Any:
        """Pass on."""
        return self._inner.start(problem)

    def step(self, observation: dict[str, Any]) -> Any:
        """Pass on, and count the seconds."""
        begun = time.perf_counter()
        answer = self._inner.step(observation)
        self.spent += time.perf_counter() - begun
        self.count += 1
        return answer


class Kept:
    """Episodes run before, in a file of JSON lines."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._found: dict[str, dict[str, float]] = {}
        if path is not None and path.is_file():
            for line in path.read_text(encoding="utf-8").splitlines():
                row = json.loads(line)
                self._found[row["key"]] = row["figures"]

    def get(self, key: str, run: Any) -> dict[str, float]:
        """Take an episode's figures from the file, or run it and keep them."""
        if key not in self._found:
            self._found[key] = run()
            if self._path is not None:
                with self._path.open("a", encoding="utf-8") as file:
                    file.write(json.dumps({"key": key, "figures": self._found[key]}) + "\n")
        return self._found[key]


def planned(scenario: Scenario, settings: Settings, seed: int, solution: str) -> dict[str, float]:
    """One episode under the controller."""
    controller = Timed(solution)
    metrics = run_episode(scenario, controller, settings, seed).metrics
    return {
        "delay": metrics.delay, "gridlock": metrics.gridlock, "ms": 1000 * controller.spent / max(controller.count, 1),
    }  # fmt: skip


def own(scenario: Scenario, settings: Settings, seed: int) -> dict[str, float]:
    """One episode under what runs there today."""
    metrics = run_today(scenario, settings, seed).metrics
    return {"delay": metrics.delay, "gridlock": metrics.gridlock}


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--networks", default=",".join(RESCO))
    parser.add_argument("--demands", default="0.5,0.7,1.0")
    parser.add_argument("--saturated", default="cologne1:2.0", help="NETWORK:DEMAND,…; empty for none")
    parser.add_argument("--seeds", default="7000-7009")
    parser.add_argument("--solution", default="city/planner")
    parser.add_argument("--ignore-junction-blocker", type=int, default=0)
    parser.add_argument("--keep", type=Path)
    arguments = parser.parse_args()
    first, _, last = arguments.seeds.partition("-")
    seeds = range(int(first), int(last or first) + 1)
    settings = Settings(ignore_blocker=arguments.ignore_junction_blocker)
    cases = [
        (name, float(demand))
        for name in filter(None, arguments.networks.split(","))
        for demand in arguments.demands.split(",")
    ]
    for pair in filter(None, arguments.saturated.split(",")):
        name, _, demand = pair.partition(":")
        cases.append((name, float(demand)))
    kept = Kept(arguments.keep)
    print(
        f"{sumo_version()}, {arguments.solution}, seeds {seeds[0]}-{seeds[-1]}, ignore-junction-blocker "
        f"{settings.ignore_blocker}\n"
    )
    print(
        "| network | demand | own plan | planner | ratio | worst seed | locked own | locked planner | ms a decision |"
    )
    print("| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |")
    ratios = []
    for name, demand in cases:
        scenario = scaled(name, demand)
        before, after = [], []
        for seed in seeds:
            key = f"{name} {demand:g} {seed} {settings.ignore_blocker}"
            before.append(kept.get(f"own {key}", lambda s=scenario, k=seed: own(s, settings, k)))
            after.append(
                kept.get(
                    f"{arguments.solution} {key}",
                    lambda s=scenario, k=seed: planned(s, settings, k, arguments.solution),
                )
            )
        one, two = mean(e["delay"] for e in before), mean(e["delay"] for e in after)
        ratios.append(two / one)
        worst = max(b["delay"] / a["delay"] for a, b in zip(before, after, strict=True))
        print(
            f"| {name} | {demand:g} | {one:.1f} | {two:.1f} | {two / one:.3f} | {worst:.3f} "
            f"| {sum(e['gridlock'] for e in before):.0f} | {sum(e['gridlock'] for e in after):.0f} "
            f"| {mean(e['ms'] for e in after):.2f} |",
            flush=True,
        )
    print(f"\ngeometric mean of the ratios {geometric_mean(ratios):.3f}, greatest {max(ratios):.3f}")


if __name__ == "__main__":
    main()
