"""A proposal for new sites: what a planner is asked, what may be answered, and what the answer is worth.

The worth is computed with the full model of ITU-R P.1812 over the terrain, link by link, and each microwave hop is held
against the terrain with its Fresnel zone. A site whose traffic cannot get out costs its money and serves nobody.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lumbung.connectivity.challenge.remote_regions import RemoteArea
from lumbung.connectivity.engine.antenna import three_sectors
from lumbung.connectivity.engine.cellular import Budget, Carrier
from lumbung.connectivity.radio.coverage import Model, Site, service
from lumbung.connectivity.siting.backhaul import Hop, Rules, hop
from lumbung.connectivity.siting.candidates import Place

SATELLITE = "satellite"
_CENTS = 1e-6


class ProposalError(ValueError):
    """An answer that is no proposal: names the place, what was found and what was expected.

    form: whether already its form is wrong, rather than what it proposes.
    """

    def __init__(self, where: str, found: str, expected: str, *, form: bool = False) -> None:
        self.where, self.found, self.expected, self.form = where, found, expected, form
        super().__init__(f"{where}: found {found}, expected {expected}")


@dataclass(frozen=True)
class Terms:
    """What counts as served, and what backhaul is possible at what cost.

    threshold: RSRP from which a village is served [dBm]; radius: largest distance from a site [km].
    """

    carrier: Carrier = field(default_factory=lambda: Carrier(frequency=900.0))
    link: Budget = field(default_factory=Budget)
    model: Model = field(default_factory=Model)
    rules: Rules = field(default_factory=lambda: Rules(hop_cost=25.0, satellite_cost=80.0))
    threshold: float = -105.0
    radius: float = 30.0


@dataclass(frozen=True)
class Choice:
    """One site of a proposal: the candidate's number, its height's number, and where its traffic goes."""

    candidate: int
    height: int
    backhaul: str


@dataclass(frozen=True)
class Worth:
    """What a proposal is worth.

    Attributes
    ----------
    served : bool array, shape (villages,)
    server : int64 array, shape (villages,)
        Number of the choice heard best among the connected ones, -1 where none serves.
    spent : float
    hops : tuple of Hop or None
        First hop of each choice; None for satellite.
    connected : tuple of bool
        Whether each choice's traffic gets out.
    why_not : tuple of str
        Why a choice is not connected; empty where it is.
    """

    served: NDArray[np.bool_]
    server: NDArray[np.int64]
    spent: float
    hops: tuple[Hop | None, ...]
    connected: tuple[bool, ...]
    why_not: tuple[str, ...]


def problem_of(area: RemoteArea, terms: Terms) -> dict[str, Any]:
    """Return the message that poses the problem: plain data, as docs/connectivity/challenge.md describes it."""
    ground, demand, rules = area.ground, area.demand, terms.rules
    setting = terms.model
    return {
        "region": area.title,
        "label": ground.label,
        "budget": area.budget,
        "terrain": {
            "height": ground.height.astype(np.float32),
            "clutter": ground.clutter.astype(np.float32),
            "zone": ground.zone,
            "north": ground.grid.north,
            "west": ground.grid.west,
            "step_lat": ground.grid.step_lat,
            "step_lon": ground.grid.step_lon,
            "generated": ground.generated,
        },
        "villages": {
            "id": list(demand.id),
            "name": list(demand.name),
            "latitude": demand.latitude,
            "longitude": demand.longitude,
            # Places on unknown ground cannot be served: nobody is to be won there.
            "people": np.where(area.known, demand.people, 0.0),
            "listed": area.listed,
        },
        "candidates": [
            {
                "id": site.id,
                "latitude": site.latitude,
                "longitude": site.longitude,
                "heights": list(site.heights),
                "costs": list(costs),
            }
            for site, costs in zip(area.candidates, area.costs, strict=True)
        ],
        "fibre": [
            {"id": p.id, "latitude": p.latitude, "longitude": p.longitude, "height": p.height} for p in area.fibre
        ],
        "radio": {
            "frequency": terms.carrier.frequency,
            "power_per_subcarrier": terms.link.fixed_gain(terms.carrier),
            "threshold": terms.threshold,
            "radius": terms.radius,
            "receiver_height": setting.receiver_height,
            "time_percentage": setting.time_percentage,
            "location_percentage": setting.location_percentage,
            "dn": setting.dn,
            "n0": setting.n0,
            "sectors": [
                {"bearing": a.bearing, "gain": a.gain, "downtilt": a.downtilt, "shape": list(a.shape)}
                for a in three_sectors()
            ],
        },
        "backhaul": {
            "longest": rules.longest,
            "frequency": rules.frequency,
            "clearance": rules.clearance,
            "k": rules.k,
            "hop_cost": rules.hop_cost,
            "satellite_cost": rules.satellite_cost,
        },
    }  # fmt: skip


def read_proposal(answer: Any, area: RemoteArea, terms: Terms) -> tuple[Choice, ...]:
    """Read an answer ``{"sites": [{"id": …, "height": …, "backhaul": …}, …]}`` and hold it against the rules.

    Raises
    ------
    ProposalError
        Where its form is wrong, a site is unknown or stands twice, a height is not offered, backhaul leads nowhere, or
        it costs more than the budget.
    """
    if not isinstance(answer, dict) or not isinstance(answer.get("sites"), list | tuple):
        raise ProposalError("the answer", _short(answer), '{"sites": [...]}', form=True)
    numbers = {site.id: k for k, site in enumerate(area.candidates)}
    chosen: dict[str, Choice] = {}
    for place, entry in enumerate(answer["sites"]):
        choice = _choice(f"sites[{place}]", entry, area, numbers)
        name = area.candidates[choice.candidate].id
        if name in chosen:
            raise ProposalError(
                f"sites[{place}].id", f"{name!r} a second time", "each candidate at most once"
            )
        chosen[name] = choice
    _check_chains(chosen, area)
    spent = cost_of(tuple(chosen.values()), area, terms)
    if spent > area.budget * (1.0 + _CENTS):
        raise ProposalError(
            "sites", f"a cost of {spent:,.1f}, backhaul included", f"at most the budget, {area.budget:,.1f}"
        )
    return tuple(chosen.values())


def _choice(where: str, entry: Any, area: RemoteArea, numbers: dict[str, int]) -> Choice:
    if not isinstance(entry, dict):
        raise ProposalError(where, _short(entry), '{"id": …, "height": …, "backhaul": …}', form=True)
    for name in ("id", "height", "backhaul"):
        if name not in entry:
            raise ProposalError(f"{where}.{name}", "nothing", "one of id, height, backhaul each", form=True)
    name, height, backhaul = entry["id"], entry["height"], entry["backhaul"]
    if not isinstance(name, str):
        raise ProposalError(f"{where}.id", _short(name), "a candidate's id, a text", form=True)
    if name not in numbers:
        raise ProposalError(f"{where}.id", _short(name), "the id of a candidate")
    if isinstance(height, bool) or not isinstance(height, int | float | np.integer | np.floating):
        raise ProposalError(f"{where}.height", _short(height), "a number of metres", form=True)
    if not math.isfinite(height):
        raise ProposalError(f"{where}.height", _short(height), "a finite number of metres", form=True)
    if not isinstance(backhaul, str):
        raise ProposalError(f"{where}.backhaul", _short(backhaul), f"an id or {SATELLITE!r}", form=True)
    offered = area.candidates[numbers[name]].heights
    if float(height) not in offered:
        raise ProposalError(
            f"{where}.height", f"{float(height):g}", "one of " + ", ".join(f"{h:g}" for h in offered)
        )
    return Choice(numbers[name], offered.index(float(height)), backhaul)


def _check_chains(chosen: dict[str, Choice], area: RemoteArea) -> None:
    """Every chain must end at fibre; a satellite terminal carries its own site only."""
    fibre = {place.id for place in area.fibre}
    for place, (name, choice) in enumerate(chosen.items()):
        seen, here = {name}, choice.backhaul
        while here not in fibre and here != SATELLITE:
            where = f"sites[{place}].backhaul"
            if here not in chosen:
                raise ProposalError(
                    where, _short(here), f"a fibre point, another chosen site, or {SATELLITE!r}"
                )
            if here in seen:
                raise ProposalError(where, f"a ring over {here!r}", "a chain that ends at a fibre point")
            if chosen[here].backhaul == SATELLITE:
                raise ProposalError(
                    where,
                    f"a chain over {here!r}, which hangs on a satellite",
                    "a chain that ends at a fibre point",
                )
            seen.add(here)
            here = chosen[here].backhaul


def cost_of(choices: Sequence[Choice], area: RemoteArea, terms: Terms) -> float:
    """Return what a proposal costs: each site at its height, and its own hop or satellite terminal."""
    rules = terms.rules
    return sum(
        area.costs[c.candidate][c.height]
        + (rules.satellite_cost if c.backhaul == SATELLITE else rules.hop_cost)
        for c in choices
    )


def worth_of(choices: Sequence[Choice], area: RemoteArea, terms: Terms) -> Worth:
    """Return whom a proposal serves, with the full model, and whether its backhaul holds."""
    villages = area.demand.size
    spent = cost_of(choices, area, terms)
    if not choices:
        return Worth(np.zeros(villages, bool), np.full(villages, -1), spent, (), (), ())
    hops, connected, why_not = backhaul_of(choices, area, terms)
    heard = service(
        area.ground, sites_of(choices, area), area.demand, terms.carrier, terms.link, model=terms.model,
        radius=terms.radius, threads=1,
    )  # fmt: skip
    works = np.array(connected)[heard.site] & (heard.rsrp >= terms.threshold) & area.known[heard.demand]
    order = np.flatnonzero(works)[np.argsort(heard.rsrp[works], kind="stable")]
    server = np.full(villages, -1, dtype=np.int64)
    server[heard.demand[order]] = heard.site[order]
    return Worth(server >= 0, server, spent, hops, connected, why_not)


def sites_of(choices: Sequence[Choice], area: RemoteArea) -> list[Site]:
    """Return the towers of a proposal, three sectors on each."""
    return [
        Site(place.id, place.latitude, place.longitude, place.height, tuple(three_sectors()))
        for place in places_of(choices, area)
    ]


def places_of(choices: Sequence[Choice], area: RemoteArea) -> list[Place]:
    """Return where the towers of a proposal stand, and how high."""
    return [area.candidates[c.candidate].at(area.candidates[c.candidate].heights[c.height]) for c in choices]


def backhaul_of(
    choices: Sequence[Choice], area: RemoteArea, terms: Terms
) -> tuple[tuple[Hop | None, ...], tuple[bool, ...], tuple[str, ...]]:
    """Return for each choice its first hop (None for satellite), whether its traffic gets out, and why not."""
    standing = {place.id: place for place in (*area.fibre, *places_of(choices, area))}
    own = {area.candidates[c.candidate].id: c for c in choices}
    hops: dict[str, Hop | None] = {}
    faults: dict[str, str] = {}
    for name, choice in own.items():
        hops[name] = None
        if choice.backhaul != SATELLITE:
            found = hop(standing[name], standing[choice.backhaul], area.ground, terms.rules)
            hops[name], faults[name] = found, _fault(found, choice.backhaul, terms.rules)
    why_not = []
    for name in own:
        here, fault = name, ""
        while not fault and here in own and own[here].backhaul != SATELLITE:
            fault, here = faults[here], own[here].backhaul
        why_not.append(fault)
    return tuple(hops.values()), tuple(not fault for fault in why_not), tuple(why_not)


def _fault(found: Hop | None, end: str, rules: Rules) -> str:
    if found is None:
        return f"the ground on the way to {end} is not known"
    if found.length > rules.longest:
        return f"{end} is {found.length:.1f} km away; hops reach {rules.longest:g} km"
    if not found.free >= rules.clearance:
        return f"no line of sight to {end}: {found.free:.2f} of the first Fresnel radius is free, {rules.clearance:g} needed"
    return ""


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 80 else text[:77] + "…"
