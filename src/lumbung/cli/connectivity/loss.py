"""``lumbung connectivity loss PROFILE.csv``: one path, every term."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from lumbung.connectivity.files.profile_files import Profile, ReferenceCase
    from lumbung.connectivity.radio.path_loss import PathReport

# What a reader wants first, in the order the signal meets it.
_TABLE = (
    ("lbfs", "free space"),
    ("lb0p", "line of sight, with focusing"),
    ("lbulla_50", "terrain edge (Bullington), median"),
    ("lbulls_50", "the same over the smooth Earth"),
    ("ldsph_50", "curved Earth"),
    ("ld50", "diffraction, median"),
    ("ldp", "diffraction, at p % of time"),
    ("lbs", "troposcatter"),
    ("lba", "ducting and layer reflection"),
    ("lbam", "diffraction and ducting combined"),
    ("lbc", "all mechanisms combined"),
    ("lb", "basic transmission loss"),
)


@click.command()
@click.argument("profile", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--frequency", type=float, help="Frequency [MHz].")
@click.option("--transmitter-height", type=float, help="Transmitting antenna above ground [m].")
@click.option("--receiver-height", default=1.5, show_default=True, help="Receiving antenna above ground [m].")
@click.option(
    "--time", "time_percentage", default=50.0, show_default=True, help="Percentage of time [%], 1 to 50."
)
@click.option("--places", default=50.0, show_default=True, help="Percentage of places [%].")
@click.option("--sigma", default=0.0, show_default=True, help="Location variability [dB].")
@click.option(
    "--polarization", type=click.Choice(["vertical", "horizontal"]), default="vertical", show_default=True
)
@click.option(
    "--latitude", type=float, help="Latitude of the path centre [deg]; by default the file's, else 0."
)
@click.option(
    "--dn", type=float, help="Refractivity lapse rate [N-units/km]; by default the file's, else 45."
)
@click.option("--n0", type=float, help="Sea-level refractivity [N-units]; by default the file's, else 325.")
@click.option("--second-opinion", is_flag=True, help="Also the median loss by Longley-Rice (bare ground).")
@click.option("--json", "as_json", is_flag=True, help="Print every term for machines.")
def command(
    profile: Path,
    frequency: float | None,
    transmitter_height: float | None,
    receiver_height: float,
    time_percentage: float,
    places: float,
    sigma: float,
    polarization: str,
    latitude: float | None,
    dn: float | None,
    n0: float | None,
    second_opinion: bool,
    as_json: bool,
) -> None:
    """Print the basic transmission loss of the path in PROFILE and what it is made of.

    PROFILE is a table with the columns distance_km and height_m (and, if known, clutter_m and zone), or a
    file in ITU's layout. Of the latter the links it lists are computed, unless --frequency and
    --transmitter-height say otherwise.
    """
    from lumbung.connectivity.files.profile_files import ProfileFileError, read_profile, report_of_case
    from lumbung.connectivity.radio.path_loss import PathError, path_report

    results: list[tuple[ReferenceCase | None, PathReport]] = []
    try:
        path = read_profile(profile)
        if frequency is None and transmitter_height is None and path.cases:
            results = [(case, report_of_case(path, case)) for case in path.cases]
        elif frequency is None or transmitter_height is None:
            raise PathError(
                "give --frequency [MHz] and --transmitter-height [m]; this file lists no links of its own"
            )
        else:
            report = path_report(
                path.distance,
                path.height,
                frequency=frequency,
                transmitter_height=transmitter_height,
                receiver_height=receiver_height,
                clutter=path.clutter,
                zone=path.zone,
                time_percentage=time_percentage,
                location_percentage=places,
                location_sigma=sigma,
                polarization="vertical" if polarization == "vertical" else "horizontal",
                latitude=latitude if latitude is not None else path.latitude or 0.0,
                dn=dn if dn is not None else path.dn,
                n0=n0 if n0 is not None else path.n0,
            )
            results = [(None, report)]
    except (ProfileFileError, PathError) as error:
        click.echo(str(error), err=True)
        sys.exit(2)
    others: list[float | None] = [None] * len(results)
    if second_opinion:
        link = (frequency or 0.0, transmitter_height or 0.0, receiver_height, polarization)
        others = [_longley_rice(path, link, case) for case, _ in results]
    if as_json:
        rows = [_for_machines(*row, other) for row, other in zip(results, others, strict=True)]
        click.echo(json.dumps({"profile": path.name, "paths": rows}))
        return
    _print_profile(path)
    for (case, report), other in zip(results, others, strict=True):
        _print_report(case, report)
        if other is not None:
            click.echo(f"  {'second opinion: Longley-Rice, median':<36}{other:9.3f} dB")


def _longley_rice(path: Profile, link: tuple[float, float, float, str], case: ReferenceCase | None) -> float:
    """Return the median loss by Longley-Rice over the same ground, brought to even spacing."""
    import numpy as np

    from lumbung.connectivity.engine.longley_rice import longley_rice_loss

    if case is not None:
        link = (case.frequency, case.transmitter_height, case.receiver_height, case.polarization)
    even = np.linspace(0.0, path.distance[-1], path.distance.size)
    return longley_rice_loss(
        np.interp(even, path.distance, path.height),
        float(even[1]) * 1000.0,
        frequency=link[0],
        transmitter_height=link[1],
        receiver_height=link[2],
        polarization="vertical" if link[3] == "vertical" else "horizontal",
        n0=min(max(path.n0, 250.0), 400.0),
    )


def _for_machines(case: ReferenceCase | None, report: PathReport, other: float | None) -> dict[str, object]:
    link: dict[str, object] = {}
    if case is not None:
        link = {
            "frequency_mhz": case.frequency,
            "transmitter_height_m": case.transmitter_height,
            "receiver_height_m": case.receiver_height,
            "polarization": case.polarization,
            "time_percentage": case.time_percentage,
            "reference_loss_db": case.loss,
        }
    return {
        **link,
        "loss_db": report.loss,
        **({} if other is None else {"longley_rice_db": other}),
        "field_strength_dbuv_m": report.field_strength,
        "losses": report.losses,
        "geometry": report.geometry,
        "zones": report.zones,
    }


def _print_profile(path: Profile) -> None:
    click.echo(
        f"{path.name}: {path.distance[-1]:.2f} km, {path.distance.size} points, ground "
        f"{path.height.min():.0f} to "
        f"{path.height.max():.0f} m, DN {path.dn:g}, N0 {path.n0:g}"
    )


def _print_report(case: ReferenceCase | None, report: PathReport) -> None:
    if case is not None:
        click.echo(
            f"\n{case.frequency:g} MHz, {case.transmitter_height:g} m to {case.receiver_height:g} m, "
            f"{case.polarization}, {case.time_percentage:g} % of time (reference {case.loss:.3f} dB)"
        )
    for name, words in _TABLE:
        click.echo(f"  {words:<36}{report.losses[name]:9.3f} dB  {name.split('_')[0]}")
    click.echo(f"  {'field strength of 1 kW':<36}{report.field_strength:9.3f} dB(uV/m)")
