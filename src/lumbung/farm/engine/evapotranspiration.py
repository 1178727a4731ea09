"""Water the air asks for, and what a crop under water shortage or excess transpires.

Sources: Penman (1948), Proc. R. Soc. A 193, 120-145, with Frere & Popov (1979), FAO Plant Production and Protection
Paper 17, for the wind function; Allen et al. (1998), FAO Irrigation and Drainage Paper 56, eq. 6, for
Penman-Monteith; Driessen (1986) and van Diepen et al. (1989), Soil Use Manage. 5, 16-24, for the crop's part;
Doorenbos & Kassam (1979), FAO 33, for the easily available fraction.
"""

from __future__ import annotations

from math import exp as exp_
from math import sqrt

from lumbung.farm.engine import rows as R
from lumbung.farm.engine.astro import sun
from lumbung.farm.engine.rows import LANES
from lumbung.kernels.compiling import FUSED, inlined, step
from lumbung.kernels.elementary import exp

_LATENT_HEAT = 2.45e6  # J/kg
_STEFAN_BOLTZMANN = 5.670373e-8 * 24 * 60 * 60  # J/m2/d/K4


@inlined
def penman(
    day_of_year: float,
    latitude: float,
    elevation: float,
    tmin: float,
    tmax: float,
    irradiation: float,
    vapour_pressure: float,
    wind: float,
    angstrom_a: float,
    angstrom_b: float,
) -> tuple[float, float, float]:
    """Return potential evaporation of open water, wet soil and a short crop by Penman.

    Parameters
    ----------
    day_of_year, latitude, elevation
        [-], [deg], [m].
    tmin, tmax
        [C].
    irradiation
        [J/m2/d].
    vapour_pressure
        [hPa].
    wind
        At 2 m [m/s].
    angstrom_a, angstrom_b
        Angstrom coefficients of the site; their signs are ignored.

    Returns
    -------
    tuple of float
        E0, ES0, ET0 [mm/d].
    """
    mean = (tmin + tmax) / 2.0
    spread = (tmax - tmin - 12.0) / 4.0
    wind_factor = 0.54 + 0.35 * min(max(spread, 0.0), 1.0)
    gamma = 0.67 * (1013.0 * exp_(-0.034 * elevation / (mean + 273.0))) / 1013.0
    saturated = 6.10588 * exp_(17.32491 * mean / (mean + 238.102))
    delta = 238.102 * 17.32491 * saturated / (mean + 238.102) ** 2
    vap = min(vapour_pressure, saturated)
    transmission = sun(day_of_year, latitude, irradiation)[5]
    clear = min(max((transmission - abs(angstrom_a)) / abs(angstrom_b), 0.0), 1.0)
    outgoing = _STEFAN_BOLTZMANN * (mean + 273.0) ** 4 * (0.56 - 0.079 * sqrt(vap)) * (0.1 + 0.9 * clear)
    deficit = max(0.0, saturated - vap)
    drying = 0.26 * deficit * (0.5 + wind_factor * wind)
    crop_drying = 0.26 * deficit * (1.0 + wind_factor * wind)
    water = (irradiation * (1.0 - 0.05) - outgoing) / _LATENT_HEAT
    soil = (irradiation * (1.0 - 0.15) - outgoing) / _LATENT_HEAT
    crop = (irradiation * (1.0 - 0.25) - outgoing) / _LATENT_HEAT
    e0 = (delta * water + gamma * drying) / (delta + gamma)
    es0 = (delta * soil + gamma * drying) / (delta + gamma)
    et0 = (delta * crop + gamma * crop_drying) / (delta + gamma)
    return max(0.0, e0), max(0.0, es0), max(0.0, et0)


@inlined
def saturation_pressure(temperature: float) -> float:
    """Return the saturated vapour pressure [kPa] at a temperature [C] (FAO 56, eq. 11)."""
    pressure: float = 0.6108 * exp_(17.27 * temperature / (237.3 + temperature))
    return pressure


@inlined
def penman_monteith(
    day_of_year: float,
    latitude: float,
    elevation: float,
    tmin: float,
    tmax: float,
    irradiation: float,
    vapour_pressure: float,
    wind: float,
) -> float:
    """Return FAO 56 reference evapotranspiration of short grass [mm/d]; units as in :func:`penman`."""
    mean = (tmin + tmax) / 2.0
    gamma = 0.665e-3 * 101.3 * ((293.0 - 0.0065 * elevation) / 293.0) ** 5.26
    delta = 4098.0 * saturation_pressure(mean) / (mean + 237.3) ** 2
    saturated = (saturation_pressure(tmax) + saturation_pressure(tmin)) / 2.0
    vap = min(vapour_pressure / 10.0, saturated)
    emitted = 0.004903 * ((tmax + 273.16) ** 4 + (tmin + 273.16) ** 4) / 2.0 * (0.34 - 0.14 * sqrt(vap))
    clear_sky = (0.75 + 2e-5 * elevation) * sun(day_of_year, latitude, irradiation)[7]
    if clear_sky <= 0.0:
        return 0.0
    outgoing = emitted * (1.35 * (irradiation / clear_sky) - 0.35)
    net = ((1.0 - 0.23) * irradiation - outgoing) / _LATENT_HEAT
    drying = 900.0 / (mean + 273.0) * wind * (saturated - vap)
    resistance = delta + gamma * (1.0 + 70.0 / 208.0 * wind)
    et0: float = delta * net / resistance + gamma * drying / resistance
    return max(0.0, et0)


@inlined(arithmetic=FUSED)
def available_fraction(et0: float, depnr: float) -> float:
    """Return SWEAF, the share of soil water between field capacity and wilting that is easily taken up [-].

    Parameters
    ----------
    et0
        Potential transpiration of a closed canopy [cm/d].
    depnr
        Crop group number for soil water depletion, 1 (sensitive) to 5 (hardy) [-].
    """
    fraction = 1.0 / (0.76 + 1.5 * et0) - (5.0 - depnr) * 0.1
    fraction += (et0 - 0.6) / (depnr * (depnr + 3.0)) if depnr < 3.0 else 0.0
    fraction = fraction if fraction < 0.95 else 0.95
    return fraction if fraction > 0.1 else 0.1


@inlined(arithmetic=FUSED)
def potential(
    e0: float, es0: float, et0: float, lai: float, kdif: float, cfet: float, co2_factor: float
) -> tuple[float, float, float]:
    """Return EVWMX, EVSMX and TRAMX [cm/d]: what water, soil and leaves could lose beneath and in this canopy."""
    shade = exp(-0.75 * kdif * lai)
    soil = es0 * shade
    crop = cfet * et0
    crop = crop if crop > 0.0 else 0.0
    return e0 * shade, soil if soil > 0.0 else 0.0, crop * (1.0 - shade) * co2_factor


@inlined(arithmetic=FUSED)
def water_stress(sm: float, smw: float, smfcf: float, et0_crop: float, depnr: float) -> float:
    """Return RFWS, the reduction of transpiration by dry soil [-]; 1 is none."""
    critical = (1.0 - available_fraction(et0_crop, depnr)) * (smfcf - smw) + smw
    factor = (sm - smw) / (critical - smw)
    factor = factor if factor < 1.0 else 1.0
    return factor if factor > 0.0 else 0.0


@inlined(arithmetic=FUSED)
def oxygen_stress(sm: float, sm0: float, crairc: float, days_short: float) -> float:
    """Return RFOS, the reduction of transpiration by lack of air; it takes four days to bite in full [-]."""
    worst = (sm0 - sm) / crairc
    worst = worst if worst < 1.0 else 1.0
    worst = worst if worst > 0.0 else 0.0
    days = days_short if days_short < 4.0 else 4.0
    return worst + (1.0 - days / 4.0) * (1.0 - worst)


@step(arithmetic=FUSED)
def transpire(s, watered):  # type: ignore[no-untyped-def]
    """Set EVWMX, EVSMX, TRAMX, RFTRA and TRA of the day for a block.

    Where ``watered``, soil moisture stands at field capacity by definition (potential production): no stress.
    """
    for i in range(LANES):
        kdif = s[R.KDIF * LANES + i]
        et0 = s[R.ET0 * LANES + i]
        cfet = s[R.CFET * LANES + i]
        evw, evs, tra = potential(
            s[R.E0 * LANES + i],
            s[R.ES0 * LANES + i],
            et0,
            s[R.LAI * LANES + i],
            kdif,
            cfet,
            s[R.CO2_TRANSPIRATION * LANES + i],
        )
        up = s[R.UP * LANES + i] > 0.5
        tra = tra if up else 0.0
        s[R.EVWMX * LANES + i] = evw if up else s[R.E0 * LANES + i]
        s[R.EVSMX * LANES + i] = evs if up else s[R.ES0 * LANES + i]
        s[R.TRAMX * LANES + i] = tra
        s[R.RFTRA * LANES + i] = 1.0
        s[R.TRA * LANES + i] = tra
    if watered:
        return
    for i in range(LANES):
        crop = s[R.CFET * LANES + i] * s[R.ET0 * LANES + i]
        crop = crop if crop > 0.0 else 0.0
        sm = s[R.SM * LANES + i]
        dry = water_stress(sm, s[R.SMW * LANES + i], s[R.SMFCF * LANES + i], crop, s[R.DEPNR * LANES + i])
        wet = oxygen_stress(sm, s[R.SM0 * LANES + i], s[R.CRAIRC * LANES + i], s[R.DSOS * LANES + i])
        wet = wet if s[R.AIR_MATTERS * LANES + i] > 0.5 else 1.0
        s[R.RFTRA * LANES + i] = wet * dry
        s[R.TRA * LANES + i] = s[R.TRAMX * LANES + i] * (wet * dry)
