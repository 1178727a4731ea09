"""A height that is not a number."""


class Solution:
    def solve(self, problem):
        return {
            "sites": [{"id": problem["candidates"][0]["id"], "height": float("nan"), "backhaul": "satellite"}]
        }
