"""All the water of the season on one field in one turn."""


class Solution:
    def start(self, problem):
        pass

    def step(self, observation):
        answer = {name: {"nitrogen": 0.0, "water": 0.0} for name in observation["fields"]}
        answer[next(iter(answer))]["water"] = observation["canal"]
        return answer
