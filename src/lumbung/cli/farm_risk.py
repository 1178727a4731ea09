"""``lumbung farm risk``: how the chance of failure rises with cold at flowering and with dry soil at the start."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from lumbung.cli.language import language
from lumbung.proving.text import Text

if TYPE_CHECKING:
    from lumbung.farm.calendar.risk_curves import RiskCurve
    from lumbung.farm.weather import Weather

BAD_INPUT, PLATFORM = 2, 3
_COLD = Text(
    "{variety}, irrigated, from {start}, {years} years; ten days around flowering set to",
    "{variety}, beririgasi, mulai {start}, {years} tahun; sepuluh hari di sekitar pembungaan bersuhu",
    "{variety}，灌溉，{start} 起，{years} 年；开花前后十天的平均气温设为",
)
_DRY = Text(
    "{variety}, rainfed on {soil}, from {start}, {years} years; water above wilting point at the start",
    "{variety}, tadah hujan pada {soil}, mulai {start}, {years} tahun; air di atas titik layu saat mulai",
    "{variety}，雨养，土壤 {soil}，{start} 起，{years} 年；起始时凋萎点以上的水量",
)
_MEAN = Text("mean kg/ha", "rata-rata kg/ha", "均值 公斤/公顷")
_RISK = Text(
    "chance of less than {failure:g} kg/ha",
    "peluang di bawah {failure:g} kg/ha",
    "低于 {failure:g} 公斤/公顷的概率",
)
_GENERATED = Text(
    "generated weather: nobody measured it",
    "cuaca bangkitan: bukan hasil pengukuran",
    "生成气象数据（非实测）",
)


@click.command()
@click.option("--weather", default="hyderabad", show_default=True,
              help="A weather file or folder, or hyderabad (measured), monsoonal, equatorial, local (generated).")  # fmt: skip
@click.option("--rice", default="IR64", show_default=True, help="Variety that meets the cold.")
@click.option("--rice-start", default="07-01", show_default=True, metavar="MM-DD")
@click.option("--crop", default="Grain_maize_205", show_default=True, help="Variety that meets the drought.")
@click.option("--crop-start", default="05-21", show_default=True, metavar="MM-DD")
@click.option("--soil", default="EC3", show_default=True)
@click.option(
    "--failure", default=2000.0, show_default=True, help="A season that brings less [kg/ha] has failed."
)
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), help="Draw both curves there (SVG).")
@click.option("--json", "as_json", is_flag=True, help="Print the curves as JSON.")
def risk(
    weather: str,
    rice: str,
    rice_start: str,
    crop: str,
    crop_start: str,
    soil: str,
    failure: float,
    out: Path | None,
    as_json: bool,
) -> None:
    """Print how the chance of failure rises with cold at flowering and with dry soil at the start."""
    from lumbung.farm.calendar.risk_curves import cold_at_flowering, dry_at_start, risk_picture, starts_in
    from lumbung.farm.growing.crop_parameters import variety
    from lumbung.farm.growing.soil_parameters import soil as known_soil

    try:
        record, ground = _record(weather), known_soil(soil)
        grower, grown = variety(rice), variety(crop)
        cold = cold_at_flowering(record, grower, ground, starts_in(record, *_day(rice_start)), failure)
        dry = dry_at_start(record, grown, ground, starts_in(record, *_day(crop_start)), failure)
    except (ValueError, OSError) as error:
        click.echo(f"error: {error}", err=True)
        raise SystemExit(BAD_INPUT) from None
    if out is not None:
        try:
            out.parent.mkdir(parents=True, exist_ok=True)
            out.write_text(
                risk_picture(
                    cold, dry, grower.name, grown.name, ground.name, failure, record.generated, language()
                ),
                encoding="utf-8",
            )
        except OSError as error:
            click.echo(f"error: cannot write {out}: {error}", err=True)
            raise SystemExit(PLATFORM) from None
    if as_json:
        click.echo(
            json.dumps(
                {"cold": _as_json(cold), "dry": _as_json(dry), "generated": record.generated}, indent=1
            )
        )
        return
    shown = language()
    for curve, said, unit, words in (
        (cold, _COLD, "C", {"variety": grower.name, "start": rice_start}),
        (dry, _DRY, "mm", {"variety": grown.name, "start": crop_start, "soil": ground.name}),
    ):
        click.echo(said.in_language(shown).format(years=curve.years, **words))
        click.echo("  " + unit.ljust(34) + "".join(f"{at:>8g}" for at in curve.at))
        click.echo("  " + _padded(_MEAN.in_language(shown)) + "".join(f"{mean:>8.0f}" for mean in curve.mean))
        label = _RISK.in_language(shown).format(failure=failure)
        click.echo("  " + _padded(label) + "".join(f"{share:>8.0%}" for share in curve.risk))
    click.echo(_GENERATED.in_language(shown) if record.generated else record.source)


def _padded(label: str) -> str:
    """Return a label filled up to 34 columns, Chinese characters counting two."""
    wide = sum(2 if ord(c) > 0x2E80 else 1 for c in label)
    return label + " " * max(34 - wide, 1)


def _record(name: str) -> Weather:
    from lumbung.farm.weather import climates, fill_gaps, generate_weather, hyderabad, read_weather

    if name.lower() == "hyderabad":
        return hyderabad()
    if name in climates():
        return generate_weather(climates()[name], 1991, 31, seed=0)
    return fill_gaps(read_weather(Path(name)))


def _day(text: str) -> tuple[int, int]:
    parts = text.split("-")
    if (
        len(parts) != 2
        or not all(part.isdigit() for part in parts)
        or not (1 <= int(parts[0]) <= 12 and 1 <= int(parts[1]) <= 28)
    ):
        raise ValueError(f"expected a date as 07-01 (month, day up to 28), found {text!r}")
    return int(parts[0]), int(parts[1])


def _as_json(curve: RiskCurve) -> dict[str, object]:
    return {
        "at": curve.at.tolist(),
        "mean": [round(float(mean)) for mean in curve.mean],
        "risk": [round(float(share), 3) for share in curve.risk],
        "years": curve.years,
    }
