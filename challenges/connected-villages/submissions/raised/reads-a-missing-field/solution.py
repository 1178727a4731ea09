"""Asks for what no message holds."""


class Solution:
    def solve(self, problem):
        return {"sites": problem["answer"]}
