"""A site that no candidate is."""


class Solution:
    def solve(self, problem):
        height = problem["candidates"][0]["heights"][0]
        return {"sites": [{"id": "Monas", "height": height, "backhaul": "satellite"}]}
