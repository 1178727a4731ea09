"""A list instead of a dictionary."""


class Solution:
    def start(self, problem):
        self.junctions = list(problem["junctions"])

    def step(self, observation):
        return [0 for _ in self.junctions]
