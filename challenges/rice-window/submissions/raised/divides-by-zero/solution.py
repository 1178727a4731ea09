class Solution:
    def solve(self, problem):
        return {"a": 1 / (len(problem["sites"]) - len(problem["sites"]))}
