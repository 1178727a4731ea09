"""Says where, and not when."""


class Solution:
    def solve(self, problem):
        site = problem["candidates"][0]
        return {"sites": [{"id": site["id"], "height": site["heights"][0], "backhaul": "satellite"}]}
