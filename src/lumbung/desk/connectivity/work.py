"""Coverage and plans as jobs. Coverage is shown coarse first and then cell by cell; a plan while it is searched."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from lumbung.desk.jobs.folder import Job
from lumbung.desk.jobs.progress import JobError, Progress
from lumbung.proving.run_folder import write_whole

if TYPE_CHECKING:
    from lumbung.connectivity.radio.coverage import CoverageMap
    from lumbung.desk.connectivity.levels import Level
    from lumbung.desk.connectivity.region import Region

COARSE = 16
"""Cells apart of the first picture; the second is a preview of every cell, the last has a link for each."""
_SECONDS = 30.0


def coverage(job: Job, progress: Progress) -> None:
    """Compute what the towers of a job reach.

    Writes ``area.json`` once the input is read, ``layer.json`` and its picture at each finer step, and at the end
    ``villages.json`` and the files that ``lumbung connectivity cover`` writes.

    Raises
    ------
    JobError
    """
    from lumbung.connectivity.radio.coverage import coverage_map, on_cells, reception, service
    from lumbung.connectivity.radio.kept_losses import KeptLosses
    from lumbung.connectivity.radio.preview import preview
    from lumbung.desk.connectivity.levels import keeper, strongest
    from lumbung.desk.connectivity.overlay import classes
    from lumbung.desk.connectivity.region import read_region

    progress.stage("reading")
    region = read_region(job)
    if not region.towers:
        raise JobError("towers")
    sent = region.carrier, region.budget
    progress.stage("coarse", len(region.towers))
    drawn = coverage_map(
        region.ground, region.towers, *sent, model=region.model, radius=region.radius, every=COARSE
    )
    _write_layer(job, region, (drawn.rsrp, drawn.grid), "coarse")
    _write_area(job, region)
    progress.ready()
    previews = []
    for site in region.towers:
        previews.append(
            preview(
                region.ground, site, *sent, model=region.model, radius=region.radius,
                classes=partial(classes, threshold=region.threshold),
            )
        )  # fmt: skip
        progress.advance()
    _write_layer(job, region, strongest(previews), "preview")
    heard = None
    if region.demand is not None:
        pairs = service(
            region.ground, region.towers, on_cells(region.demand, region.ground), *sent, model=region.model,
            radius=region.radius,
        )  # fmt: skip
        heard = reception(pairs, threshold=region.threshold, known=region.known)
        _write_villages(job, region, heard)
    progress.stage("towers", len(region.towers))
    kept = KeptLosses(job.work / "losses", region.ground)
    fine = coverage_map(
        region.ground, region.towers, *sent, model=region.model, radius=region.radius, kept=kept,
        progress=progress.advance, each=keeper(job, region),
    )  # fmt: skip
    _write_layer(job, region, (fine.rsrp, fine.grid), "exact")
    progress.stage("writing")
    _write_files(job, region, fine, heard)
    kept.forget()
    progress.ready()


def plan(job: Job, progress: Progress) -> None:
    """Choose where the next towers of a job should stand.

    Writes ``area.json`` once the input is read, and at the end ``plan.json`` with the files that ``lumbung connectivity plan``
    writes.

    Raises
    ------
    JobError
    """
    from lumbung.connectivity.radio.coverage import on_cells
    from lumbung.connectivity.siting.backhaul import Rules
    from lumbung.connectivity.siting.instances import SitingError
    from lumbung.connectivity.siting.plan_files import write_plan
    from lumbung.connectivity.siting.reach import heard, heard_from, places_of
    from lumbung.connectivity.siting.study import Goal, Inputs, options_of
    from lumbung.connectivity.siting.study import plan as choose
    from lumbung.desk.connectivity.region import read_region

    progress.stage("reading")
    region = read_region(job)
    if not region.candidates:
        raise JobError("candidates")
    if region.demand is None or region.known is None:
        raise JobError("villages")
    _write_area(job, region)
    progress.ready()
    progress.stage("links")
    there = on_cells(region.demand, region.ground)
    rest = (
        region.known,
        region.ground,
        region.carrier,
        region.budget,
        region.model,
        region.radius,
        region.threshold,
    )
    choices = options_of(region.candidates)
    cover = heard([region.candidates[k].at(height) for k, height in choices], there, *rest)
    inputs = Inputs(
        region.candidates, region.demand, places_of(region.towers), region.fibre, choices, cover,
        heard_from(region.towers, there, *rest), region.has_costs, 0.0, Rules(), region.ground,
        f"at least {region.threshold:g} dBm RSRP of LTE at {region.carrier.frequency:g} MHz by ITU-R P.1812",
        region.notes, region.towers,
    )  # fmt: skip
    options = job.order().options
    goal = Goal(options.get("sites"), options.get("budget"), None)
    progress.stage("searching", int(_SECONDS))

    def watch(stage: Any, _knowledge: Any) -> None:
        job.write_result("search.json", {"value": stage.value, "bound": stage.bound})
        progress.advance(max(int(stage.seconds) - progress.state.done, 0))

    try:
        answer = choose(inputs, goal, _SECONDS, checkpoint=job.work / "search", watch=watch)
    except SitingError as error:
        raise JobError("options", str(error)) from None
    progress.stage("writing")
    write_plan(job.result, inputs, answer)
    progress.ready()


def warm(_job: Job, _progress: Progress) -> None:
    """Compile what coverage needs: one tower, few cells."""
    from lumbung.connectivity.engine.cellular import Budget, Carrier
    from lumbung.connectivity.radio.coverage import coverage_map
    from lumbung.connectivity.radio.generated_towers import generated_towers
    from lumbung.connectivity.siting.generated_study import generated_study

    ground, demand, *_rest = generated_study(1)
    coverage_map(ground, generated_towers(ground, demand, 1), Carrier(), Budget(), radius=3.0, every=8)


def _write_area(job: Job, region: Region) -> None:
    from lumbung.desk.connectivity.overlay import CLASSES, COLOURS, relief
    from lumbung.desk.connectivity.region import village_rows

    picture, edges = relief(region.ground)
    write_whole(job.result / "ground.png", picture)
    job.write_result(
        "area.json",
        {
            "ground": edges,
            "bounds": list(region.ground.bounds), "cell_m": round(region.ground.cell_metres), "terrain": region.ground.source,
            "generated": region.generated, "radius_km": region.radius, "threshold": region.threshold,
            "frequency": region.carrier.frequency, "classes": [*CLASSES, region.threshold], "colours": COLOURS,
            "towers": [{"id": t.id, "latitude": t.latitude, "longitude": t.longitude, "height": t.height} for t in region.towers],
            "villages": village_rows(region.demand), "candidates": len(region.candidates), "notes": region.notes,
            "set_aside": list(region.demand.set_aside) if region.demand else [],
        },
    )  # fmt: skip


def _write_layer(job: Job, region: Region, level: Level, how: str) -> None:
    from lumbung.desk.connectivity.overlay import overlay

    picture, bounds = overlay(*level, region.threshold)
    write_whole(job.result / f"layer-{how}.png", picture)
    job.write_result("layer.json", {"picture": f"layer-{how}.png", "bounds": bounds, "how": how})


def _write_villages(job: Job, region: Region, heard: Any) -> None:
    demand = region.demand
    assert demand is not None  # there is reception only where there are villages
    job.write_result(
        "villages.json",
        [
            {
                "served": bool(heard.served[k]), "known": bool(heard.predicted[k]),
                "tower": region.towers[heard.server[k]].id if heard.server[k] >= 0 else "",
                "rsrp": round(float(heard.rsrp[k]), 1) if heard.server[k] >= 0 else None,
                "rate": round(float(heard.rate[k]), 2),
            }
            for k in range(demand.size)
        ],
    )  # fmt: skip


def _write_files(job: Job, region: Region, drawn: CoverageMap, heard: Any) -> None:
    from lumbung.connectivity.files.map_files import write_geojson, write_geotiff, write_kml, write_villages

    for name, values, unit in (
        ("rsrp", drawn.rsrp, "dBm"),
        ("sinr", drawn.sinr, "dB"),
        ("throughput", drawn.throughput, "Mbit/s"),
    ):
        write_geotiff(
            job.result / f"{name}.tif", values, drawn.grid, label=drawn.label, quantity=name, unit=unit
        )
    rest = drawn, region.towers, region.demand, heard, region.threshold
    write_geojson(job.result / "coverage.geojson", *rest)
    write_kml(job.result / "coverage.kml", *rest)
    if region.demand is not None:
        write_villages(job.result / "villages.csv", region.demand, heard, region.towers, region.ground.label)
