"""Water in a field on which nothing is grown: between crops, while it is prepared, and before the first season of a record.

The flows are those of the engine's own balances (see ``water_balance`` and ``paddy`` for their sources) without a crop,
and with what stands on a field between crops: stubble and weeds. They cover a share of the ground and transpire that share
of the reference evapotranspiration, from the layer their roots reach, less as it dries (FAO 56, eq. 84, p = 0.5); the bare
rest evaporates from the uppermost layer (Ritchie 1972).

A field has three layers. Drained land: the uppermost 10 cm, the rest of what weeds root in, and what lies below it down to
where crops root. A paddy: the puddled layer over the plough pan, no middle, and the subsoil; between its bunds water stands.
Water above field capacity drains from one layer to the next; what finds no room there stays above. What is neither kept nor
evaporated runs off or drains below; every drop is booked.

While a paddy is prepared it is irrigated by the rule of its pond: saturated, then flooded, with no more than the day's supply.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from lumbung.farm.engine import rows as R
from lumbung.farm.engine.water_balance import DEFAULT_ROOTING_DEPTH, clamp, drying, infiltrating_share
from lumbung.kernels.compiling import inlined, kernel, step

Array = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
DEPLETION = 0.5  # share of available water that weeds take before they slow down (FAO 56, table 22)
NEVER = 2**40  # a day that does not come

# What a field is: moistures [cm3/cm3], depths of its layers [cm], least water of the upper one (air-dry) [cm], rates [cm/d].
SMW, SMFCF, SM0, TOP, MIDDLE, DEEP, AIR_DRY, THROUGH, KSUB, NOTINF, BY_STORM, BUNDED = range(12)
FIELD_NUMBERS = 12
# Its state: water in the three layers and on them [cm], days since it was wet.
UPPER, BETWEEN, LOWER, STANDING, DRY_DAYS = range(5)
STATE = 5
# What came and went [cm].
RAIN, IRRIGATION, TRANSPIRED, EVAPORATED, OPEN_WATER, RUNOFF, DRAINED = range(7)
FLOWS = 7


def field_numbers(soil: Array, paddy: bool, weed_roots: float) -> Array:
    """Return what a field is, shape (FIELD_NUMBERS,), from the numbers of its soil, shape (SOIL_PARAMETERS,)."""
    at = R.SOIL_FIRST
    whole = max(float(soil[R.RDMSOL - at]), DEFAULT_ROOTING_DEPTH)
    pan = min(float(soil[R.PAN_DEPTH - at]), whole)
    top = pan if paddy else DEFAULT_ROOTING_DEPTH
    middle = 0.0 if paddy else min(max(weed_roots - top, 0.0), whole - top)
    smw = float(soil[R.SMW - at])
    return np.array(
        [
            smw, soil[R.SMFCF - at], soil[R.SM0 - at], top, middle, whole - top - middle,
            smw * max(top - DEFAULT_ROOTING_DEPTH, 0.0),
            soil[(R.PUDDLED_PERCOLATION if paddy else R.SOPE) - at], soil[R.KSUB - at],
            soil[R.NOTINF - at], soil[R.IFUNRN - at], float(paddy),
        ]
    )  # fmt: skip


@inlined
def weed_stress(available: float, most: float) -> float:
    """Return Ks, the share of their demand that weeds transpire (FAO 56, eq. 84) [-]."""
    share = available / ((1.0 - DEPLETION) * most) if most > 0.0 else 0.0
    return clamp(0.0, 1.0, share)


@step
def rest_a_day(rain, e0, es0, et0, f, cover, keeps, low, high, supply, s, flows):  # type: ignore[no-untyped-def]
    """Carry a field from one day to the next and book its flows.

    ``rain`` to ``et0`` [cm/d]; ``f`` the field, ``s`` its state; ``keeps`` [cm] may stand on it; water that stands lower than
    ``low`` is brought to ``high`` with at most ``supply`` (``low`` < 0: no irrigation).
    """
    smw, smfcf, sm0 = f[SMW], f[SMFCF], f[SM0]
    top, middle, deep = f[TOP], f[MIDDLE], f[DEEP]
    w1, w2, w3, standing = s[UPPER], s[BETWEEN], s[LOWER], s[STANDING]
    asked = high - standing + sm0 * top - w1 if standing < low else 0.0
    irrigation = clamp(0.0, supply, asked)

    share = 1.0 if f[BUNDED] > 0.5 else infiltrating_share(rain, f[NOTINF], f[BY_STORM])
    supplied = standing + irrigation + share * rain
    flooded = standing + irrigation > 0.0
    water = min(e0, supplied) if flooded else 0.0
    onto = supplied - water

    above1, above2 = max(w1 - smw * top, 0.0), max(w2 - smw * middle, 0.0)
    stress = weed_stress(above1 + above2, (smfcf - smw) * (top + middle))
    demand = 0.0 if flooded else cover * et0 * stress
    from_top = min(demand * (top / (top + middle)), above1)
    from_middle = min(demand - from_top, above2)
    wet = onto >= 1.0
    most = es0 if wet else min(drying(es0, s[DRY_DAYS] + 1.0) + onto, es0)
    soil = 0.0 if flooded else clamp(0.0, max(w1 + onto - from_top - f[AIR_DRY], 0.0), (1.0 - cover) * most)
    s[DRY_DAYS] = 1.0 if flooded or wet else s[DRY_DAYS] + 1.0

    w1 += onto - from_top - soil
    perc = clamp(0.0, f[THROUGH], w1 - smfcf * top)
    w1 -= perc
    w2 += perc - from_middle
    perc = clamp(0.0, f[KSUB], w2 - smfcf * middle)
    w2 -= perc
    w3 += perc
    drained = clamp(0.0, f[KSUB], w3 - smfcf * deep)
    w3 -= drained
    back = max(w3 - sm0 * deep, 0.0)  # what finds no room below stays above
    w3 -= back
    w2 += back
    back = max(w2 - sm0 * middle, 0.0)
    w2 -= back
    w1 += back
    over = max(w1 - sm0 * top, 0.0)
    w1 = sm0 * top if over > 0.0 else w1
    kept = min(over, keeps)
    s[UPPER], s[BETWEEN], s[LOWER], s[STANDING] = w1, w2, w3, kept
    flows[RAIN] += rain
    flows[IRRIGATION] += irrigation
    flows[TRANSPIRED] += from_top + from_middle
    flows[EVAPORATED] += soil
    flows[OPEN_WATER] += water
    flows[RUNOFF] += over - kept + (1.0 - share) * rain
    flows[DRAINED] += drained
    return irrigation


@kernel
def rest(  # type: ignore[no-untyped-def]
    first, earliest, last, prepare, need, keeps, low, high, rain, e0, es0, et0, field, cover, supply, state, flows,
    applied, stopped,
):  # fmt: skip
    """Leave fields of one place without a crop until each is ready, at the latest until ``last``.

    Shapes (fields,): ``first`` day, ``earliest`` and ``last`` day on which to stop, ``prepare`` the day from which the field is bare
    of weeds and irrigated, ``need`` the water in its upper layer at which it is ready [cm], ``keeps``, ``low``, ``high`` as for
    :func:`rest_a_day`. Shape (days,): ``rain`` to ``et0``, ``supply`` [cm/d]. ``state`` (fields, STATE) and ``flows`` (fields, FLOWS) are
    carried on; ``applied`` (fields, days) gets the day's irrigation, ``stopped`` the day on which each field stopped.
    """
    for i in range(first.size):
        d = first[i]
        while d < last[i]:
            if d >= earliest[i] and state[i, UPPER] >= need[i]:
                break
            preparing = d >= prepare[i]
            applied[i, d] += rest_a_day(
                rain[d],
                e0[d],
                es0[d],
                et0[d],
                field,
                0.0 if preparing else cover,
                keeps[i],
                low[i] if preparing else -1.0,
                high[i],
                supply[d],
                state[i],
                flows[i],
            )
            d += 1
        stopped[i] = d


@kernel
def course(rain, e0, es0, et0, field, cover, keeps, state, out):  # type: ignore[no-untyped-def]
    """Fill ``out`` (days + 1) with the water above wilting point [cm] at the start of each day; ``state`` is carried on."""
    flows = np.zeros(FLOWS)
    dry1 = field[SMW] * field[TOP]
    below = field[SMW] * (field[MIDDLE] + field[DEEP])
    counted = 0.0 if field[BUNDED] > 0.5 else 1.0  # below a plough pan no rice finds water
    for d in range(rain.size + 1):
        standing = 0.0 if counted > 0.5 else state[STANDING]
        out[d] = max(state[UPPER] - dry1, 0.0) + counted * (state[BETWEEN] + state[LOWER] - below) + standing
        if d < rain.size:
            rest_a_day(rain[d], e0[d], es0[d], et0[d], field, cover, keeps, -1.0, 0.0, 0.0, state, flows)


def gapless(rain: Array, e0: Array, es0: Array, et0: Array) -> tuple[Array, Array, Array, Array]:
    """Return records [cm/d] in which a day without a value counts as one without rain and with the mean evaporation."""
    e0, es0, et0 = (
        np.where(np.isnan(v), np.nanmean(v) if np.isfinite(v).any() else 0.0, v) for v in (e0, es0, et0)
    )
    return np.nan_to_num(rain), e0, es0, et0


def dry_field(field: Array) -> Array:
    """Return the state of a field at its wilting point, shape (STATE,)."""
    water = field[SMW] * field[[TOP, MIDDLE, DEEP]]
    return np.array([*water, 0.0, 5.0])


def surface(soil: Array, paddy: bool) -> float:
    """Return how much water may stand on a field [cm]: up to its bunds, or in its furrows."""
    return float(soil[(R.BUND if paddy else R.SSMAX) - R.SOIL_FIRST])


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
        Whether it is a puddled field; then what lies below its plough pan does not count.
    cover
        Share of the ground under weeds and stubble [-].
    weed_roots
        Depth their roots reach [cm].
    spin_up
        Days of the record's beginning that are run beforehand from a dry soil, so that its first day has a past.
    """
    record = gapless(rain, e0, es0, et0)
    field = field_numbers(soil, paddy, weed_roots)
    state, out = dry_field(field), np.empty(0)
    for days in (min(spin_up, rain.size), rain.size):
        out = np.empty(days + 1)
        rain, e0, es0, et0 = (values[:days] for values in record)
        course(rain, e0, es0, et0, field, cover, surface(soil, paddy), state, out)
    return out
