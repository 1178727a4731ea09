"""One junction is forgotten."""


class Solution:
    def start(self, problem):
        self.junctions = list(problem["junctions"])

    def step(self, observation):
        return dict.fromkeys(self.junctions[1:], 0)
