class Solution:
    def start(self, problem):
        self.waited = 0

    def step(self, observation):
        return {"a": 1 / self.waited}
