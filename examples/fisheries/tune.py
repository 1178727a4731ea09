"""Find the four numbers of ``remembers``: the best of a search by chance, on seeds that the challenge does not play.

python tune.py
"""

from __future__ import annotations

import importlib.util
import random
from pathlib import Path
from statistics import fmean

from lumbung.proving.case import make_case
from pelagic.judge import QuotaJudge, read_stocks

HERE = Path(__file__).parent / "src/pelagic"
SEEDS, TRIES = range(1000, 1010), 150


def main() -> None:
    spec = importlib.util.spec_from_file_location("remembers", HERE / "solutions/remembers/solution.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    stocks = read_stocks(HERE / "challenges/pelagic-quota/stocks.csv")
    cases = [
        make_case(f"{name}/{seed}", name, seed, {"years": 30, **numbers})
        for name, numbers in stocks.items()
        for seed in SEEDS
    ]
    chance, judge = random.Random(1), QuotaJudge()

    def worth(numbers: tuple[float, ...]) -> float:
        return fmean(judge.play(case, module.Solution(*numbers), {}).metrics["worth"] for case in cases)

    best, most = (module.SHARE, module.MEMORY, module.FULL, module.NONE), 0.0
    for number in range(TRIES):
        if number < TRIES // 2:
            tried = (
                chance.uniform(0.2, 2.0),
                chance.uniform(0.0, 0.8),
                chance.uniform(0.3, 0.9),
                chance.uniform(0.05, 0.3),
            )
        else:
            tried = tuple(max(0.0, value * chance.gauss(1.0, 0.1)) for value in best)
        if tried[2] > tried[3] and tried[1] < 1 and (found := worth(tried)) > most:
            best, most = tried, found
    print(
        f"SHARE, MEMORY, FULL, NONE = {', '.join(f'{value:.3f}' for value in best)}: {most:.1f} % of the worth"
    )


if __name__ == "__main__":
    main()
