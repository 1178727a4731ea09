"""The cheapest candidates first, each on a satellite, in the year in which there is money for it.

A start: make it better. It looks at no terrain, at no village and at no cell that is full; what `problem` holds is in
docs/connectivity/connected-villages.md. print() goes to your log.
"""


class Solution:
    def solve(self, problem):
        satellite, left, sites = problem["backhaul"]["satellite_cost"], 0.0, []
        waiting = sorted(problem["candidates"], key=lambda site: (min(site["costs"]), site["id"]))
        for year, money in enumerate(problem["money"], 1):
            left += money
            while waiting and min(waiting[0]["costs"]) + satellite <= left:
                site = waiting.pop(0)
                left -= min(site["costs"]) + satellite
                height = site["heights"][site["costs"].index(min(site["costs"]))]
                sites.append({"id": site["id"], "height": height, "backhaul": "satellite", "year": year})
        return {"sites": sites}
