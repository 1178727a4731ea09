"""Classical: the 40-10 rule. A fixed share of the stock above 40 % of the unfished, none below 10 %, in a line between.

Pacific Fishery Management Council, amendment 11 to the groundfish plan (1998). Here none already at the limit. The share
follows from natural mortality: F = 0.87 M (S. Zhou et al., Linking fishing mortality reference points to life history
traits, Fish and Fisheries 13, 2012), of which fish die naturally at the same time.
"""

import math


class Solution:
    def start(self, problem):
        self.problem = problem
        fishing = 0.87 * problem["natural_mortality"]
        total = fishing + problem["natural_mortality"]
        self.share = fishing / total * (1 - math.exp(-total))

    def step(self, observation):
        depletion = observation["survey"] / self.problem["unfished"]
        limit = self.problem["limit"]
        open_to = min(1.0, max(0.0, (depletion - limit) / (0.4 - limit)))
        return {"quota": self.share * open_to * observation["survey"]}
