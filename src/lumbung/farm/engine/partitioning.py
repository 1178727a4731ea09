"""Growth: what remains after maintenance becomes dry matter, divided among the organs by development stage.

Source: van Diepen et al. (1989); Penning de Vries et al. (1989), for the conversion efficiencies.
"""

from __future__ import annotations

from lumbung.farm.engine import rows as R
from lumbung.farm.engine.afgen import line
from lumbung.farm.engine.leaves import growth_and_death
from lumbung.farm.engine.respiration import maintenance
from lumbung.farm.engine.roots import deepening
from lumbung.farm.engine.rows import LANES
from lumbung.kernels.compiling import FUSED, inlined, step


@inlined(arithmetic=FUSED)
def conversion(
    fr: float,
    fl: float,
    fs: float,
    fo: float,
    per_cvl: float,
    per_cvs: float,
    per_cvo: float,
    per_cvr: float,
) -> float:
    """Return CVF, dry matter made from a kilogram of assimilates at this partitioning [kg/kg].

    ``per_cvl`` and its like are reciprocals of the organs' conversion efficiencies.
    """
    return 1.0 / ((fl * per_cvl + fs * per_cvs + fo * per_cvo) * (1.0 - fr) + fr * per_cvr)


@step(arithmetic=FUSED)
def grow_organs(s):  # type: ignore[no-untyped-def]
    """Set the day's growth and death rates of all organs for a block, from PGASS and RFTRA."""
    for i in range(LANES):
        up = s[R.UP * LANES + i]
        x = s[R.DVS * LANES + i] - s[R.X_LEFT * LANES + i]
        fr = s[R.FR * LANES + i]
        fl = s[R.FL * LANES + i]
        fs = s[R.FS * LANES + i]
        fo = s[R.FO * LANES + i]
        wrt = s[R.WRT * LANES + i]
        wst = s[R.WST * LANES + i]
        gass = s[R.PGASS * LANES + i] * s[R.RFTRA * LANES + i] * up
        burnt = maintenance(
            wrt,
            s[R.WLV * LANES + i],
            wst,
            s[R.WSO * LANES + i],
            s[R.RMR * LANES + i],
            s[R.RML * LANES + i],
            s[R.RMS * LANES + i],
            s[R.RMO * LANES + i],
            s[R.RFSE_Y * LANES + i] + s[R.RFSE_S * LANES + i] * x,
            s[R.TEFF * LANES + i],
        )
        burnt = burnt if burnt < gass else gass
        dmi = (gass - burnt) * conversion(
            fr,
            fl,
            fs,
            fo,
            s[R.PER_CVL * LANES + i],
            s[R.PER_CVS * LANES + i],
            s[R.PER_CVO * LANES + i],
            s[R.PER_CVR * LANES + i],
        )
        admi = (1.0 - fr) * dmi
        s[R.GASS * LANES + i] = gass
        s[R.MRES * LANES + i] = burnt
        s[R.DMI * LANES + i] = dmi
        s[R.GRRT * LANES + i] = fr * dmi
        s[R.DRRT * LANES + i] = wrt * (s[R.RDRR_Y * LANES + i] + s[R.RDRR_S * LANES + i] * x) * up
        s[R.RR * LANES + i] = (
            deepening(s[R.RD * LANES + i], s[R.RDM * LANES + i], s[R.RRI * LANES + i], fr) * up
        )
        s[R.GRST * LANES + i] = admi * fs
        s[R.DRST * LANES + i] = wst * (s[R.RDRS_Y * LANES + i] + s[R.RDRS_S * LANES + i] * x) * up
        s[R.GRSO * LANES + i] = admi * fo
        grlv = admi * fl
        slat, glaiex, dslv = growth_and_death(
            grlv,
            s[R.SLA_Y * LANES + i] + s[R.SLA_S * LANES + i] * x,
            s[R.WLV * LANES + i],
            s[R.LAI * LANES + i],
            s[R.LAIEXP * LANES + i],
            s[R.KDIF * LANES + i],
            s[R.RFTRA * LANES + i],
            s[R.RGRLAI * LANES + i],
            s[R.PERDL * LANES + i],
            s[R.DTEFF * LANES + i],
        )
        s[R.GRLV * LANES + i] = grlv
        s[R.SLAT * LANES + i] = slat
        s[R.GLAIEX * LANES + i] = glaiex * up
        s[R.DSLV * LANES + i] = dslv * up


@step(arithmetic=FUSED)
def partition(s):  # type: ignore[no-untyped-def]
    """Set FR, FL, FS, FO of the new development stage for a block; before emergence they stay as at sowing."""
    for i in range(LANES):
        x = s[R.DVS * LANES + i] - s[R.X_LEFT * LANES + i]
        up = s[R.UP * LANES + i] > 0.5
        fr = line(
            s[R.FR_Y * LANES + i],
            s[R.FR_S * LANES + i],
            s[R.DVS * LANES + i] - s[R.FR_LEFT * LANES + i],
        )
        fl = s[R.FL_Y * LANES + i] + s[R.FL_S * LANES + i] * x
        fs = s[R.FS_Y * LANES + i] + s[R.FS_S * LANES + i] * x
        fo = s[R.FO_Y * LANES + i] + s[R.FO_S * LANES + i] * x
        s[R.FR * LANES + i] = fr if up else s[R.FR * LANES + i]
        s[R.FL * LANES + i] = fl if up else s[R.FL * LANES + i]
        s[R.FS * LANES + i] = fs if up else s[R.FS * LANES + i]
        s[R.FO * LANES + i] = fo if up else s[R.FO * LANES + i]
