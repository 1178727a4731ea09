"""Two towers that hang on each other."""


class Solution:
    def solve(self, problem):
        one, two = problem["candidates"][:2]
        return {
            "sites": [
                {"id": one["id"], "height": one["heights"][0], "backhaul": two["id"], "year": 1},
                {"id": two["id"], "height": two["heights"][0], "backhaul": one["id"], "year": 1},
            ]
        }
