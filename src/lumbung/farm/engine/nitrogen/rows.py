"""Rows that WOFOST 8.1 adds to a block, after those of 7.2. Published symbols; kg N/ha, kg N/ha/d."""

from __future__ import annotations

from lumbung.farm.engine import rows as R

# The maximum concentration of leaves takes the place of AMAXTB among the pieces: in 8.1 AMAX follows from leaf nitrogen.
NMAXLV_Y, NMAXLV_S = R.AMAX_Y, R.AMAX_S

# Parameters of the variety.
CROP_FIRST = R.ROWS
(
    AMAX_LNB, AMAX_REF, AMAX_SLP,  # leaf nitrogen without assimilation [kg/ha], highest AMAX [kg/ha/h], slope [kg/h/kg]
    KN,  # extinction of nitrogen in the canopy [-]
    CO2_AMAX,  # factor of carbon dioxide on AMAX [-]
    NMAXST_FR, NMAXRT_FR, NMAXSO,  # maximum concentrations: of stems and roots relative to leaves [-], storage [kg/kg]
    NRESIDLV, NRESIDST, NRESIDRT,  # concentrations below which nothing is translocated [kg/kg]
    DVS_N_TRANSL, TCNT,  # stage at which translocation begins [-], its time coefficient [d]
    NFIX_FR, RNUPTAKEMAX,  # share of demand that is fixed [-], highest uptake from the soil
    RGRLAI_FED, RGRLAI_MIN,  # relative growth of young leaf area, well fed and starved [1/C/d]
    REALLOC_DVS, REALLOC_LEAF_FRACTION, REALLOC_STEM_FRACTION, REALLOC_LEAF_RATE, REALLOC_STEM_RATE,
    REALLOC_EFFICIENCY,
) = range(CROP_FIRST, CROP_FIRST + 23)  # fmt: skip
CROP_PARAMETERS = 23

# Nitrogen in soil: what a season is given, then what there is.
SITE_FIRST = CROP_FIRST + 23
(
    NSOILBASE, NSOILBASE_FR, BG_N_SUPPLY, UNLIMITED,  # the last: 1 where soil never runs short
    NAVAIL, NSOIL,
) = range(SITE_FIRST, SITE_FIRST + 6)  # fmt: skip
SITE_NUMBERS = 6

_STATE = SITE_FIRST + 6
(
    NLV, NST, NSO, NRT,  # in leaves, stems, storage organs, roots
    NUPTAKE_T, NFIX_T, NLOSS_T, FERT_T, BG_T, NCROP_START, NSOIL_START,  # totals, and what there was at the start
    NMAXLV,  # of the day [kg/kg]
    NDEM_LV, NDEM_ST, NDEM_SO, NDEM_RT, NDEM,
    RNUP, RNFIX, RNUP_LV, RNUP_ST, RNUP_SO, RNUP_RT,
    RNTR, RNTR_LV, RNTR_ST, RNTR_RT,
    RNDIE_LV, RNDIE_ST, RNDIE_RT,
    FERT, RNSOIL,
    LV_SET_ASIDE, ST_SET_ASIDE,  # dry matter that may be reallocated [kg/ha], -1 before the stage that decides it
    LV_REALLOCATED, ST_REALLOCATED, REALLOC_LV, REALLOC_ST, REALLOC_SO,
) = range(_STATE, _STATE + 39)  # fmt: skip
ROWS = _STATE + 39

# What a season reports beyond rows.SUMMARY and rows.DAILY, by the names of WOFOST where it has one.
SUMMARY = (
    "NuptakeTotal", "NfixTotal", "NlossesTotal", "NamountLV", "NamountST", "NamountSO", "NamountRT", "NAVAIL", "NSOIL",
    "FERTILISER", "BACKGROUND", "NCROP_START", "NSOIL_START",
)  # fmt: skip
DAILY = (
    "NAVAIL", "NSOIL", "Ndemand", "NamountLV", "NamountST", "NamountSO", "NamountRT", "NuptakeTotal", "NfixTotal",
    "NlossesTotal", "RFTRA", "WLV", "WST", "WRT", "CTRAT", "CEVST",
)  # fmt: skip
