"""Water in a field on which nothing is grown: what a season finds when it starts.

The flows are those of the engine's own balances (see ``water_balance`` and ``paddy`` for their sources) without a crop,
and with what stands on a field between crops: stubble and weeds. They cover a share of the ground and transpire that share
of the reference evapotranspiration, from the layer their roots reach, less as it dries (FAO 56, eq. 84, p = 0.5); the bare
rest evaporates from the uppermost layer (Ritchie 1972).

The freely draining soil has three layers: the uppermost 10 cm, the rest of what weeds root in, and what lies below it down to
where crops root. Water above field capacity drains from one to the next. The paddy has its puddled layer over the plough
pan, and water that stands between bunds.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from lumbung.farm.engine import rows as R
from lumbung.farm.engine.water_balance import DEFAULT_ROOTING_DEPTH, clamp, drying, infiltrating_share
from lumbung.kernels.compiling import inlined, kernel

Array = npt.NDArray[np.float64]
DEPLETION = 0.5  # share of available water that weeds take before they slow down (FAO 56, table 22)


@inlined
def weed_stress(available: float, most: float) -> float:
    """Return Ks, the share of their demand that weeds transpire (FAO 56, eq. 84) [-]."""
    share = available / ((1.0 - DEPLETION) * most) if most > 0.0 else 0.0
    return clamp(0.0, 1.0, share)


@kernel
def bare_soil(rain, es0, et0, soil, cover, weed_roots, begin, out):  # type: ignore[no-untyped-def]
    """Fill ``out`` (days + 1) with the water above wilting point [cm] at the start of each day, freely draining.

    ``soil`` has the numbers of rows.SOIL_FIRST on; ``begin`` is the water at the first day [cm].
    """
    at = R.SOIL_FIRST
    smw, smfcf, sm0 = soil[R.SMW - at], soil[R.SMFCF - at], soil[R.SM0 - at]
    top = DEFAULT_ROOTING_DEPTH
    whole = max(soil[R.RDMSOL - at], top)
    middle = clamp(0.0, whole - top, weed_roots - top)
    deep = whole - top - middle
    # What is there at the beginning fills the layers from above, each to field capacity; the rest lies deep.
    w1 = clamp(0.0, (smfcf - smw) * top, begin)
    w2 = clamp(0.0, (smfcf - smw) * middle, begin - w1)
    w3 = clamp(0.0, (sm0 - smw) * deep, begin - w1 - w2)
    standing, days = 0.0, 5.0
    dry = -smw * top  # air-dry: the uppermost layer may lose even what roots cannot take
    for d in range(rain.size):
        out[d] = max(w1, 0.0) + w2 + w3
        fall = rain[d]
        share = infiltrating_share(fall, soil[R.NOTINF - at], soil[R.IFUNRN - at])
        entering = share * fall + standing
        most = (smfcf - smw) * (top + middle)
        stress = weed_stress(max(w1, 0.0) + w2, most)
        demand = cover * et0[d] * stress
        from_top = min(demand * (top / (top + middle)), max(w1, 0.0))
        from_middle = min(demand - from_top, w2)
        wet = entering >= 1.0
        limited = drying(es0[d], days + 1.0) + entering
        evs = (1.0 - cover) * (es0[d] if wet else min(limited, es0[d]))
        days = 1.0 if wet else days + 1.0
        evs = clamp(0.0, max(w1 + entering - from_top - dry, 0.0), evs)
        w1 += entering - from_top - evs
        w2 -= from_middle
        perc = clamp(0.0, soil[R.SOPE - at], w1 - (smfcf - smw) * top)
        w1 -= perc
        over = w1 - (sm0 - smw) * top
        standing = min(max(over, 0.0), soil[R.SSMAX - at])
        w1 = min(w1, (sm0 - smw) * top)
        w2 += perc
        perc = clamp(0.0, soil[R.KSUB - at], w2 - (smfcf - smw) * middle)
        w2 = min(w2 - perc, (sm0 - smw) * middle)
        w3 += perc
        w3 = min(w3 - clamp(0.0, soil[R.KSUB - at], w3 - (smfcf - smw) * deep), (sm0 - smw) * deep)
    out[rain.size] = max(w1, 0.0) + w2 + w3


@kernel
def bare_paddy(rain, e0, es0, et0, soil, cover, begin, out):  # type: ignore[no-untyped-def]
    """Fill ``out`` (days + 1) with the water above wilting point [cm] at the start of each day, between bunds.

    Water that stands on the field is part of it.
    """
    at = R.SOIL_FIRST
    smw, smfcf, sm0 = soil[R.SMW - at], soil[R.SMFCF - at], soil[R.SM0 - at]
    depth, bund = soil[R.PAN_DEPTH - at], soil[R.BUND - at]
    full, capacity = (sm0 - smw) * depth, (smfcf - smw) * depth
    dry = -smw * min(depth, DEFAULT_ROOTING_DEPTH)
    w, standing, days = clamp(0.0, full, begin), 0.0, 5.0
    for d in range(rain.size):
        out[d] = max(w, 0.0) + standing
        supply = standing + rain[d]
        flooded = standing > 0.0
        evw = min(e0[d], supply) if flooded else 0.0
        onto = supply - evw
        taken = min(cover * et0[d] * weed_stress(max(w, 0.0), capacity), max(w, 0.0)) if not flooded else 0.0
        wet = onto >= 1.0
        evs = (1.0 - cover) * (es0[d] if wet else min(drying(es0[d], days + 1.0) + onto, es0[d]))
        evs = 0.0 if flooded else clamp(0.0, max(w + onto - taken - dry, 0.0), evs)
        days = 1.0 if flooded or wet else days + 1.0
        perc = clamp(0.0, soil[R.PUDDLED_PERCOLATION - at], w + onto - capacity - taken - evs)
        w += onto - taken - evs - perc
        standing = clamp(0.0, bund, w - full)
        w = min(w, full)
    out[rain.size] = max(w, 0.0) + standing


def water_before(
    rain: Array,
    e0: Array,
    es0: Array,
    et0: Array,
    soil: Array,
    *,
    paddy: bool,
    cover: float,
    weed_roots: float,
    spin_up: int,
) -> Array:
    """Return the water above wilting point [cm] at the start of each day of a record, shape (days + 1,).

    Parameters
    ----------
    rain, e0, es0, et0
        [cm/d], shape (days,). A day without a value counts as one without rain, or with the record's mean evaporation.
    soil
        Shape (SOIL_PARAMETERS,).
    paddy
        Whether it is a puddled field.
    cover
        Share of the ground under weeds and stubble [-].
    weed_roots
        Depth their roots reach [cm].
    spin_up
        Days of the record's beginning that are run beforehand from a dry soil, so that its first day has a past.
    """
    rain = np.nan_to_num(rain)
    e0, es0, et0 = (
        np.where(np.isnan(v), np.nanmean(v) if np.isfinite(v).any() else 0.0, v) for v in (e0, es0, et0)
    )
    begin, out = 0.0, np.empty(0)
    for days in (min(spin_up, rain.size), rain.size):
        out = np.empty(days + 1)
        if paddy:
            bare_paddy(rain[:days], e0[:days], es0[:days], et0[:days], soil, cover, begin, out)
        else:
            bare_soil(rain[:days], es0[:days], et0[:days], soil, cover, weed_roots, begin, out)
        begin = float(out[-1])
    return out
