"""Towers that stood before the programme began."""


class Solution:
    def solve(self, problem):
        site = problem["candidates"][0]
        return {
            "sites": [{"id": site["id"], "height": site["heights"][0], "backhaul": "satellite", "year": 0}]
        }
