"""Planner: predicts every link over the terrain, solves the covering problem exactly, and then lets chains save money.

Links by ITU-R P.1812's diffraction (`lumbung.connectivity.challenge.plain_links`), a maximal covering model with a budget and one
height per site solved by HiGHS (`highspy`), then a search that knows what a hop over a chosen neighbour saves against a
satellite terminal. The model is solved again with those savings until nothing more is won.
"""

import highspy
import numpy as np

from lumbung.connectivity.challenge.plain_siting import (
    Network,
    answer,
    clear_hops,
    covers,
    mended,
    options_in,
)

ROUNDS = 4
GAP = 0.0005
NODES = 1000


class Solution:
    def solve(self, problem):
        options = options_in(problem)
        cover = covers(problem, options)
        network = Network(problem, options, clear_hops(problem, options))
        people, budget = np.array(problem["villages"]["people"], float), problem["budget"]
        best, most = [], -1.0
        prices = network.prices([])
        for _ in range(ROUNDS):
            chosen = mended(
                people,
                cover,
                network,
                budget,
                in_order(best_cover(people, cover, prices, budget, options), network),
            )
            value = people[cover[chosen].any(axis=0)].sum() if chosen else 0.0
            if value <= most:
                break
            best, most = chosen, value
            prices = network.prices(best)
        return answer(problem, options, network, best)


def in_order(chosen, network):
    """Those that reach fibre first, so that chains exist before what hangs on them."""
    reached = [int(j) for j in network.connected(chosen)]
    return reached + [j for j in chosen if j not in set(reached)]


def best_cover(people, cover, prices, budget, options):
    """Church and ReVelle's maximal covering model with costs: which options serve most people within the budget."""
    n = options.size
    counted = np.flatnonzero(cover.any(axis=0) & (people > 0))
    m = len(counted)
    solver = highspy.Highs()
    solver.silent()
    for name, value in (("threads", 1), ("mip_rel_gap", GAP), ("mip_max_nodes", NODES)):
        solver.setOptionValue(name, value)
    solver.addVars(n + m, np.zeros(n + m), np.ones(n + m))
    solver.changeColsCost(
        n + m, np.arange(n + m, dtype=np.int32), np.concatenate([np.zeros(n), -people[counted]])
    )
    solver.changeColsIntegrality(n, np.arange(n, dtype=np.int32), np.full(n, highspy.HighsVarType.kInteger))
    everything = np.arange(n, dtype=np.int32)
    solver.addRow(-highspy.kHighsInf, float(budget), n, everything, np.asarray(prices, float))
    for k in np.unique(options.candidate):
        own = np.flatnonzero(options.candidate == k).astype(np.int32)
        solver.addRow(-highspy.kHighsInf, 1.0, len(own), own, np.ones(len(own)))
    for place, village in enumerate(counted):
        serving = np.flatnonzero(cover[:, village])
        columns = np.concatenate([serving, [n + place]]).astype(np.int32)
        solver.addRow(
            0.0, highspy.kHighsInf, len(columns), columns, np.concatenate([np.ones(len(serving)), [-1.0]])
        )
    solver.run()
    found = np.array(solver.getSolution().col_value[:n])
    return [int(j) for j in np.flatnonzero(found > 0.5)]
