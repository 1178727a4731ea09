"""Two simple rules, as extension services teach them: feed leaves that are pale, water fields that no longer stand in water.

Pale is what holds less nitrogen than rice of that stage could by a quarter (the leaf colour chart, in numbers); a field gets
25 kg/ha a time, from three weeks on until it flowers. A field is filled up when its pond is gone (alternate wetting and drying).
Where there is not enough, everybody who is in need gets the same part of it.
"""

import numpy as np

# Highest nitrogen in leaves [%] by stage of development, as WOFOST 8.1 has it for rice
HIGHEST = ((0.0, 0.4, 0.7, 1.0, 2.0), (6.0, 4.0, 3.0, 2.0, 1.5))
PALE = 0.75
DOSE = 25.0  # kg/ha
FROM_DAY = 21
POND = 30.0  # mm
DRAINED = 1.8  # stage from which a field may dry


class Solution:
    def start(self, problem):
        self.problem = problem

    def step(self, observation):
        fields = observation["fields"]
        nitrogen = {name: self.hunger(observation["day"], one) for name, one in fields.items()}
        water = {name: self.thirst(one) for name, one in fields.items()}
        nitrogen = shared(nitrogen, observation["nitrogen_left"])
        water = shared(water, observation["canal"])
        return {name: {"nitrogen": nitrogen[name], "water": water[name]} for name in fields}

    def hunger(self, day, one):
        pale = one["leaf_nitrogen"] < PALE * np.interp(one["stage"], *HIGHEST)
        wanted = DOSE if pale and day >= FROM_DAY and one["stage"] < 1.0 else 0.0
        return min(wanted, self.problem["most_nitrogen"])

    def thirst(self, one):
        if one["standing"] > 5.0 or one["stage"] > DRAINED:
            return 0.0
        return min(one["missing"] + POND, self.problem["most_water"])


def shared(wanted, there_is):
    """Cut what is wanted down to what there is, in the same proportion for all."""
    total = sum(wanted.values())
    part = min(1.0, there_is / total) if total > 0.0 else 0.0
    return {name: float(part * amount) for name, amount in wanted.items()}
