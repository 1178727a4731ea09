"""A first answer: year by year the site that wins the most people for its money, with the relays it still lacks."""

from __future__ import annotations

import numpy as np

from lumbung.connectivity.engine.phasing.programme import Floats, Ints, Programme


class _State:
    """What stands, and what is left to win in one year after another."""

    def __init__(self, p: Programme) -> None:
        self.p = p
        self.standing = np.full(int(p.way_site.max(initial=-1)) + 1, -1, np.int64)
        self.left = np.ones(p.people.size)
        option = p.pair_option
        self.by_option = [np.flatnonzero(option == k) for k in range(p.options)]
        self.by_site = [np.flatnonzero(p.way_site == k) for k in range(self.standing.size)]
        self.lacking = p.needed()

    def fill(self, way: int) -> tuple[Floats, Ints]:
        """Return the part of each pair's people that a way would serve of those left, the least time for a person first."""
        p = self.p
        pairs = self.by_option[p.way_option[way]]
        rank = np.argsort(p.pair_time[pairs] / np.maximum(p.people[p.pair_place[pairs]], 1e-9), kind="stable")
        pairs = pairs[rank]
        part = np.zeros(pairs.size)
        room: dict[int, float] = {}
        traffic = float(p.way_traffic[way])
        taken: dict[int, float] = {}
        for k, pair in enumerate(pairs):
            cell, place = int(p.pair_cell[pair]), int(p.pair_place[pair])
            free = self.left[place] - taken.get(place, 0.0)
            if free <= 0.0:
                continue
            time = room.get(cell, 1.0)
            most = min(free, time / max(p.pair_time[pair], 1e-12), traffic / max(p.pair_traffic[pair], 1e-12))
            part[k] = most
            room[cell] = time - most * p.pair_time[pair]
            traffic -= most * p.pair_traffic[pair]
            taken[place] = taken.get(place, 0.0) + most
        return part, pairs

    def gain(self, way: int) -> float:
        """Return the people a way would win; those of a region below its floor count a thousandfold."""
        part, pairs = self.fill(way)
        place = self.p.pair_place[pairs]
        won = part * self.p.people[place]
        if not self.lacking.size:
            return float(won.sum())
        region = self.p.region[place]
        below = (region >= 0) & (self.lacking[region] > 0.0)
        return float((won * np.where(below, 1000.0, 1.0)).sum())

    def bundle(self, way: int, depth: int = 0) -> list[int] | None:
        """Return a way with the relays it still lacks, those nearest the fibre first; None where there is no chain."""
        p = self.p
        over = int(p.way_over[way])
        if over < 0:
            return [way]
        stands = int(self.standing[over])
        if stands >= 0:
            return [way] if p.way_carries[stands] else None
        if depth > 20:
            return None
        best: list[int] | None = None
        for other in self.by_site[over]:
            if not p.way_carries[other]:
                continue
            chain = self.bundle(int(other), depth + 1)
            if chain is not None and (best is None or p.way_cost[chain].sum() < p.way_cost[best].sum()):
                best = chain
        return None if best is None else [*best, way]

    def build(self, way: int) -> None:
        part, pairs = self.fill(way)
        place = self.p.pair_place[pairs]
        np.subtract.at(self.left, place, part)
        if self.lacking.size:
            inside = self.p.region[place] >= 0
            won = (part * self.p.people[place])[inside]
            np.subtract.at(self.lacking, self.p.region[place][inside], won)
        self.standing[self.p.way_site[way]] = way


def first_answer(p: Programme) -> Ints:
    """Return the year from which each way stands (``years`` for never) in an answer that can be paid and is connected.

    Regions' floors are served first where money allows; whether they are met is for ``search`` to see.
    """
    state = _State(p)
    since = np.full(p.ways, p.years, np.int64)
    # What a way wins only falls as others are built, so an old figure is an upper bound and few need to be known anew.
    hope = np.array([state.gain(way) for way in range(p.ways)])
    spent = 0.0
    for year in range(p.years):
        while True:
            best = _best(p, state, hope, float(p.money[year]) * (1 + 1e-12) - spent)
            if best is None:
                break
            for way in best:
                state.build(way)
                since[way] = year
                spent += float(p.way_cost[way])
    return since


def _best(p: Programme, state: _State, hope: Floats, room: float) -> list[int] | None:
    """Return the way, with the relays it lacks, that wins the most people for its money; None where nothing fits."""
    chains = []
    for way in range(p.ways):
        if state.standing[p.way_site[way]] >= 0 or p.way_cost[way] > room:
            continue
        chain = state.bundle(way)
        if chain is None or len({int(p.way_site[one]) for one in chain}) < len(chain):
            continue
        cost = float(p.way_cost[chain].sum())
        if cost <= room:
            chains.append((float(hope[chain].sum()) / max(cost, 1e-9), cost, chain))
    chains.sort(key=lambda one: -one[0])
    best: tuple[float, list[int]] = (0.0, [])
    for most, cost, chain in chains:
        if most <= best[0]:
            break
        for way in chain:
            hope[way] = state.gain(way)
        rate = float(hope[chain].sum()) / max(cost, 1e-9)
        if rate > best[0]:
            best = rate, chain
    return best[1] or None
