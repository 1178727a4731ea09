"""Train the learned controller: python train.py [--generations 12] [--out weights.json]

First the planner shows how: at every decision its choice among the phases is copied (a conditional logit, one row per
phase). Then evolution improves: each generation tries a dozen variations of the weights on the same traffic, and the
better half shapes the next. What counts is the geometric mean of the delays. Seeds begin at 1000; challenges use 0 to 19.
"""

import argparse
import dataclasses
import importlib.util
import json
import math
import time
from pathlib import Path

import numpy as np

from lumbung.city.engine.episode import Settings, run_episode
from lumbung.city.engine.networks import resco

HERE = Path(__file__).parent
NETWORKS = ("cologne1", "cologne3", "cologne8", "ingolstadt1", "ingolstadt7", "ingolstadt21", "grid4x4")
COPIED_SEED, FIRST_SEED, HELD_BACK_SEED = 1000, 2000, 9000


def load(name):
    spec = importlib.util.spec_from_file_location(f"{name}_solution", HERE.parent / name / "solution.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def traffic(network, minutes):
    scenario = resco(network)
    return dataclasses.replace(scenario, end=min(scenario.end, scenario.begin + 60 * minutes))


class Shadow:
    """Lets the planner decide, and notes what the learner would have seen and what the planner chose."""

    def __init__(self, learned, planner):
        self.learned, self.planner = learned, planner.Solution()
        self.samples = []

    def start(self, problem):
        self.network = self.learned.Network(problem)
        self.planner.start(problem)

    def step(self, observation):
        table = self.network.features(observation)
        action = self.planner.step(observation)
        for name, (first, end) in self.network.phases_of.items():
            if observation["green"][name] >= self.network.min_green and end - first > 1:
                self.samples.append((table[first:end], action[name]))
        return action


def copied(samples, scale, rounds=400):
    """Weights under which the planner's choices are likeliest, and how often they choose as it does."""
    most = max(len(table) for table, _ in samples)
    x = np.zeros((len(samples), most, len(scale)))
    there = np.zeros((len(samples), most), bool)
    for number, (table, _) in enumerate(samples):
        x[number, : len(table)] = table / scale
        there[number, : len(table)] = True
    chosen = x[np.arange(len(x)), [choice for _, choice in samples]]
    weights, speed = np.zeros(len(scale)), np.zeros(len(scale))
    for _ in range(rounds):
        scores = np.where(there, x @ weights, -np.inf)
        chance = np.exp(scores - scores.max(axis=1, keepdims=True))
        chance /= chance.sum(axis=1, keepdims=True)
        slope = (chosen - np.einsum("np,npf->nf", chance, x)).mean(axis=0) - 1e-3 * weights
        speed = 0.9 * speed + slope
        weights = weights + 0.3 * speed
    scores = np.where(there, x @ weights, -np.inf)
    agrees = float(np.mean(scores.argmax(axis=1) == [choice for _, choice in samples]))
    return weights, agrees


def with_weights(learned, weights):
    solution = learned.Solution.__new__(learned.Solution)
    solution.weights = weights
    return solution


def log_delays(make, scenarios, seed):
    """Natural logarithm of the mean delay on each network under a controller."""
    return np.array([math.log(run_episode(s, make(), Settings(), seed).metrics.delay) for s in scenarios])


def improved(learned, weights, scale, scenarios, generations, offspring):
    """Separable evolution: the better half of each generation moves the mean and sets the spread of every weight."""
    rng = np.random.default_rng(0)
    mean = weights / np.linalg.norm(weights)
    spread = np.full(len(mean), 0.06)
    for generation in range(generations):
        half = rng.standard_normal((offspring // 2, len(mean)))
        steps = np.concatenate([half, -half])
        results = np.array(
            [
                log_delays(
                    lambda w=(mean + spread * step) / scale: with_weights(learned, w),
                    scenarios,
                    FIRST_SEED + generation,
                )
                for step in steps
            ]
        )
        # one locked network must not decide alone
        gain = np.clip(results - np.median(results, axis=0), -0.5, 0.5).mean(axis=1)
        best = steps[np.argsort(gain, kind="stable")[: offspring // 2]]
        share = np.log(offspring / 2 + 0.5) - np.log(np.arange(1, len(best) + 1))
        share /= share.sum()
        mean = mean + spread * (share @ best)
        spread = spread * np.sqrt(0.85 + 0.15 * (share @ best**2))
        print(
            f"generation {generation + 1:3d}: geometric mean delay {math.exp(results.mean()):.2f} s, "
            f"best {math.exp(results.mean(axis=1).min()):.2f} s", flush=True,
        )  # fmt: skip
    return mean


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--networks", default=",".join(NETWORKS))
    parser.add_argument("--generations", type=int, default=12)
    parser.add_argument("--offspring", type=int, default=12, help="an even number")
    parser.add_argument("--minutes", type=int, default=20, help="of traffic in every trial")
    parser.add_argument("--out", type=Path, default=HERE / "weights.json")
    choice = parser.parse_args()
    begin = time.process_time()
    learned, planner = load("learned"), load("planner")
    scenarios = [traffic(name, choice.minutes) for name in choice.networks.split(",")]
    shadow = Shadow(learned, planner)
    for scenario in scenarios:
        run_episode(scenario, shadow, Settings(), COPIED_SEED)
    scale = np.maximum(np.concatenate([table for table, _ in shadow.samples]).std(axis=0), 1e-3)
    weights, agrees = copied(shadow.samples, scale)
    weights /= np.linalg.norm(weights)
    print(f"{len(shadow.samples):,} choices of the planner; the copy agrees with {agrees:.1%} of them")
    found = weights
    if choice.generations:
        found = improved(learned, weights, scale, scenarios, choice.generations, choice.offspring)
    rivals = {
        "max-wave": load("max-wave").Solution,
        "planner": planner.Solution,
        "its copy": lambda: with_weights(learned, weights / scale),
        "evolved": lambda: with_weights(learned, found / scale),
    }
    for label, make in rivals.items():
        logs = log_delays(make, scenarios, HELD_BACK_SEED)
        print(f"held-back seed, {label}: geometric mean delay {math.exp(logs.mean()):.2f} s")
    stored = dict(zip(learned.NAMES, np.round(found / scale, 6).tolist()))
    choice.out.write_text(json.dumps(stored, indent=1) + "\n", encoding="utf-8")
    print(f"{choice.out.name} written; {time.process_time() - begin:.0f} CPU seconds in all")


if __name__ == "__main__":
    main()
