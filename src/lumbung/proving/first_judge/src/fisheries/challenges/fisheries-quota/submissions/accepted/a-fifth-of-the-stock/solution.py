"""Takes a share of what the survey shows. Make it better: a survey errs, and stormy years are not alike."""


class Solution:
    def start(self, problem):
        self.capacity = problem["capacity"]

    def step(self, observation):
        return {"quota": 0.2 * min(observation["survey"], self.capacity)}
