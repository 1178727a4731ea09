"""Ids without heights and backhaul."""


class Solution:
    def solve(self, problem):
        return [site["id"] for site in problem["candidates"][:3]]
