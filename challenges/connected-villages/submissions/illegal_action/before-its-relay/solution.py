"""A tower in the first year over one that is built in the last."""


class Solution:
    def solve(self, problem):
        one, two = problem["candidates"][:2]
        fibre = problem["fibre"][0]["id"]
        return {
            "sites": [
                {"id": one["id"], "height": one["heights"][0], "backhaul": two["id"], "year": 1},
                {
                    "id": two["id"],
                    "height": two["heights"][0],
                    "backhaul": fibre,
                    "year": len(problem["money"]),
                },
            ]
        }
