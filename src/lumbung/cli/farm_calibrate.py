"""``lumbung farm calibrate``: fit a variety to trials, and say how wrong it is on a trial it has not seen."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from lumbung.farm.growing.calibration import Fitted, Guess
    from lumbung.farm.growing.trials import Plot
    from lumbung.farm.weather import Weather

BAD_INPUT, PLATFORM = 2, 3
WIDE = 140


@click.command()
@click.argument("trials", type=click.Path(path_type=Path, exists=True))
@click.option(
    "--weather",
    "folder",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="Folder of the weather files that the trials name; the folder of the trials where not given.",
)
@click.option("--base", default="IR72", show_default=True, help="Variety whose other parameters are taken.")
@click.option(
    "--out",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write the fitted varieties there (WOFOST YAML), for the column varieties of a calendar.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
def calibrate(trials: Path, folder: Path | None, base: str, out: Path | None, as_json: bool) -> None:
    """Fit phenology, then yield, to TRIALS, and leave each trial out in turn to see the error.

    TRIALS is a folder of DSSAT experiments (.RIX with its .RIA), or a table (CSV, semicolons, xlsx) with the columns

    \b
      trial, cultivar   names
      weather           file below --weather, without its ending
      planted           day of transplanting, or of sowing where seedling_age is 0
      seedling_age      days in the nursery
      yield             dry grain [kg/ha]
      biomass, anthesis, maturity, nitrogen
                        may be empty; of each trial only plots with the most nitrogen are used

    Trials must be irrigated: the fit is to potential production.
    """
    from lumbung.farm.growing import calibration
    from lumbung.farm.growing.crop_parameters import VarietyError, variety
    from lumbung.farm.growing.trials import TrialError, read_trials, trials_of, well_fed
    from lumbung.farm.weather import WeatherError

    try:
        start = variety(base)
        plots = read_trials(trials)
        used = trials_of(well_fed(plots))
        weathers = _weathers(used, folder or (trials if trials.is_dir() else trials.parent))
        fitted = calibration.fit(used, weathers, start)
        guesses = calibration.leave_one_out(used, weathers, start) if len({t.trial for t in used}) > 1 else []
    except (TrialError, VarietyError, WeatherError) as error:
        click.echo(f"error: {error}", err=True)
        raise SystemExit(BAD_INPUT) from None
    silences = _silences(used, guesses)
    if as_json:
        click.echo(json.dumps(_as_json(fitted, guesses, silences), indent=1))
    else:
        click.echo(
            f"{len(plots)} plots read, {len(used)} trials used (means of the plots with the most nitrogen)"
        )
        _print(used, fitted, guesses)
        for silence in silences:
            click.echo(f"not told by these trials: {silence}")
    if out is not None:
        try:
            _write(out, fitted)
        except OSError as error:
            click.echo(f"error: cannot write {out}: {error}", err=True)
            raise SystemExit(PLATFORM) from None
        names = "; ".join(f"{out.name}#{cultivar}" for cultivar in fitted.sums)
        click.echo(f"{out} written; in a table of sites beside it: {names}", err=True)


def _weathers(trials: Sequence[Plot], folder: Path) -> dict[str, Weather]:
    from lumbung.farm.growing.trials import TrialError
    from lumbung.farm.weather import fill_gaps, read_weather

    found: dict[str, Weather] = {}
    for name in dict.fromkeys(t.weather for t in trials):
        files = sorted(
            p
            for p in folder.iterdir()
            if p.stem.lower() == name.lower() and not p.suffix.upper().endswith(("X", "A", "T"))
        )
        if not files:
            raise TrialError(f"{folder}: no weather file called {name}")
        found[name] = fill_gaps(read_weather(files[0]))
    return found


def _band(guesses: Sequence[Guess]) -> tuple[int, int]:
    """Count trials whose measured yield lies in the 80 percent band made from the errors on the others."""
    from statistics import NormalDist

    from lumbung.farm.growing.calibration import rmse

    reach = NormalDist().inv_cdf(0.9)
    inside = 0
    for guess in guesses:
        others = [g for g in guesses if g.trial.trial != guess.trial.trial]
        inside += abs(guess.error) <= reach * rmse(others)
    return inside, len(guesses)


def _silences(trials: Sequence[Plot], guesses: Sequence[Guess]) -> list[str]:
    """Say what the data cannot tell."""
    import numpy as np

    single = sorted({t.cultivar for t in trials if sum(u.cultivar == t.cultivar for u in trials) == 1})
    said = []
    if single:
        said.append(
            f"how {', '.join(single)} would do elsewhere; each has one trial, so its sums repeat that season"
        )
    if not any(np.isfinite(t.biomass) for t in trials):
        said.append("biomass")
    if len({t.weather[:4] for t in trials}) < 3:
        said.append("other climates; there are fewer than three stations")
    said.append("what drought, hunger and pests take: plots were irrigated and fed")
    if len(guesses) < 10:
        said.append(
            f"the error itself, to better than about {100 / (2 * max(len(guesses), 1)) ** 0.5:.0f} %: there are {len(guesses)} trials left out"
        )
    return said


def _print(trials: Sequence[Plot], fitted: Fitted, guesses: Sequence[Guess]) -> None:
    from rich import box
    from rich.console import Console
    from rich.table import Table

    from lumbung.farm.growing.calibration import rmse

    console = Console(width=None if sys.stdout.isatty() else WIDE)
    table = Table(box=box.SIMPLE, pad_edge=False, padding=(0, 1, 0, 0), title="fitted", title_justify="left")
    for title in ("cultivar", "trials", "TSUM1 C d", "TSUM2 C d"):
        table.add_column(title, justify="left" if title == "cultivar" else "right")
    for cultivar, (first, second) in fitted.sums.items():
        table.add_row(
            cultivar, str(sum(t.cultivar == cultivar for t in trials)), f"{first:.0f}", f"{second:.0f}"
        )
    console.print(table)
    click.echo(
        f"factor on AMAXTB {fitted.factor:.3f} (the trials alone say {fitted.unshrunk:.3f}; drawn towards 1 as if by one more trial)"
    )
    if not guesses:
        click.echo("one trial: nothing can be left out, so its error is unknown")
        return
    table = Table(
        box=box.SIMPLE,
        pad_edge=False,
        padding=(0, 1, 0, 0),
        title="each trial left out",
        title_justify="left",
    )
    for title in ("trial", "cultivar", "phenology from"):
        table.add_column(title)
    for title in ("measured kg/ha", "predicted", "error", "anthesis d", "maturity d"):
        table.add_column(title, justify="right")
    for guess in guesses:
        table.add_row(
            guess.trial.trial,
            guess.trial.cultivar,
            guess.phenology,
            f"{guess.trial.grain:.0f}",
            f"{guess.grain:.0f}",
            f"{guess.error:+.0f}",
            f"{guess.anthesis:+.0f}",
            f"{guess.maturity:+.0f}",
        )
    console.print(table)
    inside, count = _band(guesses)
    click.echo(
        f"RMSE {rmse(guesses):.0f} kg/ha over {count} trials; {inside} of {count} lie in the 80 % band made from the errors of the others"
    )


def _as_json(fitted: Fitted, guesses: Sequence[Guess], silences: Sequence[str]) -> dict[str, Any]:
    from lumbung.farm.growing.calibration import rmse

    return {
        "sums": {name: {"TSUM1": round(a, 1), "TSUM2": round(b, 1)} for name, (a, b) in fitted.sums.items()},
        "factor": round(fitted.factor, 4),
        "unshrunk": round(fitted.unshrunk, 4),
        "left_out": [
            {
                "trial": g.trial.trial,
                "cultivar": g.trial.cultivar,
                "phenology": g.phenology,
                "measured": round(g.trial.grain),
                "predicted": round(g.grain),
                "anthesis": None if g.anthesis != g.anthesis else g.anthesis,
                "maturity": None if g.maturity != g.maturity else g.maturity,
            }
            for g in guesses
        ],
        "rmse": round(rmse(guesses)) if guesses else None,
        "in_band": _band(guesses)[0] if guesses else None,
        "not_told": list(silences),
    }


def _write(path: Path, fitted: Fitted) -> None:
    import yaml

    entries = {
        cultivar: {name: [value, "", ""] for name, value in fitted.variety(cultivar).parameters.items()}
        for cultivar in fitted.sums
    }
    content = {
        "Metadata": {
            "Title": f"{fitted.base.name}, fitted to {fitted.trials} trials by lumbung farm calibrate"
        },
        "CropParameters": {"Varieties": entries},
    }
    path.write_text(yaml.safe_dump(content, allow_unicode=True, sort_keys=False), encoding="utf-8")
