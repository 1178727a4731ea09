"""Predict the loss of radio paths over terrain: the public face of the P.1812 engine, with names, units and
checks.

Truth for it is the validation set of ITU-R Working Parties 3K and 3M (``tests/against_reference``).
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lumbung.connectivity.engine.p1812.climate import (
    COASTAL,
    INLAND,
    NO_COAST_KM,
    SEA,
    Setting,
    path_centre_latitude,
)
from lumbung.connectivity.engine.p1812.path import many_path_losses, path_losses
from lumbung.connectivity.engine.p1812.sweep import evenly_spaced, sweep_radial

Polarization = Literal["horizontal", "vertical"]

DEFAULT_DN = 45.0
"""Refractivity lapse rate [N-units/km] when none is given: about the temperate median, k = 1.40. ITU's map of
it may not be redistributed; near the equator read it from Recommendation ITU-R P.1812's own data."""
DEFAULT_N0 = 325.0
"""Sea-level surface refractivity [N-units] when none is given: a world-wide average. In the humid tropics 360
to 390 is common; it moves only the troposcatter term, by 0.15 dB per unit."""
DEFAULT_LATITUDE = 0.0
"""Latitude of the path centre [deg] when no positions are given."""

FREQUENCY_RANGE = (30.0, 6000.0)
TIME_RANGE = (1.0, 50.0)
HEIGHT_RANGE = (1.0, 3000.0)
DISTANCE_RANGE = (0.25, 3000.0)
# No recommendation says how far apart points may be, but ground sampled more coarsely than this is no profile: metres
# given for kilometres are, and short paths in metres pass the range above.
POINTS_APART_KM = 10.0


class PathError(ValueError):
    """A profile or a parameter that P.1812 cannot take; says which, what was found and what is expected."""


class UnevenSpacingWarning(UserWarning):
    """The radial's points are not evenly spaced, so its receivers were computed one by one.

    Examples
    --------
    >>> import warnings
    >>> from lumbung import connectivity
    >>> with warnings.catch_warnings(record=True) as caught:
    ...     warnings.simplefilter("always")
    ...     _ = connectivity.radial_transmission_loss([0, 1, 2, 4], [10, 30, 20, 10], frequency=900, transmitter_height=30)
    ...
    >>> caught[0].category.__name__
    'UnevenSpacingWarning'
    """


@dataclass(frozen=True)
class PathReport:
    """One path, term by term.

    ``losses``, ``geometry`` and ``zones`` hold the Recommendation's own symbols with their values (dB, m, km,
    mrad, %); ``loss`` is the basic transmission loss [dB], ``field_strength`` that of 1 kW e.r.p.-isotropic
    [dB(uV/m)].

    Examples
    --------
    >>> from lumbung import connectivity
    >>> report = connectivity.path_report([0, 1, 2, 3], [10, 30, 20, 10], frequency=900, transmitter_height=30)
    >>> report
    <PathReport: loss 117.7 dB, field strength 80.7 dB(uV/m)>
    >>> round(report.losses["lbfs"], 1), round(report.losses["ldp"], 1)  # dB: free space, diffraction
    (101.0, 16.7)
    """

    loss: float
    field_strength: float
    losses: dict[str, float]
    geometry: dict[str, float]
    zones: dict[str, float]

    def __repr__(self) -> str:
        return f"<PathReport: loss {self.loss:.1f} dB, field strength {self.field_strength:.1f} dB(uV/m)>"


def basic_transmission_loss(
    distance: ArrayLike | Sequence[ArrayLike],
    height: ArrayLike | Sequence[ArrayLike],
    *,
    frequency: ArrayLike,
    transmitter_height: ArrayLike,
    receiver_height: ArrayLike = 1.5,
    clutter: ArrayLike | Sequence[ArrayLike] | None = None,
    zone: ArrayLike | Sequence[ArrayLike] | None = None,
    time_percentage: ArrayLike = 50.0,
    location_percentage: ArrayLike = 50.0,
    location_sigma: ArrayLike = 0.0,
    polarization: Polarization = "vertical",
    latitude: ArrayLike = DEFAULT_LATITUDE,
    dn: ArrayLike = DEFAULT_DN,
    n0: ArrayLike = DEFAULT_N0,
    coast_distance: tuple[float, float] | None = None,
) -> float | NDArray[np.float64]:
    """Return the basic transmission loss not exceeded for p % of time at pL % of places (ITU-R P.1812-6).

    Parameters
    ----------
    distance
        Distances from the transmitter [km], rising from 0. Shape (points,) for one profile; a sequence of
        such, or shape (paths, points), for many. With many paths of equal distances one (points,) array
        serves all. A path is 0.25 to 3000 km long (P.1812-6, Annex 1, section 1), its points at most 10 km apart
        (ours: a coarser profile holds no terrain, and is most often in metres); two ends alone get one point between them.
    height
        Ground above sea level [m], same layout.
    frequency
        [MHz], 30 to 6000.
    transmitter_height, receiver_height
        Antenna centres above ground [m], 1 to 3000.
    clutter
        Representative clutter height at each point [m]; none by default. The ends are taken without it
        (section 3.2).
    zone
        1 sea, 3 coastal land, 4 inland, at each point; inland by default.
    time_percentage
        p [%], 1 to 50.
    location_percentage, location_sigma
        pL [%] and the standard deviation of location variability [dB] (``location_variability`` gives one);
        no effect at 50 %.
    polarization
        "vertical" or "horizontal".
    latitude
        Latitude of the path centre [deg]; ``engine.p1812.climate.path_centre_latitude`` gives it from the
        positions of both ends.
    dn, n0
        Refractivity lapse rate [N-units/km] and sea-level surface refractivity [N-units] at the path centre.
    coast_distance
        Distances over land from both ends to the coast [km]; by default 500, or 0 for a terminal on the sea,
        as in the ITU validation set.

    Returns
    -------
    float or ndarray
        [dB]: a float for one profile and scalar parameters, else shape (paths,). For one profile the
        parameters may be arrays that broadcast to shape (paths,).

    Raises
    ------
    PathError
        Naming the parameter or the path and point that cannot be used.

    Examples
    --------
    >>> from lumbung import connectivity
    >>> hill = [10, 30, 20, 10]  # m above sea level
    >>> round(connectivity.basic_transmission_loss([0, 1, 2, 3], hill, frequency=900, transmitter_height=30), 1)  # dB
    117.7
    >>> connectivity.basic_transmission_loss([0, 1, 2, 3], hill, frequency=[700, 900, 1800], transmitter_height=30).round(
    ...     1
    ... ).tolist()
    [117.7, 117.7, 118.7]
    """
    parameters = [
        np.asarray(value, dtype=np.float64)
        for value in (
            frequency, transmitter_height, receiver_height, time_percentage, location_percentage,
            location_sigma, latitude, dn, n0,
        )
    ]  # fmt: skip
    heights, single = _profiles(height, "height")
    distances = _matching(distance, heights, "distance")
    clutters = (
        [np.zeros(h.size) for h in heights] if clutter is None else _matching(clutter, heights, "clutter")
    )
    zones = [np.full(h.size, INLAND) for h in heights] if zone is None else _matching(zone, heights, "zone")
    shape = np.broadcast_shapes(*(value.shape for value in parameters))
    if single and shape != ():
        paths = int(np.prod(shape))
        heights, distances, clutters, zones = (row * paths for row in (heights, distances, clutters, zones))
    paths = len(heights)
    try:
        columns = [np.broadcast_to(value.ravel() if value.ndim else value, (paths,)) for value in parameters]
    except ValueError as error:
        raise PathError(
            f"{paths} paths were given but a parameter has shape {shape}; give one value or one per path"
        ) from error
    f, htg, hrg, p, p_location, sigma, phi, lapse, surface = columns
    check_parameters(f, htg, hrg, p, p_location, sigma, phi, lapse, polarization)
    profiles = [
        _checked_profile(*row, path=k if paths > 1 else None)
        for k, row in enumerate(zip(distances, heights, clutters, zones, strict=True))
    ]
    settings = np.empty((paths, 6))
    settings[:, 0] = f * 1e-3
    settings[:, 1] = p
    settings[:, 2] = 1.0 if polarization == "vertical" else 0.0
    settings[:, 3] = lapse
    settings[:, 4] = surface
    settings[:, 5] = location_loss(p_location, sigma)
    coast = coast_distance or (NO_COAST_KM, NO_COAST_KM)
    terminals = np.empty((paths, 5))
    terminals[:, 0] = htg
    terminals[:, 1] = hrg
    terminals[:, 2] = phi
    terminals[:, 3:] = coast
    start = np.concatenate([[0], np.cumsum([profile[0].size for profile in profiles])])
    loss = many_path_losses(
        settings,
        start.astype(np.int64),
        np.concatenate([profile[0] for profile in profiles]),
        np.concatenate([profile[1] for profile in profiles]),
        np.concatenate([profile[2] for profile in profiles]),
        np.concatenate([profile[3] for profile in profiles]),
        terminals,
    )
    if single and shape == ():
        return float(loss[0])
    return np.asarray(loss.reshape(shape) if single else loss)


def radial_transmission_loss(
    distance: ArrayLike,
    height: ArrayLike,
    *,
    frequency: float,
    transmitter_height: float,
    receiver_height: float = 1.5,
    clutter: ArrayLike | None = None,
    zone: ArrayLike | None = None,
    time_percentage: float = 50.0,
    location_percentage: float = 50.0,
    location_sigma: float = 0.0,
    polarization: Polarization = "vertical",
    latitude: ArrayLike = DEFAULT_LATITUDE,
    dn: float = DEFAULT_DN,
    n0: float = DEFAULT_N0,
) -> NDArray[np.float64]:
    """Return the loss [dB] to a receiver at every point of one radial, computed together.

    Parameters are those of ``basic_transmission_loss`` for one profile; ``latitude`` may hold one path centre
    per receiver; distances to the coast come from the zones. The first value repeats the second: a receiver
    at the mast's own place has no path.

    Returns
    -------
    ndarray, shape (points,)

    Warns
    -----
    UnevenSpacingWarning
        Where the points are not evenly spaced: the result is the same, found path by path and slower.

    Examples
    --------
    >>> import numpy as np
    >>> from lumbung import connectivity
    >>> loss = connectivity.radial_transmission_loss(
    ...     np.arange(5.0), [10, 20, 60, 20, 10], frequency=900, transmitter_height=30
    ... )
    >>> loss.round(1).tolist()  # dB, to a receiver at every point
    [91.5, 91.5, 97.5, 136.6, 141.7]
    """
    h = np.asarray(height, dtype=np.float64)
    d, h, r, z = _checked_profile(
        np.asarray(distance, dtype=np.float64),
        h,
        np.zeros(h.size) if clutter is None else np.asarray(clutter, dtype=np.float64),
        np.full(h.size, INLAND) if zone is None else np.asarray(zone),
        path=None,
        add_point=False,
    )
    phi = np.ascontiguousarray(np.broadcast_to(np.asarray(latitude, dtype=np.float64), d.shape))
    check_parameters(
        np.array([frequency]), np.array([transmitter_height]), np.array([receiver_height]),
        np.array([time_percentage]), np.array([location_percentage]), np.array([location_sigma]), phi, np.array([dn]),
        polarization,
    )  # fmt: skip
    setting = _setting(frequency, time_percentage, polarization, dn, n0, location_percentage, location_sigma)
    loss = np.empty(d.size)
    if evenly_spaced(d):
        sweep_radial(setting, d[-1] / (d.size - 1), h, r, z, transmitter_height, receiver_height, phi, loss)
        return loss
    warnings.warn(
        "the points of this radial are not evenly spaced; its receivers are computed one by one",
        UnevenSpacingWarning,
        stacklevel=2,
    )
    for k in range(1, d.size):
        row = _with_middle_point(d[: k + 1], h[: k + 1], r[: k + 1], z[: k + 1])
        terms, _, _ = path_losses(
            setting, *row, transmitter_height, receiver_height, phi[k], -1.0, -1.0, time_percentage != 50.0
        )
        loss[k] = terms.lb
    loss[0] = loss[1]
    return loss


def path_report(
    distance: ArrayLike,
    height: ArrayLike,
    *,
    frequency: float,
    transmitter_height: float,
    receiver_height: float = 1.5,
    clutter: ArrayLike | None = None,
    zone: ArrayLike | None = None,
    time_percentage: float = 50.0,
    location_percentage: float = 50.0,
    location_sigma: float = 0.0,
    polarization: Polarization = "vertical",
    latitude: float = DEFAULT_LATITUDE,
    dn: float = DEFAULT_DN,
    n0: float = DEFAULT_N0,
    coast_distance: tuple[float, float] | None = None,
) -> PathReport:
    """Return one path with every intermediate term; parameters as in ``basic_transmission_loss``.

    Examples
    --------
    >>> from lumbung import connectivity
    >>> flat = connectivity.path_report([0, 1, 2, 3], [10, 10, 10, 10], frequency=900, transmitter_height=30)
    >>> ridge = connectivity.path_report([0, 1, 2, 3], [10, 10, 90, 10], frequency=900, transmitter_height=30)
    >>> flat, ridge
    (<PathReport: loss 105.8 dB, field strength 92.6 dB(uV/m)>, <PathReport: loss 140.2 dB, field strength 58.3 dB(uV/m)>)
    """
    h = np.asarray(height, dtype=np.float64)
    profile = _checked_profile(
        np.asarray(distance, dtype=np.float64),
        h,
        np.zeros(h.size) if clutter is None else np.asarray(clutter, dtype=np.float64),
        np.full(h.size, INLAND) if zone is None else np.asarray(zone),
        path=None,
    )
    check_parameters(
        np.array([frequency]), np.array([transmitter_height]), np.array([receiver_height]),
        np.array([time_percentage]), np.array([location_percentage]), np.array([location_sigma]),
        np.array([latitude]), np.array([dn]), polarization,
    )  # fmt: skip
    setting = _setting(frequency, time_percentage, polarization, dn, n0, location_percentage, location_sigma)
    coast = coast_distance or (NO_COAST_KM, NO_COAST_KM)
    losses, geometry, zones = path_losses(
        setting, *profile, float(transmitter_height), float(receiver_height), float(latitude), *coast, True
    )
    return PathReport(
        loss=losses.lb,
        field_strength=199.36 + 20.0 * math.log10(setting.f) - losses.lb,
        losses=losses._asdict(),
        geometry=geometry._asdict(),
        zones=zones._asdict(),
    )


def location_variability(
    frequency: float, receiver_height: float, clutter_height: float, resolution: float
) -> float:
    """Return the standard deviation [dB] of loss between places of one pixel (P.1812-6 section 4.8, equation
    (64)).

    frequency [MHz]; receiver_height and clutter_height at the receiver [m]; resolution: side of the pixel
    [m].
    """
    spread = (0.52 + 0.024 * frequency * 1e-3) * resolution**0.28
    return float(spread * min(max(1.0 - (receiver_height - clutter_height) / 10.0, 0.0), 1.0))


def location_loss(percentage: ArrayLike, sigma: ArrayLike) -> NDArray[np.float64]:
    """Return the location loss -I(pL/100) sigma [dB] with the Recommendation's own approximation of the deviate."""
    from lumbung.connectivity.engine.p1812.climate import inverse_normal

    share, spread = np.broadcast_arrays(np.asarray(percentage, float) * 0.01, np.asarray(sigma, float))
    deviates = np.array([inverse_normal(float(x)) for x in share.ravel()]).reshape(share.shape)
    # The approximation misses zero at the median by 5e-9; the median itself has no location loss by
    # definition.
    return np.where(spread == 0.0, 0.0, -deviates * spread)


def _setting(
    frequency: float,
    time_percentage: float,
    polarization: Polarization,
    dn: float,
    n0: float,
    location_percentage: float,
    location_sigma: float,
) -> Setting:
    return Setting(
        float(frequency) * 1e-3,
        float(time_percentage),
        1.0 if polarization == "vertical" else 0.0,
        float(dn),
        float(n0),
        float(location_loss(location_percentage, location_sigma)),
    )


def _profiles(values: ArrayLike | Sequence[ArrayLike], name: str) -> tuple[list[NDArray[np.float64]], bool]:
    """Return a list of one-dimensional profiles and whether a single one was given."""
    try:
        table = np.asarray(values, dtype=np.float64)
    except ValueError:  # profiles of different lengths
        return [np.asarray(row, dtype=np.float64) for row in values], False  # type: ignore[union-attr]
    if table.ndim == 1:
        return [table], True
    if table.ndim == 2:
        return list(table), False
    raise PathError(f"{name} has {table.ndim} dimensions; give one profile, or one per row")


def _matching(
    values: ArrayLike | Sequence[ArrayLike], heights: list[NDArray[np.float64]], name: str
) -> list[NDArray[np.float64]]:
    rows, single = _profiles(values, name)
    if single and len(heights) > 1:
        rows = rows * len(heights)
    if len(rows) != len(heights):
        raise PathError(f"{name} holds {len(rows)} profiles but height holds {len(heights)}")
    return rows


def _checked_profile(
    d: NDArray[np.float64],
    h: NDArray[np.float64],
    r: NDArray[np.float64],
    z: NDArray,
    *,
    path: int | None,
    add_point: bool = True,
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64], NDArray[np.int8]]:
    """Return the profile in the engine's types, or say what is wrong with it."""
    where = "" if path is None else f"path {path}: "
    if not d.size == h.size == r.size == z.size:
        raise PathError(
            f"{where}distance, height, clutter and zone have {d.size}, {h.size}, {r.size} and {z.size} "
            f"points; "
            "they must be equal"
        )
    if d.size < 2:
        raise PathError(f"{where}a profile needs at least its two ends, found {d.size} point(s)")
    for name, values in (("distance", d), ("height", h), ("clutter", r)):
        bad = np.flatnonzero(~np.isfinite(values))
        if bad.size:
            raise PathError(f"{where}{name} at point {bad[0]} is {values[bad[0]]}; fill or cut the gap first")
    if d[0] != 0.0:
        raise PathError(f"{where}the first distance is {d[0]} km; it must be 0, the transmitter's place")
    falls = np.flatnonzero(np.diff(d) <= 0.0)
    if falls.size:
        i = falls[0]
        raise PathError(
            f"{where}distance does not rise from point {i} ({d[i]} km) to {i + 1} ({d[i + 1]} km)"
        )
    _check_length(d, where)
    high = np.flatnonzero(np.abs(h) > 9000.0)
    if high.size:
        raise PathError(
            f"{where}height at point {high[0]} is {h[high[0]]} m, above any mountain; are the heights in "
            f"feet "
            "(multiply by 0.3048), or a void marker (fill it first)?"
        )
    below = np.flatnonzero(r < 0.0)
    if below.size:
        raise PathError(f"{where}clutter at point {below[0]} is {r[below[0]]} m; it cannot be negative")
    odd = np.flatnonzero(~np.isin(z, (SEA, COASTAL, INLAND)))
    if odd.size:
        raise PathError(
            f"{where}zone at point {odd[0]} is {z[odd[0]]}; expected 1 (sea), 3 (coastal land) or 4 (inland)"
        )
    row = (
        np.ascontiguousarray(d),
        np.ascontiguousarray(h),
        np.ascontiguousarray(r),
        np.ascontiguousarray(z, dtype=np.int8),
    )
    return _with_middle_point(*row) if add_point else row


def _check_length(d: NDArray[np.float64], where: str) -> None:
    shortest, longest = DISTANCE_RANGE
    if not shortest <= d[-1] <= longest:
        raise PathError(
            f"{where}distance ends at {d[-1]:g} km; expected {shortest:g} to {longest:g} km, where P.1812 holds"
            + ("; are the distances in metres (divide by 1000)?" if d[-1] > longest else "")
        )
    apart = np.diff(d)
    wide = int(apart.argmax())
    if apart[wide] > POINTS_APART_KM * (2 if d.size == 2 else 1):
        raise PathError(
            f"{where}distance leaps {apart[wide]:g} km from point {wide} to {wide + 1}; expected points at most "
            f"{POINTS_APART_KM:g} km apart; are the distances in metres (divide by 1000)?"
        )


def _with_middle_point(
    d: NDArray[np.float64], h: NDArray[np.float64], r: NDArray[np.float64], z: NDArray[np.int8]
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64], NDArray[np.int8]]:
    """Give a profile of two ends one point half way, at mean height and without clutter; others stay as they are."""
    if d.size > 2:
        return d, h, r, z
    return (
        np.array([0.0, 0.5 * d[1], d[1]]),
        np.array([h[0], 0.5 * (h[0] + h[1]), h[1]]),
        np.zeros(3),
        np.array([z[0], z[1], z[1]], dtype=np.int8),
    )


def check_parameters(
    frequency: NDArray[np.float64],
    transmitter_height: NDArray[np.float64],
    receiver_height: NDArray[np.float64],
    time_percentage: NDArray[np.float64],
    location_percentage: NDArray[np.float64],
    location_sigma: NDArray[np.float64],
    latitude: NDArray[np.float64],
    dn: NDArray[np.float64],
    polarization: str,
) -> None:
    """Refuse parameters outside what P.1812 takes, naming the first; units as in ``basic_transmission_loss``."""
    _within("frequency", frequency, *FREQUENCY_RANGE, "MHz; P.1812 holds from 30 MHz to 6 GHz")
    _within("transmitter_height", transmitter_height, *HEIGHT_RANGE, "m above ground")
    _within("receiver_height", receiver_height, *HEIGHT_RANGE, "m above ground")
    _within("time_percentage", time_percentage, *TIME_RANGE, "% of time")
    _within("location_percentage", location_percentage, 1e-4, 99.9999, "% of places")
    _within("location_sigma", location_sigma, 0.0, 50.0, "dB")
    _within("latitude", latitude, -90.0, 90.0, "degrees")
    _within("dn", dn, 0.0, 150.0, "N-units/km, as a positive number")
    if polarization not in ("horizontal", "vertical"):
        raise PathError(f"polarization is {polarization!r}; expected 'horizontal' or 'vertical'")


def _within(name: str, values: NDArray[np.float64], low: float, high: float, unit: str) -> None:
    bad = np.flatnonzero(~((values >= low) & (values <= high)))
    if bad.size:
        which = f"[{bad[0]}]" if values.size > 1 else ""
        raise PathError(f"{name}{which} is {values.flat[bad[0]]:g}; expected {low:g} to {high:g} {unit}")


__all__ = [
    "DEFAULT_DN",
    "DEFAULT_N0",
    "PathError",
    "PathReport",
    "UnevenSpacingWarning",
    "basic_transmission_loss",
    "location_loss",
    "location_variability",
    "path_centre_latitude",
    "path_report",
    "radial_transmission_loss",
]
