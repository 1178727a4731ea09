"""The largest villages in turn: a low tower beside each, as soon as a year's money allows; satellite for all.

How lists of villages are worked off. It looks at no terrain, and at no cell that is full.
"""

import math


def kilometres(one, two):
    north = one[0] - two[0]
    east = (one[1] - two[1]) * math.cos(math.radians(one[0]))
    return math.hypot(north, east) * 111.195


class Solution:
    def solve(self, problem):
        villages = problem["villages"]
        places = list(zip(villages["latitude"], villages["longitude"]))
        order = sorted(range(len(places)), key=lambda k: (-villages["people"][k], k))
        sites, taken, left = [], set(), 0.0
        for year, money in enumerate(problem["money"], 1):
            left += money
            for k in order:
                near = min(
                    problem["candidates"],
                    key=lambda site: kilometres((site["latitude"], site["longitude"]), places[k]),
                )
                price = near["costs"][0] + problem["backhaul"]["satellite_cost"]
                far = kilometres((near["latitude"], near["longitude"]), places[k]) > 5.0
                if far or near["id"] in taken:
                    continue
                if price > left:
                    break  # the next largest waits for next year's money
                left -= price
                taken.add(near["id"])
                sites.append(
                    {"id": near["id"], "height": near["heights"][0], "backhaul": "satellite", "year": year}
                )
        return {"sites": sites}
