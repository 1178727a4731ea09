"""Water for a field nobody asked about."""


class Solution:
    def start(self, problem):
        pass

    def step(self, observation):
        answer = {name: {"nitrogen": 0.0, "water": 0.0} for name in observation["fields"]}
        return {**answer, "elsewhere": {"nitrogen": 0.0, "water": 10.0}}
