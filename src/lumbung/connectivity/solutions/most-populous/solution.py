"""Most populous first: a low tower beside the largest village, then the next largest, until the money is gone.

The rule of thumb of many lists. It looks at no terrain and counts nobody twice only by chance.
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
        left, sites, taken = problem["budget"], [], set()
        for k in order:
            near = min(
                problem["candidates"],
                key=lambda site: kilometres((site["latitude"], site["longitude"]), places[k]),
            )
            price = near["costs"][0] + problem["backhaul"]["satellite_cost"]
            far = kilometres((near["latitude"], near["longitude"]), places[k]) > 5.0
            if far or near["id"] in taken or price > left:
                continue
            left -= price
            taken.add(near["id"])
            sites.append({"id": near["id"], "height": near["heights"][0], "backhaul": "satellite"})
        return {"sites": sites}
