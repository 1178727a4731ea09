"""Maintenance respiration: what living tissue burns before anything grows.

Source: Penning de Vries & van Laar (1982), Simulation of plant growth and crop production; Spitters et al. (1989).
"""

from __future__ import annotations

from lumbung.kernels.compiling import FUSED, inlined


@inlined(arithmetic=FUSED)
def temperature_factor(temperature: float, q10: float) -> float:
    """Return TEFF [-]: respiration rises by the factor q10 with ten degrees, and is 1 at 25 degrees."""
    factor: float = q10 ** ((temperature - 25.0) / 10.0)
    return factor


@inlined(arithmetic=FUSED)
def maintenance(
    wrt: float,
    wlv: float,
    wst: float,
    wso: float,
    rmr: float,
    rml: float,
    rms: float,
    rmo: float,
    senescence: float,
    teff: float,
) -> float:
    """Return PMRES [kg CH2O/ha/d].

    Parameters
    ----------
    wrt, wlv, wst, wso
        Living dry matter of roots, leaves, stems, storage organs [kg/ha].
    rmr, rml, rms, rmo
        Relative maintenance rates at 25 degrees [kg CH2O/kg/d].
    senescence
        RFSE of the development stage [-].
    teff
        :func:`temperature_factor` of the day [-].
    """
    return (rmr * wrt + rml * wlv + rms * wst + rmo * wso) * senescence * teff
