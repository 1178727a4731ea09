"""One satellite terminal for a whole chain."""


class Solution:
    def solve(self, problem):
        one, two = problem["candidates"][:2]
        return {
            "sites": [
                {"id": one["id"], "height": one["heights"][0], "backhaul": "satellite"},
                {"id": two["id"], "height": two["heights"][0], "backhaul": one["id"]},
            ]
        }
