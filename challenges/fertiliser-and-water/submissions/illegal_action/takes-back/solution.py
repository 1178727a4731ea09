"""A cheat: takes water from one field to have more for another."""


class Solution:
    def start(self, problem):
        pass

    def step(self, observation):
        answer = {name: {"nitrogen": 0.0, "water": 20.0} for name in observation["fields"]}
        answer[next(iter(answer))]["water"] = -100.0
        return answer
