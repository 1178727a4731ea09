"""The cheapest candidates first, each on a satellite, while the money lasts."""


class Solution:
    def solve(self, problem):
        satellite, left, sites = problem["backhaul"]["satellite_cost"], problem["budget"], []
        for site in sorted(problem["candidates"], key=lambda site: (min(site["costs"]), site["id"])):
            price = min(site["costs"]) + satellite
            if price <= left:
                left -= price
                height = site["heights"][site["costs"].index(min(site["costs"]))]
                sites.append({"id": site["id"], "height": height, "backhaul": "satellite"})
        return {"sites": sites}
