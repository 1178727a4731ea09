"""Day length, sun height and diffuse light of a day.

Sources: Spitters, Toussaint & Goudriaan (1986), Agric. For. Meteorol. 38, 217-229, for the diffuse fraction and
the daily integrals; Goudriaan & van Laar (1994), ch. 3; WOFOST 7.2 system description (de Wit et al. 2020), sec. 3.
"""

from __future__ import annotations

from math import asin, cos, pi, sin, sqrt

from lumbung.kernels.compiling import inlined

_RADIAN = pi / 180.0
_TWILIGHT = -4.0  # degrees: sun height that still counts for photoperiod


@inlined
def declination(day_of_year: float) -> float:
    """Return the sun's declination [rad]."""
    return -asin(sin(23.45 * _RADIAN) * cos(2.0 * pi * (day_of_year + 10.0) / 365.0))


@inlined
def solar_constant(day_of_year: float) -> float:
    """Return the light above the atmosphere on a surface facing the sun [J/m2/s]."""
    return 1370.0 * (1.0 + 0.033 * cos(2.0 * pi * day_of_year / 365.0))


@inlined
def day_length(sine: float, cosine: float, height: float) -> float:
    """Return the hours the sun stands above ``height`` [deg]; sine and cosine are SINLD and COSLD of the day."""
    aob = (sine - sin(height * _RADIAN)) / cosine
    if aob > 1.0:
        return 24.0
    if aob < -1.0:
        return 0.0
    return 12.0 * (1.0 + 2.0 * asin(aob) / pi)


@inlined
def diffuse_fraction(transmission: float) -> float:
    """Return the diffuse share of daily global radiation (Spitters et al. 1986, eq. 2)."""
    if transmission > 0.75:
        return 0.23
    if transmission > 0.35:
        return 1.33 - 1.46 * transmission
    if transmission > 0.07:
        return 1.0 - 2.3 * (transmission - 0.07) ** 2
    return 1.0


@inlined
def sun(day_of_year: float, latitude: float, irradiation: float) -> tuple[float, ...]:
    """Return the day's astronomy.

    Parameters
    ----------
    day_of_year
        1 to 366.
    latitude
        [deg], north positive.
    irradiation
        Global radiation [J/m2/d].

    Returns
    -------
    tuple of float
        DAYL day length [h]; DAYLP photoperiod, sun above -4 degrees [h]; SINLD, COSLD seasonal offset and amplitude
        of the sine of sun height [-]; DIFPP diffuse light perpendicular to the sun [J/m2/s]; ATMTR atmospheric
        transmission [-]; DSINBE effective integral of sun height [s]; ANGOT radiation above the atmosphere [J/m2/d].
    """
    dec = declination(day_of_year)
    constant = solar_constant(day_of_year)
    sinld = sin(_RADIAN * latitude) * sin(dec)
    cosld = cos(_RADIAN * latitude) * cos(dec)
    aob = sinld / cosld
    dayl = day_length(sinld, cosld, 0.0)
    root = sqrt(1.0 - aob * aob) if abs(aob) <= 1.0 else 0.0
    square = sinld * sinld + cosld * cosld * 0.5
    dsinb = 3600.0 * (dayl * sinld + 24.0 * cosld * root / pi)
    dsinbe = 3600.0 * (dayl * (sinld + 0.4 * square) + 12.0 * cosld * (2.0 + 3.0 * 0.4 * sinld) * root / pi)
    angot = constant * dsinb
    atmtr = irradiation / angot if dayl > 0.0 else 0.0
    difpp = diffuse_fraction(atmtr) * atmtr * 0.5 * constant
    return dayl, day_length(sinld, cosld, _TWILIGHT), sinld, cosld, difpp, atmtr, dsinbe, angot
