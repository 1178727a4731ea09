"""Official yields bring the level: what was put in is found again, few years are drawn to the others, and bands stay honest."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from lumbung import farm
from lumbung.cli.farm import command
from lumbung.farm.calendar.official import (
    OfficialError,
    at_official_level,
    levels,
    read_official,
    simulated_by_year,
)
from lumbung.farm.calendar.season import Site, grow_ensembles, outlook_of

HYDERABAD = farm.hyderabad()


def made_up(true: dict[str, float], years: dict[str, int], noise: float, seed: int) -> tuple[dict, dict]:
    """Official yields that are a known share of the simulated ones, with noise between years."""
    rng = np.random.default_rng(seed)
    simulated = {r: {2000 + k: float(rng.uniform(6000, 9000)) for k in range(20)} for r in true}
    official = {
        r: {
            2000 + k: simulated[r][2000 + k] * true[r] * float(np.exp(rng.normal(0, noise)))
            for k in range(years[r])
        }
        for r in true
    }
    return official, simulated


def test_levels_are_found_again_and_few_years_are_drawn_to_the_rest() -> None:
    true = {"A": 0.55, "B": 0.62, "C": 0.70, "D": 0.58}
    official, simulated = made_up(true, {"A": 15, "B": 15, "C": 15, "D": 15}, 0.05, 1)
    for region, level in levels(official, simulated).items():
        assert level.ratio == pytest.approx(true[region], rel=0.05) and level.spread == pytest.approx(
            0.05, abs=0.02
        )
    # One odd year of a region is not believed; fifteen are.
    odd = {**official, "D": {2000: simulated["D"][2000] * 0.9}}
    level = levels(odd, simulated)["D"]
    assert level.alone == pytest.approx(0.9) and 0.6 < level.ratio < 0.89 and level.years == 1
    without = levels(official, {**simulated, "E": {2001: 7000.0}})["E"]
    assert without.years == 0 and 0.55 < without.ratio < 0.70 and np.isnan(without.alone)
    assert without.spread > levels(official, simulated)["A"].spread


def test_shrinking_errs_less_than_each_region_alone() -> None:
    """Over many made-up countries, two years a region: what shrinkage is for."""
    shrunk, alone = [], []
    for seed in range(60):
        rng = np.random.default_rng(seed)
        true = {f"R{k}": float(0.6 * np.exp(rng.normal(0, 0.06))) for k in range(8)}
        found = levels(*made_up(true, dict.fromkeys(true, 2), 0.12, 100 + seed))
        shrunk += [np.log(found[r].ratio / true[r]) for r in true]
        alone += [np.log(found[r].alone / true[r]) for r in true]
    assert np.sqrt(np.mean(np.square(shrunk))) < 0.8 * np.sqrt(np.mean(np.square(alone)))


def test_a_calendar_at_the_official_level_keeps_its_dates_and_widens_its_band(tmp_path: Path) -> None:
    site = Site(
        "x",
        17.4,
        78.5,
        HYDERABAD,
        farm.soil("EC3"),
        (farm.variety("IR64"),),
        habitual=18,
        pond=farm.Pond(),
        region="T",
    )
    plain = grow_ensembles([site], range(2001, 2009))[0]
    grown = simulated_by_year([plain], 0)
    assert set(grown) == set(range(2001, 2009))
    official = {"T": {year: 0.6 * value for year, value in grown.items()}}
    level = at_official_level([plain], official, 0)[0]
    assert level.level is not None and level.level.ratio == pytest.approx(0.6)
    before, after = outlook_of(plain), outlook_of(level)
    assert after.expected == pytest.approx(0.6 * before.expected)
    assert (after.model_error > 0.6 * before.model_error).all()
    assert (after.risk >= before.risk - 1e-12).all()
    with pytest.raises(OfficialError, match="no region has official and simulated yields of the same year"):
        at_official_level([replace(plain, site=replace(site, region="elsewhere"))], official, 0)
    table, statistics = tmp_path / "sites.csv", tmp_path / "bps.csv"
    table.write_text("lokasi,kabupaten,varietas,irigasi,kebiasaan\nA,T,IR64,ya,07-01\nB,T,IR64,tidak,07-01\n")
    statistics.write_text(
        "Kabupaten/Kota;Tahun;Produktivitas (ku/ha)\n" + "".join(f"T;{y};55,3\n" for y in range(2002, 2007))
    )
    assert read_official(statistics)["T"][2003] == pytest.approx(5530 * 0.86)
    done = CliRunner().invoke(
        command,
        [
            "calendar",
            str(table),
            "--official",
            str(statistics),
            "--years",
            "2001-2008",
            "--out",
            str(tmp_path / "out"),
        ],
    )
    assert done.exit_code == 0, done.output
    assert "at the level of official ones" in done.stdout
    rows = (tmp_path / "out" / "decisions.csv").read_text().splitlines()
    assert float(rows[1].split(",")[rows[0].split(",").index("level")]) < 0.8


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a,b,c\n", "expected the columns region, year and yield"),
        ("region,year,yield\nA,x,5\n", "line 2"),
        ("region,year,yield\nA,2001,55\nA,2001,56\n", "line 3: A 2001 stands in the table already"),
        ("region,year,yield\nA,2001,-5\n", "above 0"),
        ("region,year,yield\n", "no yield below it"),
    ],
)
def test_official_yields_that_are_none_are_refused(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "official.csv"
    path.write_text(text)
    with pytest.raises(OfficialError, match=said):
        read_official(path)
