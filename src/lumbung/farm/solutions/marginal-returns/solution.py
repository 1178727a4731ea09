"""The optimiser: each kilogram and each millimetre where the past says that it grows most grain.

For every field the problem tells what plans brought in past years (days of application, dose, water a turn). With a price on nitrogen and
on water each field picks the plan that pays it best; prices are searched until what is picked fits into the supplies, and the
dearest pick that fits is taken (Lagrange relaxation; Everett 1963). Through the season nitrogen follows the plan, at the stage and
not at the day that past years had it; water goes to those who are dry, those first whose plan counts on more of it.
"""

import itertools

import numpy as np

POND = 20.0  # mm
DRAINED = 1.8  # stage from which a field may dry
SEASON = 85  # days after planting until which most fields ask for water


class Solution:
    def start(self, problem):
        self.problem = problem
        self.plans = plan(problem)
        self.owed = {name: [list(part) for part in one["split"]] for name, one in self.plans.items()}

    def step(self, observation):
        fields, day = observation["fields"], observation["day"]
        left = observation["nitrogen_left"]
        nitrogen = {}
        for name in fields:
            amount = sum(part for when, part in self.owed[name] if when <= day)
            self.owed[name] = [[when, part] for when, part in self.owed[name] if when > day]
            nitrogen[name] = float(min(amount, self.problem["most_nitrogen"], left))
            left -= nitrogen[name]
        water = self.water(day, fields, observation["canal"], observation["water_left"])
        return {name: {"nitrogen": nitrogen[name], "water": water[name]} for name in fields}

    def water(self, day, fields, canal, left):
        """Fill dry fields up, the driest first: each by thrice what its plan has for a turn, then out of what no plan needs."""
        wanted, given = {}, dict.fromkeys(fields, 0.0)
        for name, one in fields.items():
            if one["standing"] <= 5.0 and one["stage"] <= DRAINED:
                wanted[name] = min(one["missing"] + POND, self.problem["most_water"])
        turns = max((SEASON - day) / self.problem["turn"], 0.0)
        free = max(left - turns * sum(self.plans[name]["water"] for name in fields), 0.0)
        for planned in (True, False):
            for name in sorted(wanted, key=lambda name: -fields[name]["missing"]):
                allowed = 3.0 * self.plans[name]["water"] if planned else free
                amount = max(min(wanted[name] - given[name], allowed, canal), 0.0)
                given[name] += float(amount)
                canal -= amount
                free -= 0.0 if planned else amount
        return given


def plan(problem):
    """Return split [day, kg/ha] and water [mm a turn] of every field."""
    names = list(problem["fields"])
    options = {name: choices(problem["fields"][name]["response"]) for name in names}
    best, worth = None, -1.0
    for price_n, price_w in itertools.product(np.linspace(0.0, 40.0, 41), np.linspace(0.0, 40.0, 41)):
        picked = [
            int(np.argmax(o["grain"] - price_n * o["dose"] - price_w * o["water"])) for o in options.values()
        ]
        dose, water, grain = (
            sum(o[what][k] for o, k in zip(options.values(), picked)) for what in ("dose", "water", "grain")
        )
        if dose <= problem["nitrogen"] and water <= problem["water"] and grain > worth:
            best, worth = picked, grain
    if best is None:
        best = [int(np.argmin(o["dose"] + o["water"])) for o in options.values()]
    spare = problem["nitrogen"] - sum(o["dose"][k] for o, k in zip(options.values(), best))
    found = {}
    for name, k in zip(names, best):
        o, one = options[name], problem["fields"][name]["response"]
        dose = o["dose"][k] + max(spare, 0.0) / len(names)
        split = one["splits"][o["split"][k]]
        found[name] = {"split": [(day, share * dose) for day, share in split], "water": o["turn"][k]}
    return found


def choices(response):
    """Return every plan of a field in rows: mean grain, dose, water of the season and of a turn, split."""
    grain = np.asarray(response["grain"], float).mean(axis=-1)
    splits, doses, waters = grain.shape
    given = np.asarray(response["given_water"], float).mean(axis=-1)
    s, d, w = (index.ravel() for index in np.indices((splits, doses, waters)))
    return {
        "grain": grain.ravel(),
        "dose": np.asarray(response["doses"], float)[d],
        "water": given[w],
        "turn": np.asarray(response["water"], float)[w],
        "split": s,
    }
