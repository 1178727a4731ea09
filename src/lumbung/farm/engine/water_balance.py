"""Soil water: the day's flows for potential production and for a freely draining soil.

Sources: van Diepen et al. (1989), Soil Use Manage. 5, 16-24; Driessen (1986), in van Keulen & Wolf; Ritchie (1972),
Water Resour. Res. 8, 1204-1213, for the square-root drying of bare soil; WOFOST 7.2 system description, sec. 6.

The order of operations is kept as written: whether a day counts as wet hangs on a comparison.
"""

from __future__ import annotations

from math import sqrt

from lumbung.farm.engine import rows as R
from lumbung.farm.engine.rows import LANES
from lumbung.kernels.compiling import inlined, step

DEFAULT_ROOTING_DEPTH = 10.0  # cm, of the layer that is balanced before a crop stands on it


@inlined
def clamp(low: float, high: float, value: float) -> float:
    """Return value, moved into low..high."""
    value = value if value < high else high
    return value if value > low else low


@inlined
def initial_moisture(smw: float, smlim: float, sm0: float, wav: float) -> float:
    """Return the moisture [cm3/cm3] of the upper layer when ``wav`` cm of water are available above wilting."""
    return clamp(smw, clamp(smw, sm0, smlim), smw + wav / DEFAULT_ROOTING_DEPTH)


@inlined
def infiltrating_share(rain: float, notinf: float, by_storm: float) -> float:
    """Return the share of rain that enters the soil [-].

    ``notinf`` is the share that does not; where ``by_storm`` is set it applies in full to 1.5 cm/d and more, and not
    at all below 0.5 cm/d.
    """
    storm = clamp(0.0, 1.0, (rain - 0.5) / (1.5 - 0.5))
    return 1.0 - notinf * (storm if by_storm > 0.5 else 1.0)


@inlined
def drying(evsmx: float, days: float) -> float:
    """Return the evaporation of a soil in its ``days``-th day without rain, with the square root of time [cm/d]."""
    return evsmx * (sqrt(days) - sqrt(days - 1.0))


@step
def start_free_drainage(s):  # type: ignore[no-untyped-def]
    """Fill upper and lower layer of a block from the water available at the start."""
    for i in range(LANES):
        smw, sm0 = s[R.SMW * LANES + i], s[R.SM0 * LANES + i]
        rdmsol, wav = s[R.RDMSOL * LANES + i], s[R.WAV * LANES + i]
        rd = DEFAULT_ROOTING_DEPTH
        rdm = rdmsol if rdmsol > rd else rd
        sm = initial_moisture(smw, s[R.SMLIM * LANES + i], sm0, wav)
        w = sm * rd
        wlow = clamp(0.0, sm0 * (rdm - rd), wav + rdm * smw - w)
        moist = sm >= smw + 0.5 * (s[R.SMFCF * LANES + i] - smw)
        s[R.SM * LANES + i] = sm
        s[R.W * LANES + i] = w
        s[R.WLOW * LANES + i] = wlow
        s[R.SS * LANES + i] = s[R.SSI * LANES + i]
        s[R.DSLR * LANES + i] = 1.0 if moist else 5.0
        s[R.RIN_BEFORE * LANES + i] = 0.0
        s[R.RD_BEFORE * LANES + i] = rd
        s[R.WATER_START * LANES + i] = w + wlow + s[R.SSI * LANES + i]


@step
def start_as_found(s, i, depth, upper, lower, standing):  # type: ignore[no-untyped-def]
    """Begin a lane with the water that is in its field: upper layer of ``depth``, lower layer, surface, all in cm."""
    sm, smw = upper / depth, s[R.SMW * LANES + i]
    moist = sm >= smw + 0.5 * (s[R.SMFCF * LANES + i] - smw)
    s[R.SM * LANES + i] = sm
    s[R.W * LANES + i] = upper
    s[R.WLOW * LANES + i] = lower
    s[R.SS * LANES + i] = standing
    s[R.DSLR * LANES + i] = 1.0 if moist else 5.0
    s[R.WATER_START * LANES + i] = upper + lower + standing


@step
def flow_potential(s):  # type: ignore[no-untyped-def]
    """Set the evaporation of a soil kept at field capacity (its moisture never changes) for a block."""
    for i in range(LANES):
        evsmx = s[R.EVSMX * LANES + i]
        before = s[R.RAIN_BEFORE * LANES + i]
        days = 1.0 if before >= 1.0 else s[R.DSLR * LANES + i] + 1.0
        limited = drying(evsmx, days) + before
        dry = limited if limited < evsmx else evsmx
        s[R.EVS * LANES + i] = evsmx if before >= 1.0 else dry
        s[R.DSLR * LANES + i] = days
        s[R.RAIN_BEFORE * LANES + i] = s[R.RAIN * LANES + i]


@step
def flow_free_drainage(s):  # type: ignore[no-untyped-def]
    """Set the day's flows between surface, rooted layer, lower layer and deep drainage for a block."""
    for i in range(LANES):
        ss, sm, w, wlow = (
            s[R.SS * LANES + i],
            s[R.SM * LANES + i],
            s[R.W * LANES + i],
            s[R.WLOW * LANES + i],
        )
        rain, rirr, tra = s[R.RAIN * LANES + i], s[R.RIRR * LANES + i], s[R.TRA * LANES + i]
        evsmx = s[R.EVSMX * LANES + i]
        sm0, smfcf, sope = s[R.SM0 * LANES + i], s[R.SMFCF * LANES + i], s[R.SOPE * LANES + i]
        rd = s[R.RD * LANES + i]
        rdmsol = s[R.RDMSOL * LANES + i]
        rdm = rdmsol if rdmsol > DEFAULT_ROOTING_DEPTH else DEFAULT_ROOTING_DEPTH
        before = s[R.RIN_BEFORE * LANES + i]
        days = s[R.DSLR * LANES + i]

        ponded = ss > 1.0
        wet = before >= 1.0
        evw = s[R.EVWMX * LANES + i] if ponded else 0.0
        limited = drying(evsmx, days + 1.0) + before
        dry = limited if limited < evsmx else evsmx
        evs = 0.0 if ponded else (evsmx if wet else dry)
        s[R.DSLR * LANES + i] = days if ponded else (1.0 if wet else days + 1.0)

        share = infiltrating_share(rain, s[R.NOTINF * LANES + i], s[R.IFUNRN * LANES + i])
        entering = share * rain + rirr + ss
        left = entering - evw
        slow = sope if sope < left else left
        entering = slow if ss > 0.1 else entering

        perc1 = clamp(0.0, sope, w - smfcf * rd - tra - evs)
        loss = clamp(0.0, s[R.KSUB * LANES + i], wlow - smfcf * (rdm - rd) + perc1)
        room = (rdm - rd) * sm0 - wlow + loss
        perc = perc1 if perc1 < room else room
        space = (sm0 - sm) * rd + tra + evs + perc
        rin = entering if entering < space else space
        dw = rin - tra - evs - perc
        short = w + dw
        evs = evs + short if short < 0.0 else evs
        dw = -w if short < 0.0 else dw

        surplus = rain + rirr - evw - rin
        most = s[R.SSMAX * LANES + i] - ss
        dss = surplus if surplus < most else most
        s[R.EVW * LANES + i] = evw
        s[R.EVS * LANES + i] = evs
        s[R.PERC * LANES + i] = perc
        s[R.LOSS * LANES + i] = loss
        s[R.RIN * LANES + i] = rin
        s[R.RIN_BEFORE * LANES + i] = rin
        s[R.DW * LANES + i] = dw
        s[R.DWLOW * LANES + i] = perc - loss
        s[R.DSS * LANES + i] = dss
        s[R.DTSR * LANES + i] = surplus - dss


@step
def add_up_water(s):  # type: ignore[no-untyped-def]
    """Add the day's flows to the totals of a block."""
    for i in range(LANES):
        s[R.WTRAT * LANES + i] += s[R.TRA * LANES + i]
        s[R.EVST * LANES + i] += s[R.EVS * LANES + i]
        s[R.EVWT * LANES + i] += s[R.EVW * LANES + i]
        s[R.RAINT * LANES + i] += s[R.RAIN * LANES + i]
        s[R.TOTINF * LANES + i] += s[R.RIN * LANES + i]
        s[R.TOTIRR * LANES + i] += s[R.RIRR * LANES + i]
        s[R.TSR * LANES + i] += s[R.DTSR * LANES + i]
        s[R.LOSST * LANES + i] += s[R.LOSS * LANES + i]


@step
def integrate_free_drainage(s):  # type: ignore[no-untyped-def]
    """Advance soil water of a block by a day; roots that went deeper bring the water of their new layer along."""
    for i in range(LANES):
        w = s[R.W * LANES + i] + s[R.DW * LANES + i]
        wlow = s[R.WLOW * LANES + i] + s[R.DWLOW * LANES + i]
        rd, before = s[R.RD * LANES + i], s[R.RD_BEFORE * LANES + i]
        change = rd - before
        deeper = change > 0.001
        below = s[R.RDMSOL * LANES + i] - before
        gain = wlow * change / (below if deeper else 1.0)
        gain = gain if gain < wlow else wlow
        moved = gain if deeper else w * change / before
        w = w + moved
        sm = w / rd
        short_of_air = sm >= s[R.SM0 * LANES + i] - s[R.CRAIRC * LANES + i]
        s[R.W * LANES + i] = w
        s[R.WLOW * LANES + i] = wlow - moved
        s[R.SS * LANES + i] += s[R.DSS * LANES + i]
        s[R.SM * LANES + i] = sm
        s[R.DSOS * LANES + i] = s[R.DSOS * LANES + i] + 1.0 if short_of_air else 0.0
        s[R.RD_BEFORE * LANES + i] = rd
