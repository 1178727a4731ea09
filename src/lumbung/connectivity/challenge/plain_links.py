"""Links over terrain in plain numpy: for a solution in its box, where nothing compiled is at hand.

The diffraction model of ITU-R P.1812-6 (section 4.3, delta-Bullington) over free space, many links at once. Ducting,
troposcatter and time variability, which matter beyond some 30 km or for small percentages of time, are left out: the
judge's engine has them. Works on the message that poses a siting problem (docs/connectivity/challenge.md).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]

EARTH_RADIUS_KM = 6371.0
# Electrical properties of the ground for the smooth-sphere part: land (P.1812-6, section 4.3.3).
_PERMITTIVITY, _CONDUCTIVITY = 22.0, 0.003


@dataclass(frozen=True)
class Profiles:
    """Terrain profiles of many links, padded to one length.

    count: points of each, shape (links,); distance [km], height, clutter [m], shape (links, points). Beyond a link's
    own points its last one is repeated.
    """

    count: NDArray[np.int64]
    distance: Floats
    height: Floats
    clutter: Floats

    @property
    def total(self) -> Floats:
        """Length of each link [km]."""
        return self.distance[:, -1]

    @property
    def inner(self) -> NDArray[np.bool_]:
        """Which points lie strictly between the ends."""
        k = np.arange(self.distance.shape[1])[None, :]
        return (k > 0) & (k < self.count[:, None] - 1)

    def picked(self, which: NDArray[Any]) -> Profiles:
        """Return the profiles of some links."""
        return Profiles(self.count[which], self.distance[which], self.height[which], self.clutter[which])


def distance_between(lat_1: ArrayLike, lon_1: ArrayLike, lat_2: ArrayLike, lon_2: ArrayLike) -> Floats:
    """Return great-circle distances [km]."""
    one, two = np.radians(np.asarray(lat_1, float)), np.radians(np.asarray(lat_2, float))
    turn = np.radians(np.asarray(lon_2, float) - np.asarray(lon_1, float))
    half = np.sin(0.5 * (two - one)) ** 2 + np.cos(one) * np.cos(two) * np.sin(0.5 * turn) ** 2
    return np.asarray(2.0 * EARTH_RADIUS_KM * np.arcsin(np.sqrt(np.minimum(half, 1.0))))


def profiles(
    terrain: Mapping[str, Any], lat_1: ArrayLike, lon_1: ArrayLike, lat_2: ArrayLike, lon_2: ArrayLike
) -> Profiles:
    """Cut the profiles between pairs of places out of the message's terrain, no coarser than its cells.

    Heights are interpolated between cells, clutter is the nearest cell's. Straight in latitude and longitude: over the
    tens of kilometres asked for here a great circle runs a few metres beside.
    """
    one_lat, one_lon, two_lat, two_lon = np.broadcast_arrays(
        *(np.asarray(a, float) for a in (lat_1, lon_1, lat_2, lon_2))
    )
    total = np.maximum(distance_between(one_lat, one_lon, two_lat, two_lon), 0.001)
    cell = terrain["step_lat"] * math.radians(1.0) * EARTH_RADIUS_KM
    count = np.maximum(np.ceil(total / cell).astype(np.int64) + 1, 3)
    k = np.minimum(np.arange(int(count.max(initial=3)))[None, :], count[:, None] - 1)
    share = k / (count[:, None] - 1)
    y = (terrain["north"] - (one_lat[:, None] + share * (two_lat - one_lat)[:, None])) / terrain["step_lat"]
    x = (one_lon[:, None] + share * (two_lon - one_lon)[:, None] - terrain["west"]) / terrain["step_lon"]
    return Profiles(
        count,
        share * total[:, None],
        _between_cells(terrain["height"], y, x),
        _nearest(terrain["clutter"], y, x),
    )


def _between_cells(raster: NDArray[Any], y: Floats, x: Floats) -> Floats:
    rows, columns = raster.shape
    y, x = np.clip(y, 0.0, rows - 1.0), np.clip(x, 0.0, columns - 1.0)
    i, j = np.minimum(y.astype(np.int64), rows - 2), np.minimum(x.astype(np.int64), columns - 2)
    v, u = y - i, x - j
    upper = raster[i, j] * (1.0 - u) + raster[i, j + 1] * u
    lower = raster[i + 1, j] * (1.0 - u) + raster[i + 1, j + 1] * u
    return np.asarray(upper * (1.0 - v) + lower * v, float)


def _nearest(raster: NDArray[Any], y: Floats, x: Floats) -> Floats:
    i = np.clip(np.floor(y + 0.5).astype(np.int64), 0, raster.shape[0] - 1)
    j = np.clip(np.floor(x + 0.5).astype(np.int64), 0, raster.shape[1] - 1)
    return np.asarray(raster[i, j], float)


def signal(radio: Mapping[str, Any], paths: Profiles, bearing: ArrayLike, mast: ArrayLike) -> Floats:
    """Return the RSRP [dBm] at the far end of each path, of the sector heard best; parameters as of ``cell_signals``."""
    return np.asarray(cell_signals(radio, paths, bearing, mast).max(axis=0))


def cell_signals(radio: Mapping[str, Any], paths: Profiles, bearing: ArrayLike, mast: ArrayLike) -> Floats:
    """Return the RSRP [dBm] of each sector at the far end of each path, shape (sectors, links).

    Parameters
    ----------
    radio : mapping
        The message's.
    paths : Profiles
        From site to village.
    bearing : float array, shape (links,)
        From the site [deg from north].
    mast : float array, shape (links,)
        Antenna height above ground [m].
    """
    low = radio["receiver_height"]
    rise = paths.height[:, -1] + low - paths.height[:, 0] - np.asarray(mast, float)
    metres = np.maximum(paths.total * 1000.0, 1.0)
    elevation = np.degrees(np.arctan2(rise, metres) - paths.total / (2.0 * EARTH_RADIUS_KM))
    gains = [_gain(sector, np.asarray(bearing, float), elevation) for sector in radio["sectors"]]
    return np.asarray(radio["power_per_subcarrier"] + np.array(gains) - basic_loss(radio, paths, mast))


def bearing_between(lat_1: ArrayLike, lon_1: ArrayLike, lat_2: ArrayLike, lon_2: ArrayLike) -> Floats:
    """Return bearings [deg from north]."""
    one, two = np.radians(np.asarray(lat_1, float)), np.radians(np.asarray(lat_2, float))
    turn = np.radians(np.asarray(lon_2, float) - np.asarray(lon_1, float))
    east = np.sin(turn) * np.cos(two)
    north = np.cos(one) * np.sin(two) - np.sin(one) * np.cos(two) * np.cos(turn)
    return np.asarray(np.degrees(np.arctan2(east, north)))


def _gain(sector: Mapping[str, Any], bearing: Floats, elevation: Floats) -> Floats:
    """Gain of a sector antenna [dBi], 3GPP TR 36.814, Table A.2.1.1-2."""
    width_h, floor_h, width_v, floor_v = sector["shape"]
    across = (bearing - sector["bearing"] + 180.0) % 360.0 - 180.0
    horizontal = np.minimum(12.0 * (across / width_h) ** 2, floor_h)
    vertical = np.minimum(12.0 * ((elevation + sector["downtilt"]) / width_v) ** 2, floor_v)
    return np.asarray(sector["gain"] - np.minimum(horizontal + vertical, floor_h))


def basic_loss(radio: Mapping[str, Any], paths: Profiles, mast: ArrayLike) -> Floats:
    """Return free-space loss (equation (8)) and delta-Bullington diffraction loss (equation (28)) together [dB]."""
    f = radio["frequency"] * 1e-3
    radius = EARTH_RADIUS_KM * 157.0 / (157.0 - radio["dn"])
    d, h, total = paths.distance, paths.height, paths.total
    first = h[:, 0] + np.asarray(mast, float)
    last = h[:, -1] + radio["receiver_height"]
    inner = paths.inner
    diffraction = _bullington(f, radius, d, h + paths.clutter, inner, total, first, last)
    smooth_first, smooth_last = _smooth_surface(paths, first, last)
    above_first, above_last = first - smooth_first, last - smooth_last
    flat = _bullington(f, radius, d, np.zeros_like(h), inner, total, above_first, above_last)
    sphere = _sphere(f, radius, total, above_first, above_last)
    slant = np.hypot(total, (first - last) / 1000.0)
    return np.asarray(
        92.4 + 20.0 * np.log10(f) + 20.0 * np.log10(slant) + diffraction + np.maximum(sphere - flat, 0.0)
    )


def _bullington(
    f: float, radius: float, d: Floats, obstacle: Floats, inner: NDArray[np.bool_], total: Floats,
    first: Floats, last: Floats,
) -> Floats:  # fmt: skip
    """Section 4.3.1 over all paths: the loss at the one edge that stands for all."""
    length, wave = total[:, None], 0.2998 / f
    away, back = np.where(inner, d, 1.0), np.where(inner, length - d, 1.0)
    raised = obstacle + 500.0 / radius * away * back
    slope = np.where(inner, (raised - first[:, None]) / away, -np.inf).max(axis=1)
    back_slope = np.where(inner, (raised - last[:, None]) / back, -np.inf).max(axis=1)
    straight = (last - first) / total
    line = (first[:, None] * back + last[:, None] * away) / length
    nu = np.where(inner, (raised - line) * np.sqrt(0.002 * length / (wave * away * back)), -np.inf).max(
        axis=1
    )
    visible = slope < straight
    with np.errstate(invalid="ignore", divide="ignore"):
        edge = np.where(visible, 0.5 * total, (last - first + back_slope * total) / (slope + back_slope))
    edge = np.clip(edge, 1e-3 * total, (1.0 - 1e-3) * total)
    over = first + slope * edge - (first * (total - edge) + last * edge) / total
    nu_edge = over * np.sqrt(0.002 * total / (wave * edge * (total - edge)))
    loss = _knife(np.where(visible, nu, nu_edge))
    return np.asarray(loss + (1.0 - np.exp(-loss / 6.0)) * (10.0 + 0.02 * total))


def _knife(nu: Floats) -> Floats:
    """Loss of a knife edge, equation (12)."""
    x = np.maximum(nu, -0.78) - 0.1
    return np.asarray(np.where(nu > -0.78, 6.9 + 20.0 * np.log10(np.sqrt(x * x + 1.0) + x), 0.0))


def _smooth_surface(paths: Profiles, first: Floats, last: Floats) -> tuple[Floats, Floats]:
    """Height of the smooth surface at both ends, Attachment 1, section 5.6.1-5.6.2."""
    d, h, total = paths.distance, paths.height, paths.total
    step = np.diff(d, axis=1)
    one = (step * (h[:, 1:] + h[:, :-1])).sum(axis=1)
    two = (step * (h[:, 1:] * (2.0 * d[:, 1:] + d[:, :-1]) + h[:, :-1] * (d[:, 1:] + 2.0 * d[:, :-1]))).sum(
        axis=1
    )
    at_first = (2.0 * one * total - two) / total**2
    at_last = (two - one * total) / total**2
    inner, length = paths.inner, total[:, None]
    over = h - (first[:, None] * (length - d) + last[:, None] * d) / length
    highest = np.where(inner, over, -np.inf).max(axis=1)
    ahead = np.where(inner, over / np.where(inner, d, 1.0), -np.inf).max(axis=1)
    behind = np.where(inner, over / np.where(inner, length - d, 1.0), -np.inf).max(axis=1)
    blocked = highest > 0.0
    share = np.where(blocked, ahead / np.where(blocked, ahead + behind, 1.0), 0.0)
    at_first = np.where(blocked, at_first - highest * share, at_first)
    at_last = np.where(blocked, at_last - highest * (1.0 - share), at_last)
    return np.minimum(at_first, h[:, 0]), np.minimum(at_last, h[:, -1])


def _sphere(f: float, radius: float, total: Floats, first: Floats, last: Floats) -> Floats:
    """Diffraction over a smooth sphere, section 4.3.2."""
    sight = np.sqrt(2.0 * radius) * (np.sqrt(0.001 * first) + np.sqrt(0.001 * last))
    balance = (first - last) / (first + last)
    m = 250.0 * total**2 / (radius * (first + last))
    inside = np.clip(1.5 * balance * np.sqrt(3.0 * m / (m + 1.0) ** 3), -1.0, 1.0)
    b = 2.0 * np.sqrt((m + 1.0) / (3.0 * m)) * np.cos(math.pi / 3.0 + np.arccos(inside) / 3.0)
    near = 0.5 * total * (1.0 + b)
    far = total - near
    room = ((first - 500.0 * near**2 / radius) * far + (last - 500.0 * far**2 / radius) * near) / total
    needed = 17.456 * np.sqrt(np.maximum(near * far, 1e-9) * 0.2998 / f / total)
    tangent = 500.0 * (total / (np.sqrt(first) + np.sqrt(last))) ** 2
    beyond = total >= sight
    term = _first_term(f, np.where(beyond, radius, tangent), total, first, last)
    partly = np.where(room > needed, 0.0, (1.0 - room / needed) * np.maximum(term, 0.0))
    return np.asarray(np.where(beyond, term, partly))


def _first_term(f: float, radius: Floats, total: Floats, first: Floats, last: Floats) -> Floats:
    """First term of the residue series over land, vertically polarised, section 4.3.3."""
    lossy = (18.0 * _CONDUCTIVITY / f) ** 2
    k = 0.036 * (radius * f) ** (-1.0 / 3.0) * ((_PERMITTIVITY - 1.0) ** 2 + lossy) ** -0.25
    k = k * math.sqrt(_PERMITTIVITY**2 + lossy)
    beta = (1.0 + 1.6 * k**2 + 0.67 * k**4) / (1.0 + 4.5 * k**2 + 1.53 * k**4)
    x = 21.88 * beta * (f / radius**2) ** (1.0 / 3.0) * total
    with np.errstate(invalid="ignore"):
        distance_term = np.where(
            x >= 1.6, 11.0 + 10.0 * np.log10(x) - 17.6 * x, -20.0 * np.log10(x) - 5.6488 * x**1.425
        )
    height_terms = sum(
        _height_gain(0.9575 * beta * (f**2 / radius) ** (1.0 / 3.0) * end, beta, k) for end in (first, last)
    )
    return np.asarray(-distance_term - height_terms)


def _height_gain(y: Floats, beta: Floats, k: Floats) -> Floats:
    b = beta * y
    high = np.maximum(b - 1.1, 1e-9)
    gain = np.where(
        b > 2.0,
        17.6 * np.sqrt(high) - 5.0 * np.log10(high) - 8.0,
        20.0 * np.log10(np.maximum(b + 0.1 * b**3, 1e-9)),
    )
    return np.asarray(np.maximum(gain, 2.0 + 20.0 * np.log10(k)))


def hop_room(backhaul: Mapping[str, Any], paths: Profiles, first: ArrayLike, last: ArrayLike) -> Floats:
    """Return the free share of the first Fresnel radius at the worst place of each microwave hop.

    The judge's own rule (``engine.microwave``), over many hops at once; first, last: antenna heights above ground [m].
    """
    d, length, inner = paths.distance, paths.total[:, None], paths.inner
    start = (paths.height[:, 0] + np.asarray(first, float))[:, None]
    end = (paths.height[:, -1] + np.asarray(last, float))[:, None]
    away, back = np.where(inner, d, 1.0), np.where(inner, length - d, 1.0)
    ray = start + (end - start) * d / length
    bulge = 1000.0 * away * back / (2.0 * backhaul["k"] * EARTH_RADIUS_KM)
    zone = 17.3 * np.sqrt(away * back / (backhaul["frequency"] * length))
    room = (ray - paths.height - paths.clutter - bulge) / zone
    return np.asarray(np.where(inner, room, np.inf).min(axis=1))
