"""A cheat: saves the satellites by claiming a hop to the farthest fibre point from everywhere. Hills are in the way."""

import math


class Solution:
    def solve(self, problem):
        left, sites, cost = problem["money"][0], [], problem["backhaul"]["hop_cost"]
        for site in problem["candidates"]:
            fibre = max(
                problem["fibre"],
                key=lambda place: math.hypot(
                    place["latitude"] - site["latitude"], place["longitude"] - site["longitude"]
                ),
            )
            price = site["costs"][0] + cost
            if price <= left:
                left -= price
                sites.append(
                    {"id": site["id"], "height": site["heights"][0], "backhaul": fibre["id"], "year": 1}
                )
        return {"sites": sites}
