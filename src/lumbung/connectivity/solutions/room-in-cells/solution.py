"""Room in cells: year by year, the tower that brings most people the speed for its money, counted with what each cell has time for.

Links by ITU-R P.1812's diffraction (`lumbung.connectivity.challenge.plain_links`). Each village is with the sector it hears best; a
sector serves as many of its people as its time allows at their rates, 3 dB under quiet air for what neighbours send.
"""

import numpy as np

from lumbung.connectivity.challenge.plain_links import cell_signals
from lumbung.connectivity.challenge.plain_siting import clear_hops, links_in, options_in

NEIGHBOURS_DB = 3.0
CHUNK = 4000


class Solution:
    def solve(self, problem):
        options, money = options_in(problem), 0.0
        region = Region(problem, levels(problem, options))
        programme = Programme(problem, options, clear_hops(problem, options))
        for year, more in enumerate(problem["money"], 1):
            money += more
            while (best := next_of(programme, region, money)) is not None:
                programme.add(best, year)
        return {"sites": programme.sites}


def next_of(programme, region, money):
    """The option that brings most people for its price within the money, or None."""
    prices = programme.prices()
    fits = (prices <= money - programme.spent + 1e-9) & ~programme.taken
    have = region.people_with_speed(programme.chosen)
    best, most = None, 1e-6
    # A site hardly brings more people than hear it: the promising ones first, and an end where none can win.
    for j in np.argsort(-np.where(fits, region.heard / prices, -1.0), kind="stable"):
        if not fits[j] or region.heard[j] / prices[j] <= most:
            break
        rate = (region.people_with_speed([*programme.chosen, int(j)]) - have) / prices[j]
        if rate > most:
            best, most = int(j), rate
    return best


class Programme:
    """What stands, over what its traffic runs, and what it cost."""

    def __init__(self, problem, options, hops):
        self.problem, self.options, self.hops = problem, options, hops
        self.chosen, self.sites, self.spent = [], [], 0.0
        self.relays = []
        self.taken = np.zeros(options.size, bool)

    def prices(self):
        """What each option costs if it is built next: only over what stands already, so that every year is connected."""
        rules = self.problem["backhaul"]
        near = self.hops.to_fibre.any(axis=1) | self.hops.between[self.relays].any(axis=0)
        own = np.where(
            near & (rules["hop_cost"] <= rules["satellite_cost"]), rules["hop_cost"], rules["satellite_cost"]
        )
        return self.options.cost + own

    def add(self, j, year):
        site = self.problem["candidates"][self.options.candidate[j]]
        self.spent += float(self.prices()[j])
        end = self.end_of(j)
        if end != "satellite":
            self.relays.append(j)
        self.chosen.append(j)
        self.taken |= self.options.candidate == self.options.candidate[j]
        self.sites.append(
            {"id": site["id"], "height": float(self.options.mast[j]), "backhaul": end, "year": year}
        )

    def end_of(self, j):
        rules = self.problem["backhaul"]
        if rules["hop_cost"] > rules["satellite_cost"]:
            return "satellite"
        if self.hops.to_fibre[j].any():
            return self.problem["fibre"][int(self.hops.to_fibre[j].argmax())]["id"]
        over = [k for k in self.relays if self.hops.between[k, j]]
        return self.problem["candidates"][self.options.candidate[over[0]]]["id"] if over else "satellite"


def levels(problem, options):
    """RSRP of each option's sectors at each village [dBm], shape (options, sectors, villages)."""
    links, radio = links_in(problem, options), problem["radio"]
    found = np.full((options.size, len(radio["sectors"]), len(problem["villages"]["people"])), -np.inf)
    for start in range(0, links.option.size, CHUNK):
        part = slice(start, start + CHUNK)
        paths = links.paths.picked(links.profile[part])
        level = cell_signals(radio, paths, links.bearing[part], options.mast[links.option[part]])
        found[links.option[part], :, links.village[part]] = level.T
    return found


class Region:
    """The villages and what every option would give them."""

    def __init__(self, problem, level):
        radio, promise = problem["radio"], problem["promise"]
        ratio = level - radio["noise"] - NEIGHBOURS_DB
        steps = np.searchsorted(np.array(radio["ratios"]), ratio, side="right")
        rate = np.concatenate([[0.0], radio["rates"]])[steps]
        usable = (level >= radio["threshold"]) & (rate >= promise["speed"])
        self.level = level
        self.people = np.array(problem["villages"]["people"], float)
        # Share of a sector's time that all people of a village take.
        self.time = np.where(
            usable, self.people * promise["active"] * promise["speed"] / np.maximum(rate, 1e-9), np.inf
        )
        self.heard = usable.any(axis=1) @ self.people

    def people_with_speed(self, chosen):
        if not chosen:
            return 0.0
        villages = np.arange(self.people.size)
        level = self.level[chosen].reshape(-1, self.people.size)
        time = self.time[chosen].reshape(-1, self.people.size)
        sector = level.argmax(axis=0)
        needs = time[sector, villages]
        served = np.isfinite(needs)
        load = np.bincount(sector[served], needs[served], len(level))
        people = np.bincount(sector[served], self.people[served], len(level))
        return float((people / np.maximum(load, 1.0)).sum())
