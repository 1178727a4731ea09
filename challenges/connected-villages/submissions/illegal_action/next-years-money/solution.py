"""All the money of all years in the first."""


class Solution:
    def solve(self, problem):
        satellite, left, sites = problem["backhaul"]["satellite_cost"], sum(problem["money"]), []
        for site in problem["candidates"]:
            price = site["costs"][0] + satellite
            if price <= left:
                left -= price
                sites.append(
                    {"id": site["id"], "height": site["heights"][0], "backhaul": "satellite", "year": 1}
                )
        return {"sites": sites}
