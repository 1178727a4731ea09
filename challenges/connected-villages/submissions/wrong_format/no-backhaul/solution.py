"""Forgets to say where the traffic goes."""


class Solution:
    def solve(self, problem):
        site = problem["candidates"][0]
        return {"sites": [{"id": site["id"], "height": site["heights"][0], "year": 1}]}
