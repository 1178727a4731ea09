"""A phase beyond the last."""


class Solution:
    def start(self, problem):
        self.junctions = list(problem["junctions"])

    def step(self, observation):
        return dict.fromkeys(self.junctions, 99)
