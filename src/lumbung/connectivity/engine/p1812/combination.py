"""From the geometry of a path to its loss: line of sight, troposcatter, ducting and diffraction combined.

Recommendation ITU-R P.1812-6, Annex 1, sections 4.2, 4.4, 4.6 to 4.9. Everything here is free of branches
over data, so that a loop over receivers compiles to vector code.
"""

from __future__ import annotations

from typing import NamedTuple

from lumbung.connectivity.engine.p1812.climate import (
    Setting,
    beta0,
    effective_earth_radius,
    effective_earth_radius_beta,
    inland_tau,
    inverse_normal,
)
from lumbung.connectivity.engine.p1812.diffraction import (
    bullington_loss,
    delta_bullington_loss,
    spherical_earth_loss,
)
from lumbung.connectivity.engine.p1812.ducting import ducting_loss
from lumbung.kernels.compiling import FINITE, inlined
from lumbung.kernels.elementary import atan, exp, exp10, log, log10, power, tanh


class Geometry(NamedTuple):
    """What the searches over a profile found.

    d: length [km]; hts, hrs: antennas above sea level [m]; hstd, hsrd: smooth Earth below them for
    diffraction [m]; hte, hre: effective heights for ducting [m]; hm: terrain roughness [m]; dlt, dlr: horizon
    distances [km]; tan_t, tan_r: tangents of the horizon elevation angles; nu_50, nu_beta: Bullington edge
    over the terrain at the median and the beta0 effective Earth radius; smooth_50, smooth_beta: the same over
    the smooth Earth.
    """

    d: float
    hts: float
    hrs: float
    hstd: float
    hsrd: float
    hte: float
    hre: float
    hm: float
    dlt: float
    dlr: float
    tan_t: float
    tan_r: float
    nu_50: float
    nu_beta: float
    smooth_50: float
    smooth_beta: float


class Losses(NamedTuple):
    """Every term of the model [dB unless said], under the Recommendation's own names."""

    lb: float
    lbc: float
    lbs: float
    lbam: float
    lbda: float
    lminbap: float
    lba: float
    lminb0p: float
    lbd: float
    lbd50: float
    ldp: float
    ldb: float
    ld50: float
    lbulla_50: float
    lbulls_50: float
    ldsph_50: float
    lbulla_beta: float
    lbulls_beta: float
    ldsph_beta: float
    lb0b: float
    lb0p: float
    lbfs: float
    fi: float
    fj: float
    fk: float
    beta0: float
    theta: float
    theta_t: float
    theta_r: float


@inlined(arithmetic=FINITE)
def free_space_loss(f: float, d: float, hts: float, hrs: float) -> float:
    """Return the free-space loss [dB] along the slant path, equation (8)."""
    climb = (hts - hrs) * 1e-3
    return 92.4 + 20.0 * log10(f) + 10.0 * log10(d * d + climb * climb)


@inlined(arithmetic=FINITE)
def troposcatter_loss(f: float, p: float, d: float, theta: float, n0: float) -> float:
    """Return the troposcatter loss Lbs [dB], equations (44) and (45); theta in mrad."""
    half_log = log10(f * 0.5)
    lf = 25.0 * log10(f) - 2.5 * half_log * half_log
    quiet = log10(50.0 / p)
    enhancement = power(quiet, 0.7) if quiet > 0.0 else 0.0
    return 190.1 + lf + 20.0 * log10(d) + 0.573 * theta - 0.15 * n0 - 10.125 * enhancement


@inlined(arithmetic=FINITE)
def _diffraction(
    s: Setting, g: Geometry, omega: float, a: float, nu: float, smooth_nu: float
) -> tuple[float, float, float, float]:
    """Return the delta-Bullington loss at Earth radius a and its three parts [dB]."""
    actual = bullington_loss(nu, g.d)
    smooth = bullington_loss(smooth_nu, g.d)
    spherical = spherical_earth_loss(s.f, s.vertical, a, g.d, g.hts - g.hstd, g.hrs - g.hsrd, omega)
    return delta_bullington_loss(actual, smooth, spherical), actual, smooth, spherical


@inlined(arithmetic=FINITE)
def combine(
    s: Setting, g: Geometry, omega: float, dtm: float, dlm: float, dct: float, dcr: float,
    latitude: float, on_sea: float, with_beta: float,
) -> Losses:  # fmt: skip
    """Return all losses of one path.

    ``with_beta`` 0.0 leaves out diffraction at the beta0 radius, which p = 50 % does not need.
    """
    ae = effective_earth_radius(s.dn)
    tau = inland_tau(dlm)
    b0 = beta0(latitude, dtm, tau)
    theta_t = 1e3 * atan(g.tan_t)
    theta_r = 1e3 * atan(g.tan_r)
    theta = 1e3 * g.d / ae + theta_t + theta_r

    lbfs = free_space_loss(s.f, g.d, g.hts, g.hrs)
    focusing = 2.6 * (1.0 - exp(-0.1 * (g.dlt + g.dlr)))
    lb0p = lbfs + focusing * log10(s.p * 0.02)
    lb0b = lbfs + focusing * log10(b0 * 0.02)

    ld50, lbulla_50, lbulls_50, ldsph_50 = _diffraction(s, g, omega, ae, g.nu_50, g.smooth_50)
    if with_beta > 0.5:
        ldb, lbulla_beta, lbulls_beta, ldsph_beta = _diffraction(
            s, g, omega, effective_earth_radius_beta(), g.nu_beta, g.smooth_beta
        )
    else:
        ldb, lbulla_beta, lbulls_beta, ldsph_beta = ld50, lbulla_50, lbulls_50, ldsph_50
    # equation (40); at p = 50 % the Recommendation takes Ldp = Ld50 outright
    ratio = inverse_normal(s.p * 0.01) / inverse_normal(b0 * 0.01)
    fi = ratio if s.p > b0 else 1.0
    ldp = ld50 if s.p == 50.0 else ld50 + fi * (ldb - ld50)
    lbd50 = lbfs + ld50
    lbd = lb0p + ldp

    over_sea = (1.0 - omega) * ldp
    lminb0p = lbd50 + (lb0b + over_sea - lbd50) * fi if s.p >= b0 else lb0p + over_sea
    lba = ducting_loss(
        s.f, s.p, ae, g.d, g.dlt, g.dlr, dct, dcr, tau, g.hts, g.hrs, g.hte, g.hre, g.hm, theta_t, theta_r,
        omega, b0,
    )  # fmt: skip
    # equation (60), written so that no exponential overflows
    lminbap = max(lba, lb0p) + 2.5 * log(1.0 + exp(-abs(lba - lb0p) * 0.4))
    fk = 1.0 - 0.5 * (1.0 + tanh(1.5 * (g.d - 20.0) / 20.0))
    lbda = lminbap + (lbd - lminbap) * fk if lminbap <= lbd else lbd
    fj = 1.0 - 0.5 * (1.0 + tanh(2.4 * (theta - 0.3) / 0.3))
    lbam = lbda + (lminb0p - lbda) * fj
    lbs = troposcatter_loss(s.f, s.p, g.d, theta, s.n0)
    # equation (63), likewise
    lbc = min(lbs, lbam) - 5.0 * log10(1.0 + exp10(-0.2 * abs(lbs - lbam)))
    lb = max(lb0p, lbc + (0.0 if on_sea > 0.5 else s.location_loss))
    return Losses(
        lb, lbc, lbs, lbam, lbda, lminbap, lba, lminb0p, lbd, lbd50, ldp, ldb, ld50, lbulla_50, lbulls_50,
        ldsph_50, lbulla_beta, lbulls_beta, ldsph_beta, lb0b, lb0p, lbfs, fi, fj, fk, b0, theta, theta_t, theta_r,
    )  # fmt: skip


@inlined(arithmetic=FINITE)
def field_strength(f: float, loss: float) -> float:
    """Return the field strength [dB(uV/m)] for 1 kW effective radiated from an isotropic source, equation (70)."""
    return 199.36 + 20.0 * log10(f) - loss
