"""One candidate twice, to be paid for once."""


class Solution:
    def solve(self, problem):
        site = problem["candidates"][0]
        one = {"id": site["id"], "height": site["heights"][0], "backhaul": "satellite"}
        return {"sites": [one, one]}
