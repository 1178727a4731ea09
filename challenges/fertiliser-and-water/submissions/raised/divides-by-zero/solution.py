class Solution:
    def start(self, problem):
        self.share = problem["nitrogen"] / (len(problem["fields"]) - len(problem["fields"]))

    def step(self, observation):
        return {}
