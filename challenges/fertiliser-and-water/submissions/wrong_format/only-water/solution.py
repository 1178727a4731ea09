"""Numbers in place of nitrogen and water."""


class Solution:
    def start(self, problem):
        pass

    def step(self, observation):
        return dict.fromkeys(observation["fields"], 10.0)
