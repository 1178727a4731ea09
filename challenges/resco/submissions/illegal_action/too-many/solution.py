"""One junction is invented."""


class Solution:
    def start(self, problem):
        self.junctions = list(problem["junctions"])

    def step(self, observation):
        return {**dict.fromkeys(self.junctions, 0), "elsewhere": 0}
