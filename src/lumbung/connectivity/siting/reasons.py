"""Why there, what the next site would add, and why a village is left out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lumbung.connectivity.engine.covering.problem import Floats, Indices
from lumbung.connectivity.siting.backhaul import distances
from lumbung.connectivity.siting.candidates import Place
from lumbung.connectivity.siting.study import Built, Inputs, Plan, bills_of


@dataclass(frozen=True)
class Instead:
    """The best that another option could do in a site's place."""

    place: Place
    people: float


def instead(inputs: Inputs, plan: Plan, site: Built) -> Instead | None:
    """Return the other candidate that would reach the most if ``site`` were not built, and how many that is.

    The people counted are those whom the rest of the plan and the standing towers do not reach; ``site`` itself reaches
    ``site.alone`` of them. Options that cost more than the site did, backhaul included, are not looked at.
    """
    left = np.where(plan.standing, 0.0, inputs.demand.people)
    for other in plan.built:
        if other.option != site.option:
            left[inputs.cover[other.option]] = 0.0
    taken = {inputs.options[other.option][0] for other in plan.built}
    others = [other.option for other in plan.built if other.option != site.option]
    best: Instead | None = None
    for j, (number, _) in enumerate(inputs.options):
        if number in taken:
            continue
        people = float(left[inputs.cover[j]].sum())
        if best is not None and people <= best.people:
            continue
        if plan.goal.sites is None and price_beside(inputs, others, j) > site.cost:
            continue
        best = Instead(inputs.place(j), people)
    return best


def price_beside(inputs: Inputs, built: list[int], option: int) -> float:
    """Return what an option costs where others are built: all its items, and its own hop or satellite terminal."""
    items, _ = bills_of(inputs, np.array([*built, option], dtype=np.int64))[-1]
    return sum(items.values())


@dataclass(frozen=True)
class Next:
    """What one more site would add to the plan as it stands, and what it would cost with its backhaul."""

    place: Place
    people: float
    villages: int
    cost: float


def next_site(inputs: Inputs, plan: Plan) -> Next | None:
    """Return the option that adds the most people to the plan; None where nobody more can be reached."""
    left = np.where(plan.reached, 0.0, inputs.demand.people)
    taken = {inputs.options[site.option][0] for site in plan.built}
    gains = [
        0.0 if number in taken else float(left[inputs.cover[j]].sum())
        for j, (number, _) in enumerate(inputs.options)
    ]
    if not gains or max(gains) <= 0:
        return None
    j = int(np.argmax(gains))
    price = price_beside(inputs, [site.option for site in plan.built], j)
    return Next(inputs.place(j), gains[j], int((left[inputs.cover[j]] > 0).sum()), price)


def why(inputs: Inputs, plan: Plan, site: Built) -> str:
    """Say in one sentence why a site stands where it does."""
    words = (
        f"reaches {site.reaches:,.0f} people whom no standing tower reaches, {site.alone:,.0f} of them by no other site "
        "of the plan"
    )
    other = instead(inputs, plan, site)
    if other is None:
        return f"{words}; no other candidate could take its place"
    if other.people >= site.alone:
        return f"{words}; {other.place.id} in its place would reach as many"
    return (
        f"{words}; the best other candidate in its place, {other.place.id}, would reach {site.alone - other.people:,.0f} "
        "fewer"
    )


def left_out(inputs: Inputs, plan: Plan) -> list[tuple[int, str]]:
    """Return each village that is not reached, with the reason; the most people first."""
    missed = np.flatnonzero(~plan.reached)
    order = missed[np.argsort(-inputs.demand.people[missed], kind="stable")]
    homes = [
        Place(id_, name, float(latitude), float(longitude), 0.0)
        for id_, name, latitude, longitude in zip(
            inputs.demand.id, inputs.demand.name, inputs.demand.latitude, inputs.demand.longitude, strict=True
        )
    ]
    masts = [candidate.at(candidate.heights[-1]) for candidate in inputs.candidates]
    left = np.where(plan.reached, 0.0, inputs.demand.people)
    gains = np.array([left[inputs.cover[j]].sum() for j in range(len(inputs.cover))])
    options = inputs.cover.turned(inputs.demand.size)
    built = {site.place.id for site in plan.built}
    result = []
    for start in range(0, len(order), 1000):
        part = order[start : start + 1000]
        apart = distances([homes[k] for k in part], masts)
        near = apart.argmin(axis=1)
        for k, mast, far in zip(part, near, apart[np.arange(len(part)), near], strict=True):
            result.append((int(k), _reason(inputs, options[k], gains, built, masts[mast].id, float(far))))
    return result


def _reason(
    inputs: Inputs, options: Indices, gains: Floats, built: set[str], nearest: str, far: float
) -> str:
    if len(options) == 0:
        return f"no candidate reaches it; the nearest, {nearest}, is {far:.1f} km away"
    best = int(options[np.argmax(gains[options])])
    place = inputs.place(best)
    if gains[best] == 0:
        return f"{place.id} would reach it, but nobody is counted there"
    if place.id in built:
        return f"{place.id} would reach it if built {place.height:g} m high"
    return f"{place.id} would reach it, adding {gains[best]:,.0f} people; other sites add more for the same money"
