"""Keeps all the money for the last year: allowed, and counted for one year of three."""


class Solution:
    def solve(self, problem):
        satellite, left, sites = problem["backhaul"]["satellite_cost"], sum(problem["money"]), []
        last = len(problem["money"])
        for site in sorted(problem["candidates"], key=lambda site: (min(site["costs"]), site["id"])):
            price = min(site["costs"]) + satellite
            if price <= left:
                left -= price
                height = site["heights"][site["costs"].index(min(site["costs"]))]
                sites.append({"id": site["id"], "height": height, "backhaul": "satellite", "year": last})
        return {"sites": sites}
