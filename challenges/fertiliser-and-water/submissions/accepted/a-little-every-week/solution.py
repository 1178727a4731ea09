"""A thirteenth of everything, every week, for everybody.

A start: make it better. It does not look at the fields; what `problem` and `observation` hold is in
docs/farm/inputs.md. print() goes to your log.
"""

WEEKS = 13


class Solution:
    def start(self, problem):
        share = len(problem["fields"]) * WEEKS
        self.nitrogen = problem["nitrogen"] / share
        self.water = problem["water"] / share

    def step(self, observation):
        standing = len(observation["fields"])
        nitrogen = min(self.nitrogen, observation["nitrogen_left"] / standing)
        water = min(self.water, observation["canal"] / standing)
        return {name: {"nitrogen": nitrogen, "water": water} for name in observation["fields"]}
