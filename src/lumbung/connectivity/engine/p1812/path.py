"""Path by path: one profile, one loss. Any spacing, every profile point looked at.

Recommendation ITU-R P.1812-6, Annex 1.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from lumbung.connectivity.engine.p1812.climate import SEA, Setting, Zones, zone_summary
from lumbung.connectivity.engine.p1812.combination import Geometry, Losses, combine
from lumbung.connectivity.engine.p1812.profile import path_geometry
from lumbung.kernels.compiling import FINITE, inlined, kernel


@kernel(arithmetic=FINITE)
def path_losses(
    s: Setting,
    d: NDArray[np.float64],
    h: NDArray[np.float64],
    r: NDArray[np.float64],
    zone: NDArray[np.int8],
    htg: float,
    hrg: float,
    latitude: float,
    dct: float,
    dcr: float,
    with_beta: bool,
) -> tuple[Losses, Geometry, Zones]:
    """Return all losses of one path with the geometry and zones they came from.

    d [km] ascending from 0, at least three points; h, r [m]; latitude of the path centre [deg]; dct, dcr
    [km], negative to take them from the zones.
    """
    zones = zone_summary(d, zone, dct, dcr)
    geometry = path_geometry(s, d, h, r, htg, hrg, with_beta)
    on_sea = 1.0 if zone[d.size - 1] == SEA else 0.0
    losses = combine(
        s, geometry, zones.omega, zones.dtm, zones.dlm, zones.dct, zones.dcr, latitude, on_sea,
        1.0 if with_beta else 0.0,
    )  # fmt: skip
    return losses, geometry, zones


@inlined(arithmetic=FINITE)
def path_loss(
    s: Setting,
    d: NDArray[np.float64],
    h: NDArray[np.float64],
    r: NDArray[np.float64],
    zone: NDArray[np.int8],
    htg: float,
    hrg: float,
    latitude: float,
    dct: float,
    dcr: float,
) -> float:
    """Return the basic transmission loss [dB] alone."""
    losses, _, _ = path_losses(s, d, h, r, zone, htg, hrg, latitude, dct, dcr, s.p != 50.0)
    return losses.lb


@kernel(arithmetic=FINITE)
def many_path_losses(
    settings: NDArray[np.float64],
    start: NDArray[np.int64],
    d: NDArray[np.float64],
    h: NDArray[np.float64],
    r: NDArray[np.float64],
    zone: NDArray[np.int8],
    terminals: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Return the loss [dB] of many paths laid end to end in flat arrays.

    settings, shape (paths, 6): the fields of ``Setting``; start, shape (paths + 1,): where each profile
    begins; terminals, shape (paths, 5): htg, hrg, latitude, dct, dcr.
    """
    count = start.size - 1
    loss = np.empty(count)
    for k in range(count):
        a = start[k]
        b = start[k + 1]
        s = Setting(
            settings[k, 0], settings[k, 1], settings[k, 2], settings[k, 3], settings[k, 4], settings[k, 5]
        )
        loss[k] = path_loss(
            s, d[a:b], h[a:b], r[a:b], zone[a:b], terminals[k, 0], terminals[k, 1], terminals[k, 2],
            terminals[k, 3], terminals[k, 4],
        )  # fmt: skip
    return loss
