"""Train the network of the learned solution: ``python train.py`` writes ``weights.npz`` beside itself.

Ground of seeds from 1000 on, which no shipped case uses, gives links; the full model of ITU-R P.1812 gives how well each
works. A regression network of two hidden layers learns it (scikit-learn, extra ``connectivity``). A tenth of the grounds is
held back to say how often the guess is right.
"""

import argparse
import importlib.util
from pathlib import Path

import numpy as np

FIRST_SEED = 1000
LAYERS = (48, 24)
SHARE = 0.12
WIDEST = 40.0


def samples(region, seed, features, rng):
    """Features and dB above the threshold of a random part of the links of one ground."""
    from lumbung.connectivity.challenge.plain_siting import links_in, options_in
    from lumbung.connectivity.challenge.proposals import Terms, problem_of
    from lumbung.connectivity.challenge.remote_regions import generated_area
    from lumbung.connectivity.engine.antenna import three_sectors
    from lumbung.connectivity.people.listed_places import places_within
    from lumbung.connectivity.radio.coverage import Site, service

    terms = Terms()
    area = generated_area(region, places_within(region.bounds), seed, 1500.0)
    problem = problem_of(area, terms)
    options = options_in(problem)
    sites = [
        Site(str(j), options.latitude[j], options.longitude[j], options.mast[j], tuple(three_sectors()))
        for j in range(options.size)
    ]
    truth = np.full((options.size, area.demand.size), np.nan)
    heard = service(
        area.ground, sites, area.demand, terms.carrier, terms.link, model=terms.model, radius=terms.radius, threads=1
    )  # fmt: skip
    truth[heard.site, heard.demand] = heard.rsrp - terms.threshold
    links = links_in(problem, options)
    margin = truth[links.option, links.village]
    chosen = np.flatnonzero(~np.isnan(margin) & (rng.random(margin.size) < SHARE))
    x = features(
        links.paths.picked(links.profile[chosen]), options.mast[links.option[chosen]],
        problem["radio"]["receiver_height"], links.bearing[chosen], problem["radio"]["sectors"],
    )  # fmt: skip
    return x, margin[chosen], problem["radio"]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--grounds", type=int, default=10, help="per region")
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()

    from sklearn.neural_network import MLPRegressor

    from lumbung.connectivity.challenge.remote_regions import REGIONS

    spec = importlib.util.spec_from_file_location("learned_solution", Path(__file__).with_name("solution.py"))
    solution = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(solution)
    rng = np.random.default_rng(arguments.seed)
    parts = {"learn": [], "held back": []}
    for ground in range(arguments.grounds):
        kind = "held back" if ground == arguments.grounds - 1 else "learn"
        for region in REGIONS.values():
            x, margin, radio = samples(region, FIRST_SEED + ground, solution.features, rng)
            parts[kind].append((x, margin))
    x, margin = (np.concatenate(column) for column in zip(*parts["learn"]))
    mean, deviation = x.mean(axis=0), x.std(axis=0) + 1e-9
    network = MLPRegressor(
        hidden_layer_sizes=LAYERS, max_iter=40, early_stopping=True, random_state=arguments.seed, batch_size=512, learning_rate_init=2e-3,
    )  # fmt: skip
    network.fit((x - mean) / deviation, np.clip(margin, -WIDEST, WIDEST) / 10.0)
    scale = [1.0] * (len(network.coefs_) - 1) + [10.0]
    weights = {f"w{k}": (w * s).astype(np.float32) for k, (w, s) in enumerate(zip(network.coefs_, scale))}
    weights |= {
        f"b{k}": (b * s).astype(np.float32) for k, (b, s) in enumerate(zip(network.intercepts_, scale))
    }
    weights |= {
        "layers": np.int64(len(network.coefs_)),
        "mean": mean.astype(np.float32),
        "deviation": deviation.astype(np.float32),
        "threshold": np.float64(radio["threshold"]),
        "power_per_subcarrier": np.float64(radio["power_per_subcarrier"]),
    }
    tested, truth = (np.concatenate(column) for column in zip(*parts["held back"]))
    guess = solution.predicted(weights, tested)
    close = np.abs(truth) < 20.0
    # A logistic curve as wide as the guesses err where it matters.
    weights["doubt"] = np.float64(np.std((guess - truth)[close]) * 0.55)
    np.savez(Path(__file__).with_name("weights.npz"), **weights)
    right = float(np.mean((guess >= 0) == (truth >= 0)))
    always = float(np.mean(truth < 0))
    print(f"{len(x)} links learnt from, {len(tested)} held back")
    print(
        f"served or not: {right:.1%} right (always no: {always:.1%}); error near the threshold {weights['doubt'] / 0.55:.1f} dB"
    )


if __name__ == "__main__":
    main()
