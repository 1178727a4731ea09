"""Records say in a line what they are, go to xarray and pandas with their units, and draw what a picture tells better."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import matplotlib
import matplotlib.axes
import matplotlib.figure
import numpy as np
import pytest
import xarray

from lumbung import connectivity, farm, talent
from lumbung.farm.engine import rows as R
from lumbung.farm.engine.nitrogen import rows as N
from lumbung.farm.growing.columns import attributes
from lumbung.proving.standing import Refusal, Row, Standing

matplotlib.use("Agg")
WEATHER = farm.hyderabad()


@pytest.fixture(scope="module")
def harvest() -> farm.Harvest:
    return farm.grow(WEATHER, "IR72", "EC3", ["2003-07-01", "2004-07-01"], production="paddy", daily=True)


@pytest.fixture(scope="module")
def ensemble() -> farm.Ensemble:
    site = farm.Site("Hyderabad", 17.4, 78.3, WEATHER, farm.soil("EC3"), (farm.variety("IR72"),))
    return farm.grow_ensembles([site], range(2001, 2006), first_period=15, count=6)[0]


def axes() -> matplotlib.axes.Axes:
    return matplotlib.figure.Figure().add_subplot()


def test_every_column_of_a_harvest_has_a_unit_and_a_meaning() -> None:
    for name in (*R.SUMMARY, *R.DAILY, *N.SUMMARY, *N.DAILY, "LANDPREP"):
        about = attributes(name)
        assert about["units"] and about["long_name"]


def test_a_harvest_as_tables_holds_what_the_columns_hold(harvest: farm.Harvest) -> None:
    dataset, frame = harvest.to_xarray(), harvest.to_pandas()
    for name, values in harvest.columns.items():
        assert np.array_equal(dataset[name], values, equal_nan=True)
        assert np.array_equal(frame[name], values, equal_nan=True)
    assert list(frame.index) == list(harvest.start) and frame.attrs["units"]["RAINT"] == "cm"
    by_day, daily = harvest.to_xarray(daily=True), harvest.to_pandas(daily=True)
    for season in range(2):
        table = harvest.daily_table(season)
        assert np.array_equal(daily.loc[season]["LAI"], table["LAI"])
        assert np.array_equal(by_day["LAI"][season, : len(table["LAI"])], table["LAI"])
    with pytest.raises(farm.SeasonError, match="daily=True"):
        replace(harvest, daily=None).to_pandas(daily=True)


def test_weather_is_read_again_from_the_netcdf_that_it_wrote(tmp_path: Path) -> None:
    made = replace(WEATHER.part(0, 60), generated=True)
    made.to_xarray().to_netcdf(tmp_path / "weather.nc")
    back = farm.grid_cell(tmp_path / "weather.nc", made.latitude, made.longitude, elevation=made.elevation)
    for name in ("tmin", "tmax", "irradiation", "vapour_pressure", "wind", "rain"):
        assert np.allclose(getattr(back, name), getattr(made, name)), name
    assert back.generated and back.first_day == made.first_day
    assert all(variable.attrs["units"] for variable in made.to_xarray().data_vars.values())


def test_pictures_name_what_they_show_and_its_unit(harvest: farm.Harvest, ensemble: farm.Ensemble) -> None:
    grown = harvest.plot(axes=axes())
    assert grown.get_ylabel() == "total weight of storage organs [kg ha-1]" and len(grown.lines) == 2
    assert replace(harvest, daily=None).plot("RAINT", axes=axes()).get_ylabel() == "total rain [cm]"
    starts = ensemble.plot(axes=axes())
    assert [tick.get_text() for tick in starts.get_xticklabels()][:2] == ["1 Jun", "11 Jun"]
    assert np.array_equal(starts.lines[0].get_ydata(), np.median(ensemble.yields[0], axis=1))
    unlucky = replace(ensemble, yields=np.full_like(ensemble.yields, np.nan))
    with pytest.raises(ValueError, match="no season could be grown"):
        unlucky.plot(axes=axes())
    weather = replace(WEATHER, generated=True)
    told = replace(ensemble, site=replace(ensemble.site, weather=weather)).plot(axes=axes()).get_title()
    assert "generated" in told


def test_a_calibration_as_a_table_and_as_curves() -> None:
    chance = np.random.default_rng(1)
    answers = (
        chance.random((300, 4)) < 1 / (1 + np.exp(-(chance.normal(size=(300, 1)) - [-1, 0, 0, 1])))
    ) * 1
    answers[:, 2] = 0  # nobody gets it right: no parameters, no curve
    for model in ("2pl", "3pl"):
        calibration = talent.calibrate(answers, model)
        frame = calibration.to_pandas()
        assert list(frame.index) == list(calibration.items.names) and np.isnan(frame["slope"].iloc[2])
        assert ("guessing" in frame) is (model == "3pl")
        curves = calibration.plot(axes=axes()).lines
        assert len(curves) == 3 and all((np.diff(curve.get_ydata()) > 0).all() for curve in curves)
    graded = talent.calibrate(
        np.digitize(chance.normal(size=(400, 3)) + chance.normal(size=(400, 1)), [-1, 1]), "grm"
    )
    assert {"difficulty 1", "difficulty 2 (se)"} <= set(graded.to_pandas())
    assert graded.plot(axes=axes()).lines[0].get_ydata().max() <= 1.0


def test_a_map_goes_to_xarray_with_its_places_and_its_label() -> None:
    grid = connectivity.Grid(-8.0, 122.0, 0.002, 0.002)
    ground = connectivity.terrain(np.full((40, 40), 10.0, np.float32), grid, source="flat", generated=True)
    mast = connectivity.Site("mast", -8.02, 122.02, height=30)
    signal = connectivity.coverage_map(ground, [mast], connectivity.Carrier(frequency=900), radius=3)
    dataset = signal.to_xarray()
    loudest = dataset["rsrp"].where(dataset["rsrp"] == dataset["rsrp"].max(), drop=True)
    assert (
        abs(float(loudest.latitude[0]) + 8.02) < 0.003 and abs(float(loudest.longitude[0]) - 122.02) < 0.003
    )
    assert dataset.attrs["generated"] == 1 and "generated" in signal.plot(axes=axes()).get_title()
    assert isinstance(dataset, xarray.Dataset)


def test_a_package_that_no_extra_brings_is_named() -> None:
    program = (
        "import sys; sys.modules['pandas'] = None\nfrom lumbung.faces import optional\n"
        "try: optional('pandas')\nexcept ImportError as error: print(error)"
    )
    assert "pip install pandas" in subprocess.check_output([sys.executable, "-c", program], text=True)


def test_a_line_says_what_a_record_is(harvest: farm.Harvest, ensemble: farm.Ensemble) -> None:
    with_gap = replace(WEATHER, rain=np.where(np.arange(len(WEATHER)) == 5, np.nan, WEATHER.rain))
    assert "gaps on 1 of 4018 days" in repr(with_gap)
    failed = farm.grow(WEATHER, "IR72", start=["2003-07-01", "2010-12-01"], on_fault="report")
    assert repr(failed).endswith("1 failed>")
    assert repr(farm.grow(WEATHER, "IR72", start=[])) == "<Harvest: no seasons>"
    only = farm.grow(WEATHER, "IR72", start="2003-07-01", columns=["DOM"])
    assert repr(only) == "<Harvest: seasons 1, 2003-07-01>"
    unlucky = replace(ensemble, yields=np.full_like(ensemble.yields, np.nan))
    assert "no season grown" in repr(unlucky) and "no season grown" in repr(farm.outlook_of(unlucky))
    assert repr(farm.Soil("bare", {})) == "<Soil 'bare': nothing stated>"
    for record in (harvest, ensemble, farm.outlook_of(ensemble), farm.decide(ensemble), WEATHER):
        assert "\n" not in repr(record) and len(repr(record)) < 160


def test_a_standing_reads_as_a_table() -> None:
    def row(name: str, mean: float, few: bool) -> Row:
        low, high = (None, None) if few else (mean - 1.25, mean + 1.25)
        return Row(name, "sha256:0", mean, low, high, 1, 1, 2, mean, "", {}, 5, few)

    rows = row("max-pressure", 31.5, False), row("mine", 33.0, True)
    shown = repr(Standing("resco", "delay", "lower", 0.95, True, rows, (Refusal("old", "untrusted"),)))
    assert shown.splitlines() == [
        "<Standing of resco by delay, lower is better",
        "  1-2  max-pressure  31.5 [30.25, 32.75]",
        "  1-2  mine          33",
        "  refused: old (untrusted)>",
    ]
