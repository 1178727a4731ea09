"""Builds everywhere, whatever it costs."""


class Solution:
    def solve(self, problem):
        sites = problem["candidates"]
        return {
            "sites": [{"id": s["id"], "height": s["heights"][-1], "backhaul": "satellite"} for s in sites]
        }
