"""Ducting and layer reflection: the short times when the air carries a signal far beyond the horizon.

Recommendation ITU-R P.1812-6, Annex 1, section 4.5, equations (46) to (56a).
"""

from __future__ import annotations

import math

from lumbung.kernels.compiling import FINITE, inlined
from lumbung.kernels.elementary import exp, log10, power, tanh


@inlined(arithmetic=FINITE)
def _horizon_shielding(theta: float, distance: float, f: float) -> float:
    """Return the shielding by the ground near one terminal [dB], equation (48)."""
    above = max(theta - 0.1 * distance, 0.0)
    cube_root = power(f, 1.0 / 3.0)
    return 20.0 * log10(1.0 + 0.361 * above * math.sqrt(f * distance)) + 0.264 * above * cube_root


@inlined(arithmetic=FINITE)
def _coast_coupling(coast: float, horizon: float, omega: float, height: float) -> float:
    """Return the over-sea surface duct coupling correction of one terminal [dB], equation (49)."""
    # The share is a sum over points: a path that is three quarters sea must not depend on its rounding.
    applies = coast <= 5.0 and coast <= horizon and omega >= 0.75 - 1e-9
    correction = -3.0 * exp(-0.25 * coast * coast) * (1.0 + tanh(0.07 * (50.0 - height)))
    return correction if applies else 0.0


@inlined(arithmetic=FINITE)
def ducting_loss(
    f: float, p: float, ae: float, d: float, dlt: float, dlr: float, dct: float, dcr: float, tau: float,
    hts: float, hrs: float, hte: float, hre: float, hm: float, theta_t: float, theta_r: float, omega: float,
    b0: float,
) -> float:  # fmt: skip
    """Return the basic transmission loss of ducting and layer reflection Lba [dB], equation (46).

    Distances in km, heights in m, horizon angles in mrad, f in GHz, p and b0 in percent, tau of equation (3).
    """
    low_band = 45.375 - 137.0 * f + 92.5 * f * f if f < 0.5 else 0.0
    coupling = (
        102.45
        + 20.0 * log10(f * (dlt + dlr))
        + low_band
        + _horizon_shielding(theta_t, dlt, f)
        + _horizon_shielding(theta_r, dlr, f)
        + _coast_coupling(dct, dlt, omega, hts)
        + _coast_coupling(dcr, dlr, omega, hrs)
    )
    gamma_d = 5e-5 * ae * power(f, 1.0 / 3.0)
    theta = 1e3 * d / ae + min(theta_t, 0.1 * dlt) + min(theta_r, 0.1 * dlr)
    alpha = max(-0.6 - 3.5e-9 * power(d, 3.1) * tau, -3.4)
    roots = math.sqrt(hte) + math.sqrt(hre)
    mu2 = min(power(500.0 / ae * (d / roots) * (d / roots), alpha), 1.0)
    between = min(d - dlt - dlr, 40.0)
    mu3 = exp(-4.6e-5 * (hm - 10.0) * (43.0 + 6.0 * between)) if hm > 10.0 else 1.0
    beta = max(b0 * mu2 * mu3, 1e-300)
    log_beta = log10(beta)
    gamma = (
        1.076
        / power(2.0058 - log_beta, 1.012)
        * exp(-(9.51 - 4.8 * log_beta + 0.198 * log_beta * log_beta) * 1e-6 * power(d, 1.13))
    )
    log_ratio = log10(p) - log_beta
    ap = -12.0 + (1.2 + 3.7e-3 * d) * log_ratio + 12.0 * exp(log_ratio * math.log(10.0) * gamma)
    return coupling + gamma_d * theta + ap
