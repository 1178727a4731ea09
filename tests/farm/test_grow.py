"""grow(): what it refuses, how it says so, and that a bad season spoils only itself."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from lumbung.farm import (
    SeasonError,
    Soil,
    Weather,
    grow,
    hyderabad,
    read_cabo_soil,
    read_crop_yaml,
    soil,
    soils,
    varieties,
    variety,
)
from lumbung.farm.engine.parameters import ParameterError
from lumbung.farm.growing.crop_parameters import VarietyError
from lumbung.farm.growing.soil_parameters import SoilError
from lumbung.farm.weather import WeatherError

REGIONAL = (
    "Ciherang", "Inpari_32", "Situ_Bagendit", "Guang8you_305_early", "Yuliangyou_8_early", "Yuliangyou_8_late",
    "Zhaofengyou_8008_late",
)  # fmt: skip


def test_rice_that_cannot_be_sown_says_start_at_emergence() -> None:
    with pytest.raises(SeasonError, match=r"Rice_IR72 has TSUMEM = 0.*Start it at emergence"):
        grow(hyderabad(), "IR72", "EC3", "2003-07-01", sowing=True)
    assert grow(hyderabad(), "Rice_501", "EC3", "2003-07-01", sowing=True)["DOE"][0] > 0
    unsowable = [name for name, v in varieties("rice").items() if not v.can_be_sown]
    assert len(unsowable) == 8 + len(REGIONAL)


def test_bad_seasons_spoil_only_themselves() -> None:
    starts = ["2003-07-01", "1999-01-01", "2003-07-01", "2010-12-20", "2005-07-01"]
    sowing = [False, False, True, False, False]
    harvest = grow(hyderabad(), "IR72", "EC3", starts, sowing=sowing, on_fault="report")
    assert harvest.failed.tolist() == [False, True, True, True, False]
    why = dict(harvest.problems())
    assert "on its first day" in why[1] and "TSUMEM = 0" in why[2] and "days after its start" in why[3]
    good = grow(hyderabad(), "IR72", "EC3", ["2003-07-01", "2005-07-01"])
    assert harvest["TWSO"][[0, 4]].tolist() == good["TWSO"].tolist()
    assert np.isnan(harvest["TWSO"][[1, 2]]).all()


def test_a_fault_stops_unless_told_to_report() -> None:
    with pytest.raises(SeasonError, match=r"season 1: .*2 of 3 seasons.*on_fault=\"report\""):
        grow(hyderabad(), "IR72", "EC3", ["2003-07-01", "1999-01-01", "2010-12-20"])


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            {"production": "perfect"},
            "production must be one of potential, water-limited, paddy; found 'perfect'",
        ),
        ({"columns": ["YIELD"]}, "no column YIELD; there are STATUS"),
        ({"soil_index": 3}, "soil_index runs from 3 to 3, but there are 1 soil"),
        ({"longest": 0}, "longest must be at least 1 day"),
        ({"irrigation": np.ones((2, 5))}, "2 irrigation schedules given"),
        ({"on_fault": "ignore"}, "on_fault must be"),
    ],
)
def test_arguments_that_do_not_fit(options, message: str) -> None:
    with pytest.raises(SeasonError, match=message):
        grow(hyderabad(), "IR72", "EC3", "2003-07-01", **options)


def test_several_things_need_an_index() -> None:
    with pytest.raises(SeasonError, match="2 crop given: say with crop_index"):
        grow(hyderabad(), ["IR72", "IR64"], "EC3", "2003-07-01")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"TSUM1": -5}, r"Rice_IR72: TSUM1 = -5 is outside 1 to 10000: temperature sum from emergence"),
        ({"RML": "much"}, r"Rice_IR72: RML must be a number, found 'much'"),
        ({"SPAN": None}, r"Rice_IR72: SPAN is missing: life span of leaves"),
        ({"FLTB": None}, r"Rice_IR72: table FLTB is missing"),
        ({"FLTB": [0.0, 0.9, 2.0, 0.9]}, r"at development stage .* the shares do not add up to 1"),
        ({"IDSL": 1, "DLO": 10, "DLC": 12}, r"DLO is not above DLC"),
        ({"IDSL": 2, "VERNSAT": None}, r"VERNSAT is missing, and IDSL = 2"),
    ],
)
def test_crop_parameters_are_checked(change, message: str) -> None:
    with pytest.raises(ParameterError, match=message):
        grow(hyderabad(), variety("IR72").changed(**change), "EC3", "2003-07-01")


def test_soil_parameters_are_checked() -> None:
    with pytest.raises(ParameterError, match="moisture must rise from wilting point to field capacity"):
        grow(hyderabad(), "IR72", soil("EC3").changed(SMW=0.35), "2003-07-01")
    with pytest.raises(ParameterError, match="mine: SM0 is missing: moisture at saturation"):
        grow(hyderabad(), "IR72", Soil("mine", {"SMW": 0.1, "SMFCF": 0.3}), "2003-07-01")


def test_names_nobody_knows_are_answered_with_those_there_are() -> None:
    with pytest.raises(VarietyError, match="no variety 'IR99'; there are Rice_501, Rice_HYV_IR8"):
        variety("IR99")
    with pytest.raises(SoilError, match="no soil 'clay'; there are EC1"):
        soil("clay")
    assert variety("ir72") is variety("Rice_IR72")


def test_weather_that_cannot_be() -> None:
    day = np.ones(3)
    with pytest.raises(WeatherError, match="irradiation is 1e\\+09 J/m2/d on 2001-01-01"):
        Weather("x", 0, 0, 0, np.datetime64("2001-01-01"), day, day, 1e9 * day, day, day, day)
    with pytest.raises(WeatherError, match="rain has shape"):
        Weather("x", 0, 0, 0, np.datetime64("2001-01-01"), day, day, day, day, day, np.ones(2))
    with pytest.raises(WeatherError, match="latitude 95"):
        Weather("x", 95, 0, 0, np.datetime64("2001-01-01"), day, day, day, day, day, day)


def test_dates_come_back_as_dates() -> None:
    harvest = grow(hyderabad(), "Rice_501", "EC3", "2003-07-01", sowing=True, longest=40)
    # 100 degree days at no more than 22 - 8 = 14 a day, in July at Hyderabad: eight days.
    assert str(harvest.date("DOE")[0]) == "2003-07-09"
    assert np.isnat(harvest.date("DOM")[0])
    assert harvest["STATUS"][0] == 1 and str(harvest.date("DURATION")[0]) == "2003-08-10"


def test_single_precision_is_the_same_harvest_rounded() -> None:
    full = grow(hyderabad(), "IR72", "EC3", "2003-07-01")
    half = grow(hyderabad(), "IR72", "EC3", "2003-07-01", dtype=np.float32)
    assert half["TWSO"].dtype == np.float32 and half["TWSO"][0] == np.float32(full["TWSO"][0])


def test_importing_the_room_is_cheap() -> None:
    code = "import sys, lumbung.farm; bad = {'numba', 'numpy', 'matplotlib', 'yaml'} & set(sys.modules); print(bad or 'light')"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "light"


# Not WOFOST 7.2's: carbon dioxide as in 7.3, sterility as in ORYZA2000.
LATER = ("CO2AMAXTB", "CO2EFFTB", "COLD_BELOW", "HEAT_MIDDLE")


@pytest.mark.reference
@pytest.mark.parametrize("crop", ["rice", "maize"])
def test_our_tables_hold_the_published_values(reference: Callable[[str], Path], crop: str) -> None:
    published = read_crop_yaml(reference("farm/crop") / f"{crop}.yaml")
    ours = varieties(crop)
    assert set(ours) - set(REGIONAL) == set(published)
    for name, held in ours.items():
        if name in REGIONAL:
            continue
        for parameter, value in held.parameters.items():
            if parameter not in LATER:
                assert value == published[name].parameters[parameter], (name, parameter)


@pytest.mark.reference
def test_our_soils_hold_the_published_values(reference: Callable[[str], Path]) -> None:
    for name, held in soils().items():
        published = read_cabo_soil(reference("farm/soil") / f"{name.lower()}.new")
        for parameter, value in held.parameters.items():
            if parameter == "RDMSOL":
                assert "RDMSOL" not in published.parameters  # the .new files are silent on it
            else:
                assert value == published.parameters[parameter], (name, parameter)
    deep = read_cabo_soil(reference("farm/soil") / "ec3.soil")
    assert deep.parameters["RDMSOL"] == 120 and deep.name == "EC3-medium fine"
    assert len(deep.parameters["SMTAB"]) == 20


def test_soil_files_name_the_line(tmp_path: Path) -> None:
    path = tmp_path / "bad.soil"
    path.write_text("** comment\nSMW = 0.1 ! wilting\nSMFCF = wet\n")
    with pytest.raises(SoilError, match=r"bad.soil, line 3, SMFCF: expected a number, found 'wet'"):
        read_cabo_soil(path)
    path.write_text("SMW = 0.1\nSMFCF = 0.3\n")
    with pytest.raises(SoilError, match="SM0 missing"):
        read_cabo_soil(path)


def test_crop_files_that_are_none(tmp_path: Path) -> None:
    path = tmp_path / "crop.yaml"
    path.write_text("a: [1, 2\n")
    with pytest.raises(VarietyError, match="no YAML"):
        read_crop_yaml(path)
    path.write_text("a: 1\n")
    with pytest.raises(VarietyError, match="expected CropParameters with Varieties"):
        read_crop_yaml(path)
