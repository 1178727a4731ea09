"""An answer for all fields but one."""


class Solution:
    def start(self, problem):
        pass

    def step(self, observation):
        return {name: {"nitrogen": 0.0, "water": 0.0} for name in list(observation["fields"])[1:]}
