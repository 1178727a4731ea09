"""The response of rice to nitrogen, measured in trials and simulated: kilograms for a kilogram of nitrogen.

Run: python benchmarks/farm_nitrogen_trials.py TRIALS --weather FOLDER [--published]

TRIALS is a folder of DSSAT experiments with several doses (IRPL8501, IRPI8001, IRMZ8601, DTSP8502 are published in
DSSAT/dssat-csm-data; they are not part of this repository), FOLDER that of their weather. Rice_IR72 is the base, named beforehand; days
of flowering and ripening are fitted to each trial, yields are not. --published takes NMAXSO and REALLOC_DVS as WOFOST 8.1 publishes them
for tropical rice (0.027, never), not as in our table.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np

from lumbung.farm import read_dssat, variety
from lumbung.farm.growing.response import respond
from lumbung.farm.growing.trials import read_trials

BASE = "Rice_IR72"
PUBLISHED = {"NMAXSO": 0.027, "REALLOC_DVS": 3.0}


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("trials", type=Path)
    parser.add_argument("--weather", type=Path, required=True)
    parser.add_argument("--published", action="store_true", help="parameters of rice as published")
    choice = parser.parse_args()
    plots = read_trials(choice.trials)
    weathers = {p.weather: read_dssat(choice.weather / f"{p.weather}.WTH") for p in plots}
    fed = variety(BASE, nitrogen=True)
    fed = fed.changed(**PUBLISHED) if choice.published else fed
    print(
        f"{'trial':<9} {'cultivar':<8} {'soil':>5} {'recovery':>9}   biomass kg/kg           grain kg/kg             grain kg/ha"
    )
    print(
        f"{'':<9} {'':<8} {'kg/ha':>5} {'':>9}   measured simul. ratio   measured simul. ratio   bias    RMSE"
    )
    for r in respond(plots, weathers, variety(BASE), fed):
        off = r.simulated_grain - r.grain
        cells = []
        for what in ("biomass", "grain"):
            measured, simulated = r.slopes(what)
            cells.append(f"{measured:8.1f} {simulated:6.1f} {simulated / measured:6.2f}")
        how = "measured" if r.uptake_was_measured else "usual"
        print(
            f"{r.trial:<9} {r.cultivar:<8} {r.soil.bound:5.0f} {r.recovery:4.2f} {how:<8} {'  '.join(cells)}   "
            f"{np.nanmean(off):6.0f}  {np.sqrt(np.nanmean(off**2)):5.0f}"
        )


if __name__ == "__main__":
    main()
