"""Greedy circles: every tower is taken to reach five kilometres, whatever lies between; the most people for the money first.

How universal-service plans are often drawn: circles on a map. Only backhaul is held against the terrain: a clear hop to
fibre, or to a tower chosen before, where there is one, else satellite.
"""

import numpy as np

from lumbung.connectivity.challenge.plain_links import distance_between
from lumbung.connectivity.challenge.plain_siting import Network, answer, clear_hops, mended, options_in

RADIUS_KM = 5.0


class Solution:
    def solve(self, problem):
        villages, every = problem["villages"], options_in(problem)
        # A circle is as wide from a low mast: the cheapest it is.
        cheapest = [
            min(np.flatnonzero(every.candidate == k), key=lambda j: every.cost[j])
            for k in range(len(problem["candidates"]))
        ]
        options = every.picked(np.array(cheapest))
        apart = distance_between(
            options.latitude[:, None], options.longitude[:, None], villages["latitude"], villages["longitude"]
        )
        network = Network(problem, options, clear_hops(problem, options))
        people = np.array(villages["people"], float)
        chosen = mended(people, apart <= RADIUS_KM, network, problem["budget"], rounds=0)
        return answer(problem, options, network, chosen)
