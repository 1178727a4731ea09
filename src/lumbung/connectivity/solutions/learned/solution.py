"""Learned: a small network has seen many links over generated ground, and guesses from a profile's shape how well one works.

It computes no propagation: from seventeen features of the terrain along a link it predicts by how many dB the signal passes
the threshold, and from that the chance that a village is served. A site's marginal coverage is then the people it is expected
to add. The poorer half of the candidates is pruned by it before backhaul is looked at, and sites are chosen and exchanged by
it. ``train.py`` beside this file made ``weights.npz``.
"""

from pathlib import Path

import numpy as np

from lumbung.connectivity.challenge.plain_siting import (
    Network,
    answer,
    clear_hops,
    links_in,
    mended,
    options_in,
)

KEPT = 0.5
EFFECTIVE_RADIUS_KM = 8495.0
CHUNK = 4000


def features(paths, mast, receiver, bearing, sectors):
    """What the terrain along each link looks like; shape (links, 17), each feature of order one."""
    d, h, total, inner = paths.distance, paths.height, paths.total, paths.inner
    length, points = total[:, None], np.maximum(paths.count - 2, 1)
    first, last = h[:, 0] + mast, h[:, -1] + receiver
    away, back = np.where(inner, d, 1.0), np.where(inner, length - d, 1.0)
    line = first[:, None] + (last - first)[:, None] * d / length
    over = h + paths.clutter + 500.0 / EFFECTIVE_RADIUS_KM * away * back - line
    above = np.where(inner, over, -np.inf)
    highest = above.argmax(axis=1)
    row = np.arange(len(total))
    end = np.maximum(paths.count - 2, 1)
    mean = np.where(inner, over, 0.0).sum(axis=1) / points
    spread = np.sqrt(np.where(inner, (over - mean[:, None]) ** 2, 0.0).sum(axis=1) / points)
    turn = np.min(
        [np.abs((bearing - sector["bearing"] + 180.0) % 360.0 - 180.0) for sector in sectors], axis=0
    )
    peak = above[row, highest]
    return np.column_stack([
        np.log10(total),
        mast / 50.0,
        squash((first - last) / 200.0),
        squash(np.degrees(np.arctan2(last - first, total * 1000.0)) / 3.0),
        squash(np.where(inner, over / away, -np.inf).max(axis=1) / 20.0),
        squash(np.where(inner, over / back, -np.inf).max(axis=1) / 20.0),
        squash(peak / 10.0),
        squash(peak / 100.0),
        squash(peak / np.sqrt(away[row, highest] * back[row, highest] / total) / 20.0),
        d[row, highest] / total,
        (above > 0).sum(axis=1) / points,
        squash(mean / 100.0),
        squash(spread / 100.0),
        squash(over[row, end] / 20.0),
        squash(over[row, np.maximum(end - 1, 1)] / 20.0),
        paths.clutter[row, end] / 15.0,
        turn / 60.0,
    ])  # fmt: skip


def squash(x):
    return x / (1.0 + np.abs(x))


def predicted(weights, x):
    """The network's guess: dB above the threshold."""
    x = (x - weights["mean"]) / weights["deviation"]
    for layer in range(int(weights["layers"])):
        x = x @ weights[f"w{layer}"] + weights[f"b{layer}"]
        if layer < int(weights["layers"]) - 1:
            x = np.maximum(x, 0.0)
    # It learnt at -105 dBm; another threshold or power only shifts the scale.
    return x[:, 0]


class Solution:
    def __init__(self):
        with np.load(Path(__file__).with_name("weights.npz")) as file:
            self.weights = {name: file[name] for name in file.files}

    def solve(self, problem):
        options = options_in(problem)
        chance = self.chances(problem, options)
        people, budget = np.array(problem["villages"]["people"], float), problem["budget"]
        rate = chance @ people / (options.cost + problem["backhaul"]["hop_cost"])
        kept = np.sort(np.argsort(-rate, kind="stable")[: max(int(KEPT * options.size), 1)])
        options, chance = options.picked(kept), chance[kept]
        network = Network(problem, options, clear_hops(problem, options))
        return answer(problem, options, network, mended(people, chance, network, budget))

    def chances(self, problem, options):
        """That each option serves each village; shape (options, villages)."""
        radio = problem["radio"]
        links = links_in(problem, options)
        shift = self.weights["threshold"] - radio["threshold"]
        shift = shift + radio["power_per_subcarrier"] - self.weights["power_per_subcarrier"]
        found = np.zeros((options.size, len(problem["villages"]["people"])))
        for start in range(0, links.option.size, CHUNK):
            part = slice(start, start + CHUNK)
            x = features(
                links.paths.picked(links.profile[part]), options.mast[links.option[part]],
                radio["receiver_height"], links.bearing[part], radio["sectors"],
            )  # fmt: skip
            margin = predicted(self.weights, x) + shift
            doubt = float(self.weights["doubt"])
            found[links.option[part], links.village[part]] = 1.0 / (
                1.0 + np.exp(-np.clip(margin / doubt, -40, 40))
            )
        return found
