"""A hop to a tower that is not built."""


class Solution:
    def solve(self, problem):
        one, two = problem["candidates"][:2]
        return {"sites": [{"id": one["id"], "height": one["heights"][0], "backhaul": two["id"]}]}
