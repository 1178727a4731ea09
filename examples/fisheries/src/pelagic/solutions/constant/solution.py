"""Naive: the same quota every year, a tenth of what the sea held before anybody fished."""


class Solution:
    def start(self, problem):
        self.quota = 0.1 * problem["unfished"]

    def step(self, observation):
        return {"quota": self.quota}
