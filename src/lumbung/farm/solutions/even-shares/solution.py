"""Habitual practice: everybody gets the same. Nitrogen in thirds one, three and six weeks after planting, water every turn."""

SPLIT = (7, 21, 42)


class Solution:
    def start(self, problem):
        self.problem = problem
        self.share = problem["nitrogen"] / len(problem["fields"]) / len(SPLIT)
        self.fed = 0

    def step(self, observation):
        fields = observation["fields"]
        due = sum(day <= observation["day"] for day in SPLIT)
        nitrogen = 0.0
        if due > self.fed:
            nitrogen = (due - self.fed) * self.share
            self.fed = due
            nitrogen = min(
                nitrogen, self.problem["most_nitrogen"], observation["nitrogen_left"] / len(fields)
            )
        water = min(observation["canal"] / len(fields), self.problem["most_water"])
        return {name: {"nitrogen": nitrogen, "water": water} for name in fields}
