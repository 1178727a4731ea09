"""Greedy circles: every tower is taken to reach five kilometres, whatever lies between; the most people for the money first.

How universal-service plans are often drawn: circles on a map. No terrain, and satellite for everyone, since a circle knows
nothing of lines of sight.
"""

import numpy as np

RADIUS_KM = 5.0


class Solution:
    def solve(self, problem):
        villages, sites = problem["villages"], problem["candidates"]
        latitude = np.array([site["latitude"] for site in sites])
        longitude = np.array([site["longitude"] for site in sites])
        north = (latitude[:, None] - villages["latitude"]) * 111.195
        east = (longitude[:, None] - villages["longitude"]) * np.cos(np.radians(latitude))[:, None] * 111.195
        within = np.hypot(north, east) <= RADIUS_KM
        middle = [len(site["heights"]) // 2 for site in sites]
        satellite = problem["backhaul"]["satellite_cost"]
        price = np.array([site["costs"][k] + satellite for site, k in zip(sites, middle)])
        people, left, chosen = np.array(villages["people"], float), problem["budget"], []
        while True:
            gain = within @ people
            gain[price > left] = 0.0
            best = int(np.argmax(gain / price))
            if gain[best] <= 0:
                break
            chosen.append(best)
            left -= price[best]
            people[within[best]] = 0.0
        return {
            "sites": [
                {"id": sites[k]["id"], "height": sites[k]["heights"][middle[k]], "backhaul": "satellite"}
                for k in chosen
            ]
        }
