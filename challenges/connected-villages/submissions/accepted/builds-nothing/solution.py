"""Builds nothing: allowed, and worth nothing."""


class Solution:
    def solve(self, problem):
        return {"sites": []}
