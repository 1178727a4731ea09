"""What the columns of a harvest are: unit (as UDUNITS and the CF conventions spell it) and meaning, by WOFOST name."""

from __future__ import annotations

_WEIGHT, _WATER, _NITROGEN, _DAY, _PURE = "kg ha-1", "cm", "kg ha-1", "d", "1"
_RATE = "kg ha-1 d-1"

_COLUMNS: dict[str, tuple[str, str]] = {
    "STATUS": (_PURE, "how the season ended: 0 mature, 1 ended, 2 weather missing, 3 refused"),
    "DURATION": (_DAY, "days from the start to the end of the season"),
    "DVS": (_PURE, "development stage: 0 emergence, 1 anthesis, 2 maturity"),
    "DOE": (_DAY, "day of emergence after the start"),
    "DOA": (_DAY, "day of anthesis after the start"),
    "DOM": (_DAY, "day of maturity after the start"),
    "DOV": (_DAY, "day of vernalisation after the start"),
    "TAGP": (_WEIGHT, "total above-ground production"),
    "TWSO": (_WEIGHT, "total weight of storage organs"),
    "TWLV": (_WEIGHT, "total weight of leaves"),
    "TWST": (_WEIGHT, "total weight of stems"),
    "TWRT": (_WEIGHT, "total weight of roots"),
    "GRAIN": (_WEIGHT, "storage organs without sterile spikelets"),
    "FERTILITY": (_PURE, "share of fertile spikelets relative to the usual"),
    "LAI": (_PURE, "leaf area index"),
    "LAIMAX": (_PURE, "highest leaf area index"),
    "RD": ("cm", "rooting depth"),
    "GASST": (_WEIGHT, "total gross assimilation, as CH2O"),
    "MREST": (_WEIGHT, "total maintenance respiration, as CH2O"),
    "GASS": (_RATE, "gross assimilation, as CH2O"),
    "MRES": (_RATE, "maintenance respiration, as CH2O"),
    "DMI": (_RATE, "increase in dry matter"),
    "CTRAT": (_WATER, "total transpiration of the crop"),
    "CEVST": (_WATER, "total evaporation from emergence on"),
    "SM": (_PURE, "volumetric soil moisture of the rooted zone"),
    "WWLOW": (_WATER, "water in the whole profile"),
    "W": (_WATER, "water in the rooted zone"),
    "WLOW": (_WATER, "water below the roots"),
    "SS": (_WATER, "water standing on the field"),
    "RAINT": (_WATER, "total rain"),
    "TOTIRR": (_WATER, "total irrigation"),
    "TOTINF": (_WATER, "total infiltration"),
    "WTRAT": (_WATER, "total transpiration in the water balance"),
    "EVST": (_WATER, "total evaporation from soil"),
    "EVWT": (_WATER, "total evaporation from open water"),
    "TSR": (_WATER, "total surface runoff"),
    "LOSST": (_WATER, "total percolation out of the profile"),
    "WATER_START": (_WATER, "water at the start"),
    "LANDPREP": (_WATER, "water that saturated an irrigated paddy before its start"),
    "TRA": ("cm d-1", "transpiration"),
    "EVS": ("cm d-1", "evaporation from soil"),
    "RIRR": ("cm d-1", "irrigation"),
    "RFTRA": (_PURE, "actual over potential transpiration"),
    "WLV": (_WEIGHT, "weight of living leaves"),
    "WST": (_WEIGHT, "weight of living stems"),
    "WRT": (_WEIGHT, "weight of living roots"),
    "NuptakeTotal": (_NITROGEN, "nitrogen taken up"),
    "NfixTotal": (_NITROGEN, "nitrogen fixed"),
    "NlossesTotal": (_NITROGEN, "nitrogen in dead tissue"),
    "NamountLV": (_NITROGEN, "nitrogen in leaves"),
    "NamountST": (_NITROGEN, "nitrogen in stems"),
    "NamountSO": (_NITROGEN, "nitrogen in storage organs"),
    "NamountRT": (_NITROGEN, "nitrogen in roots"),
    "NAVAIL": (_NITROGEN, "nitrogen available in the soil"),
    "NSOIL": (_NITROGEN, "nitrogen bound in the soil"),
    "Ndemand": (_RATE, "demand for nitrogen"),
    "FERTILISER": (_NITROGEN, "nitrogen recovered from fertiliser"),
    "BACKGROUND": (_NITROGEN, "nitrogen from the air and irrigation water"),
    "NCROP_START": (_NITROGEN, "nitrogen in the crop at the start"),
    "NSOIL_START": (_NITROGEN, "nitrogen in the soil at the start"),
}


def attributes(name: str) -> dict[str, str]:
    """Return the CF attributes ``units`` and ``long_name`` of a column."""
    units, long_name = _COLUMNS[name]
    return {"units": units, "long_name": long_name}
