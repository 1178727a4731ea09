"""The learned adviser against the ensemble it corrects, paired by region: python benchmarks/farm_learned.py [--salts 8]

Prints the regret of both on the shipped `rice-window`, and on as many further draws of its three generated regions; then the mean difference
over those regions with its 95 percent interval. Better is claimed only for what the interval says.
"""

from __future__ import annotations

import argparse
import importlib.util

import msgspec
import numpy as np
from scipy.stats import t as student

from lumbung.farm.judge import PlantingJudge
from lumbung.proving.catalogue import find_challenge
from lumbung.proving.submission import shipped_solutions

NAMES = ("farm/ensemble", "farm/learned")
FIRST_SALT = 501


def solution(name: str):  # type: ignore[no-untyped-def]
    path = shipped_solutions()[name] / "solution.py"
    spec = importlib.util.spec_from_file_location(name.replace("/", "_"), path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.Solution()


def regrets(options: dict[str, object]) -> dict[str, dict[str, float]]:
    """Return the mean regret of each solution by region."""
    judge, found = PlantingJudge(), find_challenge("rice-window")
    complete = judge.check_options({**found.challenge.options, **options})
    cases = judge.cases(msgspec.structs.replace(found.challenge, options=complete), found.folder)
    out: dict[str, dict[str, float]] = {}
    for name in NAMES:
        asked = solution(name)
        by_region: dict[str, list[float]] = {}
        for case in cases:
            by_region.setdefault(case.group, []).append(judge.play(case, asked, complete).metrics["regret"])
        out[name] = {region: float(np.mean(values)) for region, values in by_region.items()}
    return out


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--salts", type=int, default=8)
    choice = parser.parse_args()
    for name, by_region in regrets({}).items():
        print(f"{name:<15}", ", ".join(f"{region} {value:,.0f}" for region, value in by_region.items()),
              f"mean {np.mean(list(by_region.values())):,.0f}")  # fmt: skip
    apart = []
    for salt in range(FIRST_SALT, FIRST_SALT + choice.salts):
        found = regrets({"salt": salt, "regions": ["monsoonal", "equatorial", "local"]})
        apart += [found[NAMES[1]][region] - found[NAMES[0]][region] for region in found[NAMES[0]]]
    half = student.ppf(0.975, len(apart) - 1) * np.std(apart, ddof=1) / np.sqrt(len(apart))
    print(f"learned less ensemble over {len(apart)} generated regions: {np.mean(apart):+.0f} kg/ha "
          f"({np.mean(apart) - half:+.0f} to {np.mean(apart) + half:+.0f})")  # fmt: skip


if __name__ == "__main__":
    main()
