"""A phase that is not a number."""


class Solution:
    def start(self, problem):
        self.junctions = list(problem["junctions"])

    def step(self, observation):
        return dict.fromkeys(self.junctions, float("nan"))
