"""Measured rice against simulated: IRRI trials, plots with the most nitrogen, nothing tuned.

Run: python benchmarks/farm_trials.py FOLDER [--out PICTURE.png]

FOLDER holds ``trials`` (IRPI8001.RIA, IRPL8501.RIA: measured yields as DSSAT publishes them) and ``weather/dssat``. The
trials and their files are not part of this repository.

The model knows no nitrogen, so only the plots with most of it (120 kg/ha) are compared. The trials grew IR36 and IR58,
for which no WOFOST parameters are published; each is simulated with all eight IRRI parameter sets, as they stand, and
IR72 is the one named beforehand because its duration is nearest to IR36 (both about 110 days from seed). Plots are
irrigated: potential production. Transplanted rice starts at transplanting with the variety's own DVSI and TDWI; rice
sown directly has no parameters of its own, so it starts at DVS 0, five days after sowing.
"""

from __future__ import annotations

import argparse
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from lumbung.farm import Variety, Weather, WeatherError, grow, read_dssat, varieties

NAMED = "Rice_IR72"
DAYS_TO_EMERGE = 5


@dataclass(frozen=True)
class Trial:
    """A trial: which plots had most nitrogen, when and how they were planted (facts of the .RIX files)."""

    file: str
    cultivar: str
    weather: str
    planted: str
    transplanted: bool
    plots: tuple[int, ...]


TRIALS = (
    Trial("IRPI8001.RIA", "IR36", "IRPI8001.WTH", "1980-01-09", False, (1, 5, 9)),
    Trial("IRPL8501.RIA", "IR58", "IRPI8501.WTH", "1985-02-04", True, (9, 10)),
)


def measured(path: Path) -> dict[int, dict[str, float]]:
    """Return the end-of-season values of each plot: HWAM, CWAM [kg/ha], ADAT, MDAT [day of year]."""
    plots, names = {}, []
    for line in path.read_text(encoding="latin-1").splitlines():
        fields = line.split()
        if line.startswith("@TRNO"):
            names = fields[1:]
        elif names and fields and fields[0].isdigit():
            plots[int(fields[0])] = dict(zip(names, map(float, fields[1:]), strict=True))
    return plots


def start_of(trial: Trial, crop: Variety) -> tuple[np.datetime64, Variety]:
    planted = np.datetime64(trial.planted)
    if trial.transplanted:
        return planted, crop
    return planted + DAYS_TO_EMERGE, crop.changed(DVSI=0.0)


def simulate(trial: Trial, weather: Weather, crop: Variety) -> dict[str, float]:
    start, used = start_of(trial, crop)
    harvest = grow(weather, used, "EC4", start, on_fault="report", longest=200)
    year = np.datetime64(trial.planted[:4])

    def day(name: str) -> float:
        date = harvest.date(name)[0]
        return np.nan if np.isnat(date) else float((date - year.astype("datetime64[D]")).astype(int) + 1)

    return {
        "HWAM": float(harvest["TWSO"][0]),
        "CWAM": float(harvest["TAGP"][0]),
        "ADAT": day("DOA"),
        "MDAT": day("DOM"),
    }


def rmse(pairs: list[tuple[float, float]]) -> float:
    return float(np.sqrt(np.mean([(s - m) ** 2 for s, m in pairs])))


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("--out", type=Path, help="write the scatter there (PNG)")
    choice = parser.parse_args()
    crops = {name: v for name, v in varieties("rice").items() if name != "Rice_501"}
    pairs: dict[str, list[tuple[str, float, float]]] = {name: [] for name in crops}
    total: dict[str, list[tuple[float, float]]] = {name: [] for name in crops}
    print(
        f"measured and simulated with {NAMED}, kg/ha and day of year; plots with 120 kg N/ha, potential production"
    )
    print(
        f"{'trial':<9} {'plot':>4} {'cultivar':<8} {'yield':>13} {'biomass':>15} {'anthesis':>11} {'maturity':>11}"
    )
    for trial in TRIALS:
        try:
            weather = read_dssat(choice.folder / "weather/dssat" / trial.weather)
        except (WeatherError, OSError) as error:
            sys.exit(f"error: {error}")
        plots = measured(choice.folder / "trials" / trial.file)
        for name, crop in crops.items():
            s = simulate(trial, weather, crop)
            for plot in trial.plots:
                m = plots[plot]
                pairs[name].append((trial.cultivar, s["HWAM"], m["HWAM"]))
                total[name].append((s["CWAM"], m["CWAM"]))
                if name == NAMED:
                    print(
                        f"{trial.file[:8]:<9} {plot:>4} {trial.cultivar:<8} {m['HWAM']:>6.0f} {s['HWAM']:>6.0f} "
                        f"{m['CWAM']:>7.0f} {s['CWAM']:>7.0f} {m['ADAT']:>5.0f} {s['ADAT']:>5.0f} "
                        f"{m['MDAT']:>5.0f} {s['MDAT']:>5.0f}"
                    )
    print("\nRMSE over the five plots by parameter set, kg/ha (bias: simulated - measured)")
    for name in crops:
        errors = [(s, m) for _, s, m in pairs[name]]
        bias = np.mean([s - m for s, m in errors])
        print(
            f"  {name:<18} yield {rmse(errors):6.0f} (bias {bias:+6.0f})   biomass {rmse(total[name]):6.0f}"
            + ("   <- named beforehand" if name == NAMED else "")
        )
    if choice.out:
        draw(pairs, choice.out)
        print(f"scatter written to {choice.out}")


def draw(pairs: dict[str, list[tuple[str, float, float]]], out: Path) -> None:
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot as plt

    figure, axes = plt.subplots(figsize=(6, 5.6), layout="constrained")
    others = [(m, s) for name, rows in pairs.items() if name != NAMED for _, s, m in rows]
    axes.scatter(*zip(*others, strict=True), s=16, color="#c3c9d1", label="seven other IRRI parameter sets")
    for cultivar, marker, colour in (("IR36", "o", "#1b6e53"), ("IR58", "s", "#b4530a")):
        rows = [(m, s) for c, s, m in pairs[NAMED] if c == cultivar]
        axes.scatter(
            *zip(*rows, strict=True),
            s=46,
            marker=marker,
            color=colour,
            label=f"{cultivar} plots, with {NAMED}",
        )
    top = 1.05 * max(max(s, m) for rows in pairs.values() for _, s, m in rows)
    low = 4000.0
    axes.plot([low, top], [low, top], color="#555", linewidth=0.8)
    axes.annotate(
        "simulated = measured", (low + 700, low + 700), rotation=45, va="bottom", ha="center", fontsize=8
    )
    axes.set(xlim=(low, top), ylim=(low, top), aspect="equal")
    axes.set_xlabel("measured grain yield [kg/ha]")
    axes.set_ylabel("simulated grain yield [kg/ha]")
    axes.set_title("IRRI trials 1980 and 1985, 120 kg N/ha, nothing tuned", fontsize=10, loc="left")
    axes.legend(frameon=False, fontsize=8, loc="lower right")
    axes.spines[["top", "right"]].set_visible(False)
    figure.savefig(out, dpi=120)


if __name__ == "__main__":
    main()
