"""Soil water of a flooded rice field: a puddled layer over a plough pan, water standing between bunds.

Not part of WOFOST 7.2: an option of this engine, after Wopereis et al. (1994), Agric. Syst. 46, 393-411, and the
water balance of ORYZA2000 (Bouman et al. 2001, ch. 5), simplified to one layer:

- The puddled layer reaches down to the plough pan (``pan_depth``). It starts with the water it is given; what it cannot
  hold stands on it. Only where nothing is given does it start saturated, with ``SSI`` cm standing on it. Roots do
  not pass the pan, and what percolates through it is lost.
- While water stands, the field loses it by evaporation from the water surface and by percolation at the puddled
  rate. Without standing water the layer dries by transpiration and evaporation, and percolates only while it holds
  more than field capacity.
- Rain and irrigation first make good the day's losses of a saturated layer, then stand on the field up to the
  ``bund``; the rest runs off.
- A rule may irrigate: when water would stand lower than ``POND_LOW``, refill to ``POND_HIGH``, until the
  development stage ``POND_UNTIL``, with no more than the day's ``SUPPLY``.
"""

from __future__ import annotations

from lumbung.farm.engine import rows as R
from lumbung.farm.engine.rows import LANES
from lumbung.farm.engine.water_balance import clamp, drying
from lumbung.kernels.compiling import step

SATURATED = -1.0  # stands for the water above wilting point where a field starts puddled and saturated


@step
def start_paddy(s):  # type: ignore[no-untyped-def]
    """Give the puddled layer of a block its initial water, and let what it cannot hold stand on it."""
    for i in range(LANES):
        depth, wav = s[R.PAN_DEPTH * LANES + i], s[R.WAV * LANES + i]
        full = s[R.SM0 * LANES + i] * depth
        held = s[R.SMW * LANES + i] * depth + wav
        given = wav >= 0.0
        w = held if given & (held < full) else full
        over = held - full if given & (held > full) else 0.0
        bund = s[R.BUND * LANES + i]
        ss = s[R.SSI * LANES + i] + over
        ss = ss if ss < bund else bund
        s[R.W * LANES + i] = w
        s[R.SM * LANES + i] = s[R.SM0 * LANES + i] if w == full else w / depth
        s[R.SS * LANES + i] = ss
        s[R.WLOW * LANES + i] = 0.0
        moist = w >= 0.5 * (s[R.SMW * LANES + i] + s[R.SMFCF * LANES + i]) * depth
        s[R.DSLR * LANES + i] = 1.0 if moist else 5.0
        s[R.WATER_START * LANES + i] = w + ss


@step
def irrigate_paddy(s):  # type: ignore[no-untyped-def]
    """Add to the day's irrigation of a block what the pond rule asks for, before rain is known to suffice."""
    for i in range(LANES):
        standing = s[R.SS * LANES + i] + s[R.RIRR * LANES + i]
        missing = s[R.POND_HIGH * LANES + i] - standing
        # A layer that has dried below saturation must be filled before water can stand on it.
        dried = (s[R.SM0 * LANES + i] - s[R.SM * LANES + i]) * s[R.PAN_DEPTH * LANES + i]
        wanted = (standing < s[R.POND_LOW * LANES + i]) & (s[R.DVS * LANES + i] < s[R.POND_UNTIL * LANES + i])
        asked = missing + dried if wanted else 0.0
        supply = s[R.SUPPLY * LANES + i]
        s[R.RIRR * LANES + i] += asked if asked < supply else supply


@step
def flow_paddy(s):  # type: ignore[no-untyped-def]
    """Set the day's flows of a flooded field for a block."""
    for i in range(LANES):
        ss, w = s[R.SS * LANES + i], s[R.W * LANES + i]
        tra, evsmx, evwmx = s[R.TRA * LANES + i], s[R.EVSMX * LANES + i], s[R.EVWMX * LANES + i]
        tra = tra if tra < w else w  # over a shallow pan roots could ask for more than there is
        s[R.TRA * LANES + i] = tra
        depth = s[R.PAN_DEPTH * LANES + i]
        full = s[R.SM0 * LANES + i] * depth
        capacity = s[R.SMFCF * LANES + i] * depth
        supply = ss + s[R.RAIN * LANES + i] + s[R.RIRR * LANES + i]

        flooded = ss + s[R.RIRR * LANES + i] > 0.0  # irrigation comes in the morning
        evw = evwmx if evwmx < supply else supply
        evw = evw if flooded else 0.0
        days = s[R.DSLR * LANES + i]
        rained = supply > evsmx
        limited = drying(evsmx, days + 1.0)
        dry = evsmx if rained else limited
        evs = clamp(0.0, w - tra if w > tra else 0.0, 0.0 if flooded else dry)
        s[R.DSLR * LANES + i] = 1.0 if flooded | rained else days + 1.0

        onto = supply - evw
        free = w + onto - capacity - tra - evs
        perc = clamp(0.0, s[R.PUDDLED_PERCOLATION * LANES + i], free)
        space = full - w + tra + evs + perc
        rin = onto if onto < space else space
        standing = onto - rin
        bund = s[R.BUND * LANES + i]
        kept = standing if standing < bund else bund
        s[R.EVW * LANES + i] = evw
        s[R.EVS * LANES + i] = evs
        s[R.PERC * LANES + i] = perc
        s[R.LOSS * LANES + i] = perc
        s[R.RIN * LANES + i] = rin
        s[R.DW * LANES + i] = rin - tra - evs - perc
        s[R.DWLOW * LANES + i] = 0.0
        s[R.DSS * LANES + i] = kept - ss
        s[R.DTSR * LANES + i] = standing - kept


@step
def integrate_paddy(s):  # type: ignore[no-untyped-def]
    """Advance the puddled layer and the standing water of a block by a day."""
    for i in range(LANES):
        w = s[R.W * LANES + i] + s[R.DW * LANES + i]
        w = w if w > 0.0 else 0.0
        sm = w / s[R.PAN_DEPTH * LANES + i]
        short_of_air = sm >= s[R.SM0 * LANES + i] - s[R.CRAIRC * LANES + i]
        s[R.W * LANES + i] = w
        s[R.SM * LANES + i] = sm
        s[R.SS * LANES + i] += s[R.DSS * LANES + i]
        s[R.DSOS * LANES + i] = s[R.DSOS * LANES + i] + 1.0 if short_of_air else 0.0
