"""Train the learned adviser: python train.py [--regions 900] [--out weights.npz]

Invents regions (the table's climates, their months turned, drier or wetter, warmer or cooler, places scattered), grows every start and variety in every year
with the crop engine, and teaches a small network which of them sixty coming seasons favour beyond the weighted mean of the
few past ones. One season would teach mostly its own luck; the sixty are averaged with the weights a forecast gives them. A
good or bad year that all choices share is taken out. The network is trusted as far as regions left out
of its training say. Seeds are its own: no season of the shipped challenge is
among them, and Hyderabad is not used at all.
"""

import argparse
import importlib.util
import time
from dataclasses import replace
from pathlib import Path

import numpy as np

from lumbung.farm.calendar.season import Forecast, analogue_weights
from lumbung.farm.challenge.advising import Region, Rules, generated_sites, grow_block, pose
from lumbung.farm.weather.climates import climates

HERE = Path(__file__).parent
SALT = 7_700_001  # the challenge has others
HIDDEN = 60
POSED = 6  # forecasts per region
ALPHA = 1.0  # weight decay; few regions are many alike rows
LIMIT = 6.0  # standard deviations; as in solution.py
MONTHLY = ("wet_after_dry", "wet_after_wet", "shape", "scale", "dew_below_minimum", "wind")
USUAL = {"monsoonal": 24, "equatorial": 14, "local": 5}


def load_solution():
    spec = importlib.util.spec_from_file_location("learned_solution", HERE / "solution.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def invented(number):
    """A region nobody knows: climate, decision day, length of its past."""
    rng = np.random.default_rng([SALT, number])
    name = list(USUAL)[int(rng.integers(3))]
    turn = int(rng.integers(12))
    base = climates()[name]
    turned = replace(
        base,
        **{key: np.roll(getattr(base, key), turn) for key in MONTHLY},
        mean=np.roll(base.mean, turn, axis=-1),
        deviation=np.roll(base.deviation, turn, axis=-1),
        dispersion=float(rng.uniform(0.1, 0.35)),
    )
    turned = other_climate(turned, rng)
    near = rng.random() < 0.7
    decision = (USUAL[name] + 3 * turn + int(rng.integers(-3, 4))) % 36 if near else int(rng.integers(36))
    past = int(rng.integers(5, 25))
    first = decision // 3 + 2
    months = tuple((first + k - 1) % 12 + 1 for k in range(3))
    blocks = (1991, 1990 + past), (1992 + past, 1991 + past + HIDDEN)
    region = Region(f"train-{number}", decision, (decision + 9) % 36, months, *blocks)
    rules = Rules(sites=1, salt=SALT + number, skill=float(rng.uniform(0.2, 0.7)))
    return region, rules, turned


def other_climate(base, rng):
    """A climate that may be much drier, hotter or cooler than those of the table: what a fair test elsewhere will be."""
    often, much, warmer = rng.uniform(0.35, 1.1), rng.uniform(0.6, 1.3), rng.uniform(-4.0, 3.0)
    mean = base.mean.copy()
    mean[:, :2] += warmer
    return replace(
        base,
        wet_after_dry=np.clip(base.wet_after_dry * often, 0.0, 0.95),
        wet_after_wet=np.clip(base.wet_after_wet * often**0.3, 0.0, 0.95),
        scale=base.scale * much,
        mean=mean,
    )


def samples(solution, number):
    """Features, targets and seasons grown of one invented region."""
    region, rules, base = invented(number)
    block = grow_block(region, rules, generated_sites(region, rules, base))
    rows, targets = [], []
    for year in range(region.hidden[0], region.hidden[0] + POSED):
        problem = pose(block, rules, year)
        seen = problem["forecast"]
        forecast = Forecast(seen["below"], seen["normal"], seen["above"], region.months)
        for ensemble in block.hidden:
            table, mean, scale = solution.features(problem, problem["sites"][ensemble.site.name])
            weights = analogue_weights(ensemble.season_rain, forecast, np.ones(HIDDEN, bool))
            beyond = (ensemble.yields @ weights - mean) / scale
            rows.append(table)
            targets.append((beyond - beyond.mean()).ravel())
    seasons = sum(e.yields.size for e in (*block.past, *block.hidden))
    return np.concatenate(rows).astype(np.float32), np.concatenate(targets).astype(np.float32), seasons


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--regions", type=int, default=900)
    parser.add_argument("--out", type=Path, default=HERE / "weights.npz")
    choice = parser.parse_args()
    from sklearn.neural_network import MLPRegressor

    solution, begin = load_solution(), time.perf_counter()
    made = [samples(solution, number) for number in range(choice.regions)]
    held = max(choice.regions // 10, 1)
    seasons = sum(m[2] for m in made)
    x, y = (np.concatenate([m[k] for m in made[held:]]) for k in (0, 1))
    test_x, test_y = (np.concatenate([m[k] for m in made[:held]]) for k in (0, 1))
    print(f"{seasons:,} seasons grown in {time.perf_counter() - begin:.0f} s; {len(y):,} rows to learn from")
    centre, width = x.mean(0), np.maximum(x.std(0), 1e-3)
    x, test_x = (np.clip((values - centre) / width, -LIMIT, LIMIT) for values in (x, test_x))
    network = MLPRegressor(
        hidden_layer_sizes=(48, 24),
        alpha=ALPHA,
        batch_size=1024,
        learning_rate_init=1e-3,
        max_iter=12,
        random_state=0,
    )
    network.fit(x, y)
    # Half of the held-out regions say how far to trust it, the other half how it then does.
    border = sum(len(m[1]) for m in made[: max(held // 2, 1)])
    guess = network.predict(test_x)
    trust = float(np.clip(guess[:border] @ test_y[:border] / (guess[:border] @ guess[:border]), 0.0, 1.0))
    guess, unseen = trust * guess[border:], test_y[border:]
    print(f"trust {trust:.2f}; held-out regions: error of the weighted mean {np.sqrt(np.mean(unseen**2)):.4f}, "
          f"of the network {np.sqrt(np.mean((guess - unseen) ** 2)):.4f} (share of the best mean yield)")  # fmt: skip
    stored = {"centre": centre, "width": width}
    last = len(network.coefs_) - 1
    for k, (weight, bias) in enumerate(zip(network.coefs_, network.intercepts_)):
        factor = trust if k == last else 1.0
        stored[f"w{k}"], stored[f"b{k}"] = (
            (factor * weight).astype(np.float32),
            (factor * bias).astype(np.float32),
        )
    np.savez_compressed(choice.out, **stored)
    print(f"{choice.out}: {choice.out.stat().st_size:,} bytes; {time.perf_counter() - begin:.0f} s in all")


if __name__ == "__main__":
    main()
