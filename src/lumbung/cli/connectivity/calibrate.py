"""``lumbung connectivity calibrate``: hold the model against drive tests, and an operator's claims against both."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from lumbung.cli.connectivity.air import air_options, bounds_around, ground_of, people_of, sending, towers_of
from lumbung.cli.connectivity.options import output_option, radius_option
from lumbung.cli.exits import BAD_INPUT, exits, fail

if TYPE_CHECKING:
    from lumbung.connectivity.engine.measured import Calibration
    from lumbung.connectivity.ground.terrain import Terrain
    from lumbung.connectivity.radio.drive_tests import Compared, HeldOut
    from lumbung.connectivity.radio.sites import Site

_FILE = click.Path(path_type=Path, exists=True, dir_okay=False)


@click.command(name="calibrate")
@click.option(
    "--terrain",
    "elevation",
    multiple=True,
    required=True,
    type=click.Path(path_type=Path),
    help="Elevation, as for cover.",
)
@click.option("--land-cover", type=_FILE, help="Land-cover GeoTIFF with ESA WorldCover classes.")
@click.option("--towers", required=True, type=_FILE, help="Table of towers, as for cover.")
@click.option(
    "--drive",
    required=True,
    type=_FILE,
    help="Table of measurements: lat, lon, rsrp_dbm; tower and road where known.",
)
@click.option("--villages", type=_FILE, help="Table of villages: id, name, lat, lon, population.")
@click.option(
    "--people-each",
    type=click.FloatRange(min=0.0),
    help="People per village where the table has no population column.",
)
@click.option("--claims", type=_FILE, help="What an operator says: village id, covered (yes or no).")
@click.option(
    "--sure",
    default=0.9,
    show_default=True,
    type=click.FloatRange(0.5, 0.999),
    help="From which probability a verdict is given.",
)
@air_options
@radius_option
@output_option("calibration")
@click.option("--json", "as_json", is_flag=True, help="Print the summary for machines.")  # fmt: skip
def command(**options: Any) -> None:
    """Learn from measurements how far predictions are off in the open, among low and among tall clutter, and how sure that is.

    Writes to the output folder: calibration.json, samples.csv and, with --villages, villages.csv: the calibrated level, its 90 %
    interval, the chance of --threshold, and with --claims a verdict. See docs/connectivity/calibration.md.
    """
    with exits():
        summary = _calibrate(options)
    if options["as_json"]:
        click.echo(json.dumps(summary, ensure_ascii=False))
        return
    _say(summary, options["output"])


def _calibrate(options: dict[str, Any]) -> dict[str, Any]:
    from lumbung.connectivity.files.drive_files import read_drive
    from lumbung.connectivity.radio.drive_tests import compare, held_out, learnt_from

    if options["claims"] and not options["villages"]:
        fail("--claims are about villages: give --villages too", BAD_INPUT)
    carrier, budget, model = sending(options)
    sites, said = towers_of(options, carrier, budget)
    drive = read_drive(options["drive"])
    ground = ground_of(
        options, bounds_around([s.latitude for s in sites], [s.longitude for s in sites], options["radius"])
    )
    compared = compare(
        ground, sites, drive.latitude, drive.longitude, drive.level, drive.tower, drive.road, carrier, budget, model,
        options["radius"],
    )  # fmt: skip
    learnt = learnt_from(compared)
    output: Path = options["output"]
    output.mkdir(parents=True, exist_ok=True)
    notes = [*ground.notes, *said, *drive.notes]
    if compared.sample.size < drive.size:
        notes.append(
            f"{drive.size - compared.sample.size} samples lie outside the terrain or beyond every tower's radius"
        )
    summary = _summary(ground, compared, learnt, held_out(compared), notes, list(drive.set_aside))
    if options["villages"]:
        summary |= _villages(options, ground, sites, learnt, output)
    _samples(output / "samples.csv", compared, learnt, ground.label)
    (output / "calibration.json").write_text(
        json.dumps(summary, indent=2, ensure_ascii=False), encoding="utf-8"
    )
    return summary


def _summary(
    ground: Terrain, compared: Compared, learnt: Calibration, held: HeldOut | None, notes: list[str], aside: list[str]
) -> dict[str, Any]:  # fmt: skip
    from lumbung.connectivity.radio.drive_tests import CLASSES

    return {
        "terrain": ground.label,
        "generated": ground.generated,
        "samples": int(compared.sample.size),
        "road_spread_db": round(learnt.road, 2),
        "classes": [
            {
                "class": name, "samples": int(learnt.samples[k]), "roads": int(learnt.roads[k]), "bias_db": round(float(learnt.bias[k]), 2),
                "doubt_db": round(float(learnt.doubt[k]), 2), "spread_db": round(float(learnt.spread[k]), 2),
            }
            for k, name in enumerate(CLASSES)
        ],
        "held_out": None if held is None else {
            "rmse_before_db": round(held.before, 2), "rmse_after_db": round(held.after, 2), "within_90": round(held.within, 4),
        },
        "notes": notes,
        "set_aside": aside,
    }  # fmt: skip


def _samples(path: Path, compared: Compared, learnt: Calibration, label: str) -> None:
    from lumbung.connectivity.radio.drive_tests import CLASSES

    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(
            ["sample", "class", "road", "measured_dbm", "predicted_dbm", "calibrated_dbm", "terrain"]
        )
        for k, index in enumerate(compared.sample):
            kind = int(compared.kind[k])
            writer.writerow(
                [
                    int(index) + 1, CLASSES[kind], int(compared.road[k]) + 1, round(float(compared.measured[k]), 1),
                    round(float(compared.predicted[k]), 1), round(float(compared.predicted[k] + learnt.bias[kind]), 1), label,
                ]
            )  # fmt: skip


def _villages(
    options: dict[str, Any], ground: Terrain, sites: tuple[Site, ...], learnt: Calibration, output: Path
) -> dict[str, Any]:  # fmt: skip
    from collections import Counter

    import numpy as np

    from lumbung.connectivity.files.drive_files import read_claims
    from lumbung.connectivity.people.demand import placed_on
    from lumbung.connectivity.radio.drive_tests import class_of, predicted_levels, verdict

    demand = people_of(options, ground.bounds)
    assert demand is not None  # the option is given
    demand, known = placed_on(demand, ground)
    claims = read_claims(options["claims"]) if options["claims"] else {}
    carrier, budget, model = sending(options)
    level = predicted_levels(
        ground, sites, demand.latitude, demand.longitude, (), carrier, budget, model, options["radius"]
    )
    level[~known] = -np.inf
    kind = class_of(ground, demand.latitude, demand.longitude)
    low, high = learnt.interval(level, kind)
    chance = learnt.chance(level, kind, options["threshold"])
    counted: Counter[str] = Counter()
    expected = 0.0
    with (output / "villages.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(
            ["id", "name", "people", "calibrated_dbm", "low_90_dbm", "high_90_dbm", "chance", "claimed", "verdict", "terrain"]
        )  # fmt: skip
        for k in range(demand.size):
            heard = bool(np.isfinite(level[k]))
            claimed = claims.get(demand.id[k])
            said = ""
            if claimed is not None:
                # Where the ground is not known, neither is the level.
                said = verdict(claimed, float(chance[k]), options["sure"]) if known[k] else "not settled"
            counted[said] += 1
            expected += float(chance[k]) * float(demand.people[k])
            figures = [level[k] + learnt.bias[kind[k]], low[k], high[k]]
            writer.writerow(
                [
                    demand.id[k], demand.name[k], f"{demand.people[k]:g}",
                    *(round(float(x), 1) if heard else "" for x in figures), round(float(chance[k]), 3) if known[k] else "",
                    "" if claimed is None else ("yes" if claimed else "no"), said, ground.label,
                ]
            )  # fmt: skip
    found: dict[str, Any] = {
        "people": float(demand.people.sum()),
        "people_expected": round(expected, 1),
        "threshold_dbm": options["threshold"],
    }
    if claims:
        found["verdicts"] = {said: counted[said] for said in ("holds", "does not hold", "not settled")}
        strangers = sorted(set(claims) - set(demand.id))
        if strangers:
            found["claims_without_village"] = strangers
    return found


def _say(summary: dict[str, Any], output: Path) -> None:
    click.echo(f"Terrain: {summary['terrain']}; {summary['samples']} samples")
    for row in summary["classes"]:
        click.echo(
            f"  {row['class']:>5}: measured {row['bias_db']:+.1f} dB from predicted (give or take {row['doubt_db']:.1f}), single places "
            f"scatter by {row['spread_db']:.1f} dB; {row['samples']} samples on {row['roads']} roads"
        )
    click.echo(f"  roads scatter by {summary['road_spread_db']:.1f} dB around their class")
    held = summary["held_out"]
    if held:
        click.echo(
            f"On roads left out: error {held['rmse_before_db']:.1f} dB before, {held['rmse_after_db']:.1f} dB after; "
            f"{held['within_90']:.1%} of samples within their 90 % interval"
        )
    else:
        click.echo("Too few roads to leave some out and try it on them")
    if "people_expected" in summary:
        click.echo(
            f"{summary['people_expected']:,.0f} of {summary['people']:,.0f} people can be expected to have {summary['threshold_dbm']:g} dBm"
        )
    if "verdicts" in summary:
        counts = ", ".join(f"{said} for {count}" for said, count in summary["verdicts"].items())
        click.echo(f"The operator's claim {counts} villages")
    for name in summary.get("claims_without_village", [])[:10]:
        click.echo(f"  note: the claims name {name}, which the villages' table does not hold")
    for note in summary["notes"]:
        click.echo(f"  note: {note}")
    for row in summary["set_aside"][:20]:
        click.echo(f"  set aside: {row}")
    click.echo(f"Written to {output}.")
