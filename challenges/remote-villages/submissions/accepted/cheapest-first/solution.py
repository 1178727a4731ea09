"""The cheapest candidates first, each on a satellite, while the money lasts.

A start: make it better. It looks at no terrain and at no village; what `problem` holds is in
docs/connectivity/challenge.md. print() goes to your log.
"""


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
