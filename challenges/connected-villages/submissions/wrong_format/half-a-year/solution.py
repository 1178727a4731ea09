"""A tower between two years."""


class Solution:
    def solve(self, problem):
        site = problem["candidates"][0]
        return {
            "sites": [{"id": site["id"], "height": site["heights"][0], "backhaul": "satellite", "year": 1.5}]
        }
