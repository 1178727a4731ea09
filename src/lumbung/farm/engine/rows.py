"""The rows of a block: one flat array of ``ROWS * LANES`` numbers, one row per quantity, one lane per season.

One array and constant offsets let LLVM prove that a loop over the lanes has no aliasing, and run it eight seasons
at a time. Published symbols keep their names; units are WOFOST's: kg/ha, cm, cm/d, degrees Celsius, days.
"""

from __future__ import annotations

LANES = 16  # seasons a block grows side by side

# Weather of the day, from the tables of daily terms, in the order in which those tables hold them.
(
    BEAM_0, BEAM_1, BEAM_2,  # KDIRBL / KDIF at the three hours [-]
    DIFFUSE_0, DIFFUSE_1, DIFFUSE_2,  # (1 - REFS) PARDIF [J/m2/s]
    DIRECT_0, DIRECT_1, DIRECT_2,  # (1 - REFS) PARDIR KDIRT / KDIF [J/m2/s]
    SCATTER_0, SCATTER_1, SCATTER_2,  # (1 - SCV) PARDIR KDIRBL / KDIF [J/m2/s]
    DAYL_CH2O,  # DAYL * 30 / 44 [h]
    E0, ES0, ET0, RAIN,  # [cm/d]
    TAV, TMAX,  # mean and highest temperature [C]
) = range(19)  # fmt: skip
WEATHER_TERMS = 19
# Terms of weather and variety.
(
    DTSUM_TABLE,  # daily increase of the temperature sum [C]
    DTSUME,  # the same before emergence [C]
    TMPF, EFF,  # factor on AMAX [-], light-use efficiency [kg/ha/h/(J/m2/s)]
    TMNF,  # factor of the last seven nights [-]
    TEFF,  # factor of temperature on maintenance [-]
    DTEFF,  # temperature above TBASE [C]
    VERNR_TABLE, DVRED,  # vernalisation rate [d/d], photoperiod reduction [-]
) = range(WEATHER_TERMS, WEATHER_TERMS + 9)  # fmt: skip
CROP_TERMS = 9

# Pieces of the tables of development stage: value and slope in turn, in the order of pieces().
X_LEFT, X_RIGHT = WEATHER_TERMS + CROP_TERMS, WEATHER_TERMS + CROP_TERMS + 1
(
    AMAX_Y, AMAX_S, KDIF_Y, KDIF_S, RFSE_Y, RFSE_S, SLA_Y, SLA_S, RDRR_Y, RDRR_S, RDRS_Y, RDRS_S,
    FR_Y, FR_S, FL_Y, FL_S, FS_Y, FS_S, FO_Y, FO_S, SSA_Y, SSA_S,
    FR_LEFT,  # the x to which the line of FR alone refers
) = range(X_RIGHT + 1, X_RIGHT + 24)  # fmt: skip
PIECE_WIDTH = 25
EXACT_TABLE = 6  # FRTB: roots stop where their share is exactly zero
STAGE_TABLES = (
    "AMAXTB",
    "KDIFTB",
    "RFSETB",
    "SLATB",
    "RDRRTB",
    "RDRSTB",
    "FRTB",
    "FLTB",
    "FSTB",
    "FOTB",
    "SSATB",
)

# Parameters of the variety.
_FIRST = FR_LEFT + 1
(
    TSUMEM, TSUM1, TSUM2, DVSI, DVSEND, VERNBASE, VERNSAT, VERNDVS, VERNALISES,
    TDWI, RGRLAI, PERDL, SPA, PER_CVL, PER_CVO, PER_CVR, PER_CVS, RMR, RML, RMS, RMO,
    RDI, RRI, RDMCR, CFET, DEPNR, CO2_TRANSPIRATION, AIR_MATTERS,
    COLD_BELOW, HEAT_MIDDLE,  # what makes spikelets sterile [C]; see sterility.py
) = range(_FIRST, _FIRST + 30)  # fmt: skip
CROP_FIRST, CROP_PARAMETERS = _FIRST, 30

# Parameters of the soil with its site, and of the management.
_SOIL = _FIRST + 30
(
    SMW, SMFCF, SM0, CRAIRC, SOPE, KSUB, RDMSOL, IFUNRN, NOTINF, SSI, SSMAX, SMLIM, WAV,
    PAN_DEPTH, PUDDLED_PERCOLATION, BUND,
) = range(_SOIL, _SOIL + 16)  # fmt: skip
SOIL_FIRST, SOIL_PARAMETERS = _SOIL, 16

# State of the crop and the day's rates.
_STATE = _SOIL + 16
(
    STAGE,  # 0 emerging, 1 vegetative, 2 reproductive, 3 mature
    UP,  # 1 once emerged, else 0
    AGE_DAYS,  # days since emergence, which the mean of night temperatures needs
    DVS, VERN, VERNALISED, VERNFAC, DOE, DOA, DOM, DOV,
    KDIF, AMAX, FR, FL, FS, FO,
    WRT, DWRT, WST, DWST, WSO, WLV, DWLV, RD, RDM, SAI, PAI, LASUM, LAI, LAIMAX, LAIEXP,
    TAGP, GASST, MREST, CTRAT, CEVST,
    PGASS, GASS, MRES, DMI, GRRT, DRRT, RR, GRST, DRST, GRSO, GRLV, SLAT, DSLV, DRLV, GLAIEX,
    EVWMX, EVSMX, TRAMX, TRA, RFTRA,
    COLDTT, HEAT_SUM, HEAT_DAYS,  # cold [C d]; sum of highest temperatures [C] and days around anthesis
) = range(_STATE, _STATE + 60)  # fmt: skip

# Water.
_WATER = _STATE + 60
(
    SM, SS, W, WLOW, DSOS, DSLR, RIN_BEFORE, RD_BEFORE, RAIN_BEFORE, RIRR,
    EVS, EVW, PERC, LOSS, RIN, DW, DWLOW, DSS, DTSR,
    WTRAT, EVST, EVWT, TSR, RAINT, TOTINF, TOTIRR, LOSST, WATER_START,
    POND_LOW, POND_HIGH, POND_UNTIL,  # rule of a flooded field: refill below [cm], up to [cm], until stage [-]
    SUPPLY,  # most that the rule may take on the day [cm]
) = range(_WATER, _WATER + 32)  # fmt: skip
ROWS = _WATER + 32

# What a season reports, in the order of the kernel's report. Dates are days since the season's start, -1 if never.
SUMMARY = (
    "STATUS", "DURATION", "DVS", "DOE", "DOA", "DOM", "DOV", "TAGP", "TWSO", "TWLV", "TWST", "TWRT", "LAIMAX", "RD",
    "CTRAT", "CEVST", "GASST", "MREST", "SM", "WWLOW", "SS", "RAINT", "TOTIRR", "TOTINF", "WTRAT", "EVST", "EVWT",
    "TSR", "LOSST", "WATER_START", "FERTILITY", "GRAIN",
)  # fmt: skip
DAILY = (
    "DVS", "LAI", "TAGP", "TWSO", "TWLV", "TWST", "TWRT", "TRA", "RD", "SM", "WWLOW", "W", "WLOW", "EVS", "SS",
    "GASS", "MRES", "DMI", "RIRR",
)  # fmt: skip

POTENTIAL, WATER_LIMITED, PADDY = 0, 1, 2
# How a season ended.
MATURE, ENDED, NO_WEATHER, REFUSED = 0, 1, 2, 3
