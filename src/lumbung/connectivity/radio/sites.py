"""Towers as they are computed: where they stand, what they send, and which cannot be computed at all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np

from lumbung.connectivity.engine.antenna import Antenna
from lumbung.connectivity.engine.cellular import Budget, Carrier
from lumbung.connectivity.engine.p1812.climate import SEA
from lumbung.connectivity.ground.terrain import Terrain


class CoverageError(ValueError):
    """Sites or settings that cannot be used; names which."""


@dataclass(frozen=True)
class Site:
    """A place for antennas: position [deg], antenna height above ground [m], and its antennas.

    carrier, budget: what this site sends, where that differs from what all others send.

    Examples
    --------
    >>> from lumbung import connectivity
    >>> connectivity.Site("mast", -8.02, 122.02, height=30).antennas
    (Antenna(pattern='omni', gain=11.0, bearing=0.0, downtilt=0.0, cuts=None),)
    """

    id: str
    latitude: float
    longitude: float
    height: float
    antennas: tuple[Antenna, ...] = (Antenna(),)
    carrier: Carrier | None = None
    budget: Budget | None = None


@dataclass(frozen=True)
class Air:
    """What sites send: the carrier and the budget of each, and which of them share a channel.

    ways: the distinct pairs of carrier and budget; way: its index for each site; channel: equal for sites that
    disturb each other, which is those of one frequency.
    """

    ways: tuple[tuple[Carrier, Budget], ...]
    way: tuple[int, ...]
    channel: tuple[int, ...]


def on_air(sites: Sequence[Site], carrier: Carrier, budget: Budget) -> Air:
    """Return what each site sends; ``carrier`` and ``budget`` hold where a site has none of its own."""
    own = [(site.carrier or carrier, site.budget or budget) for site in sites]
    ways = tuple(dict.fromkeys(own))
    frequencies = list(dict.fromkeys(sent.frequency for sent, _ in own))
    return Air(
        ways,
        tuple(ways.index(pair) for pair in own),
        tuple(frequencies.index(sent.frequency) for sent, _ in own),
    )


class Mast(Protocol):
    """Whatever stands somewhere: a tower, a candidate, a fibre point."""

    @property
    def id(self) -> str: ...
    @property
    def latitude(self) -> float: ...
    @property
    def longitude(self) -> float: ...


def sea_noted(ground: Terrain, masts: Sequence[Mast]) -> Terrain:
    """Return terrain with a note that names the masts which stand on its sea: a slip of the pen more often than an islet."""
    if not masts:
        return ground
    latitude, longitude = np.array([(mast.latitude, mast.longitude) for mast in masts]).T
    wet = ground.contains(latitude, longitude) & (ground.zone[ground.cells(latitude, longitude)] == SEA)
    names = [mast.id for mast, stands in zip(masts, wet, strict=True) if stands]
    if not names:
        return ground
    more = f" and {len(names) - 10} more" if len(names) > 10 else ""
    note = f"on the sea in this terrain stand {', '.join(names[:10])}{more}: are their positions right?"
    return replace(ground, notes=(*ground.notes, note))


def check_sites(ground: Terrain, sites: Sequence[Site]) -> None:
    """Refuse sites that cannot be computed, naming each."""
    if not sites:
        raise CoverageError("no sites given")
    wrong = []
    seen: set[str] = set()
    for site in sites:
        place = np.array([site.latitude]), np.array([site.longitude])
        if site.id in seen:
            wrong.append(f"{site.id}: the id occurs twice")
        seen.add(site.id)
        if not 1.0 <= site.height <= 3000.0:
            wrong.append(f"{site.id}: antenna height {site.height:g} m; expected 1 to 3000 m above ground")
        if not ground.contains(*place)[0]:
            wrong.append(
                f"{site.id}: {site.latitude:g}, {site.longitude:g} lies outside the terrain "
                f"{tuple(round(b, 3) for b in ground.bounds)}"
            )
            continue
        row, column = ground.cells(*place)
        if np.isnan(ground.height[row[0], column[0]]):
            wrong.append(f"{site.id}: stands on ground of unknown height")
    if wrong:
        raise CoverageError(
            "; ".join(wrong[:10]) + (f"; and {len(wrong) - 10} more" if len(wrong) > 10 else "")
        )
