"""Fitting to trials: what was put in is found again, files are read by their columns, and a trial left out is a trial unseen."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Callable
from dataclasses import replace
from importlib.resources import files
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from lumbung import farm
from lumbung.cli.farm import command
from lumbung.farm.calendar.model_error import model_error
from lumbung.farm.growing import calibration
from lumbung.farm.growing import crop_parameters as farm_varieties
from lumbung.farm.growing.trials import Plot, TrialError, read_trials, trials_of, well_fed

WEATHER = farm.hyderabad()
BASE = farm.variety("IR72")
NEVER = np.datetime64("NaT", "D")


def a_trial(name: str, planted: str, cultivar: str, age: int = 21) -> Plot:
    return Plot(
        name, "1", cultivar, "hyderabad", np.datetime64(planted), age, np.nan, np.nan, NEVER, NEVER, np.nan
    )


def grown(trial: Plot, sums: tuple[float, float], factor: float) -> Plot:
    """A trial whose measurements are the engine's own with known parameters."""
    harvest = calibration.simulate(
        BASE, WEATHER, replace(trial, anthesis=trial.planted, maturity=trial.planted), sums, factor
    )
    return replace(
        trial,
        grain=harvest.grain,
        anthesis=trial.planted + int(harvest.anthesis),
        maturity=trial.planted + int(harvest.maturity),
    )


TRUE = {"early": (1250.0, 560.0), "late": (1700.0, 680.0)}
TRIALS = [
    grown(a_trial("A", "2001-07-05", "early"), TRUE["early"], 0.8),
    grown(a_trial("B", "2003-07-15", "early"), TRUE["early"], 0.8),
    grown(a_trial("C", "2004-07-10", "late", 25), TRUE["late"], 0.8),
    grown(a_trial("D", "2006-01-10", "late", 0), TRUE["late"], 0.8),
]


def test_what_was_put_in_is_found_again() -> None:
    fitted = calibration.fit(TRIALS, {"hyderabad": WEATHER}, BASE)
    for cultivar, (first, second) in TRUE.items():
        assert fitted.sums[cultivar][0] == pytest.approx(first, abs=30)  # a day is some 20 C d
        assert fitted.sums[cultivar][1] == pytest.approx(second, abs=35)
    assert fitted.unshrunk == pytest.approx(0.8, abs=0.02)
    assert fitted.factor == pytest.approx(1 + 4 / 5 * (fitted.unshrunk - 1))


def test_a_trial_left_out_is_predicted_from_the_others_alone() -> None:
    guesses = {g.trial.trial: g for g in calibration.leave_one_out(TRIALS, {"hyderabad": WEATHER}, BASE)}
    assert {g.phenology for g in guesses.values()} == {"its other trials"}
    for guess in guesses.values():
        assert abs(guess.anthesis) <= 3 and abs(guess.maturity) <= 4
        assert abs(guess.error) < 0.1 * guess.trial.grain
    spoiled = [replace(t, grain=9999.0) if t.trial == "A" else t for t in TRIALS]
    again = {g.trial.trial: g for g in calibration.leave_one_out(spoiled, {"hyderabad": WEATHER}, BASE)}
    assert again["A"].grain == guesses["A"].grain and again["B"].grain != guesses["B"].grain


def test_a_cultivar_without_trial_takes_its_stated_duration() -> None:
    fitted = calibration.fit(TRIALS, {"hyderabad": WEATHER}, BASE)
    sums, how = calibration.predicted_sums("IR36", fitted, BASE)
    assert how == "111 days as stated"
    # At the usual 27 C a day counts 19 / 22 * 24 C d.
    assert sums == pytest.approx(((111 - 4 - 30 - 0.4 * 17) * 19 / 22 * 24, 30 * 19 / 22 * 24))
    assert calibration.predicted_sums("nobody's", fitted, BASE)[1] == "those of Rice_IR72"
    warm = replace(WEATHER, tmin=np.full(len(WEATHER), 22.0), tmax=np.full(len(WEATHER), 32.0))
    trial = a_trial("X", "2003-07-15", "IR36")
    guess = calibration.simulate(
        BASE, warm, replace(trial, anthesis=trial.planted, maturity=trial.planted), sums, 1.0
    )
    assert guess.maturity + 21 == pytest.approx(111, abs=2)


def test_varieties_of_the_region_rest_on_their_stated_duration() -> None:
    table = files("lumbung.farm") / "tables" / "rice_regional.toml"
    regional = tomllib.loads(table.read_text(encoding="utf-8"))["varieties"]
    assert {"Ciherang", "Inpari_32", "Situ_Bagendit", "Yuliangyou_8_early", "Yuliangyou_8_late"} <= set(
        regional
    )
    for name, entry in regional.items():
        held, warmth = farm.variety(name), float(entry.get("temperature", 27))
        sums = calibration.sums_of_duration(entry["days"], farm.variety(entry["base"]), warmth)
        assert (held.parameters["TSUM1"], held.parameters["TSUM2"]) == pytest.approx(sums, abs=0.6)
        assert "not fitted to trials" in held.source and entry["about"] in held.source
        # Each says where its duration is written: an address, or a decree of approval.
        assert re.search(r"\.(com|id|app|cn)\b", entry["about"])
        always = replace(
            WEATHER,
            tmin=np.full(len(WEATHER), warmth - 5),
            tmax=np.full(len(WEATHER), warmth + 5),
            temperature=None,
        )
        trial = replace(a_trial("X", "2003-07-15", name), maturity=np.datetime64("2003-07-15"))
        ripe = calibration.simulate(held, always, trial, sums, 1.0).maturity
        assert ripe + 21 == pytest.approx(entry["days"], abs=4), name
    assert farm.variety("situ-bagendit").name == "Situ_Bagendit"
    with pytest.raises(farm_varieties.VarietyError, match=r"no variety 'Inpari 23'; do you mean Inpari_32\?"):
        farm.variety("Inpari 23")


def test_refusals() -> None:
    with pytest.raises(TrialError, match="at least two, found 1"):
        calibration.leave_one_out(TRIALS[:1], {"hyderabad": WEATHER}, BASE)
    with pytest.raises(TrialError, match="no weather called hyderabad"):
        calibration.fit(TRIALS, {}, BASE)
    with pytest.raises(TrialError, match=r"X, 1: .*weather ends or has a gap"):
        calibration.simulate(BASE, WEATHER, a_trial("X", "2010-11-01", "early"), TRUE["early"], 1.0)


EXPERIMENT = """*EXP.DETAILS: TEST0401RI A TRIAL

*TREATMENTS                        -------------FACTOR LEVELS------------
@N R O C TNAME.................... CU FL SA IC MP MI MF MR MC MT ME MH SM
 1 1 0 0 No nitrogen, two words    1  1  0  0  1  0  0  0  0  0  0  0  1
 2 1 0 0 Much nitrogen             1  1  0  0  1  0  1  0  0  0  0  0  1

*CULTIVARS
@C CR INGENO CNAME
 1 RI IB0012 IR 58 (cal.)

*FIELDS
@L ID_FIELD WSTA....  FLSA  FLOB  FLDT  FLDD  FLDS  FLST SLTX  SLDP  ID_SOIL    FLNAME
 1 TEST0001 TEST       -99     0 DR000     0     0 00000 -99     50  IBRI910001 UNKNOWN
@L ...........XCRD ...........YCRD .....ELEV
 1               0               0         0

*PLANTING DETAILS
@P PDATE EDATE  PPOP  PPOE  PLME  PLDS  PLRS  PLRD  PLDP  PLWT  PAGE  PENV  PLPH  SPRL                        PLNAME
 1 04190   -99    75    25     T     H    20     0     2     0    23    25     3     0                        UNKNOWN

*FERTILIZERS (INORGANIC)
@F FDATE  FMCD  FACD  FDEP  FAMN  FAMP  FAMK  FAMC  FAMO  FOCD FERNAME
 1 04210 FE005 AP012     1    80   -99   -99   -99   -99   -99 -99
 1 04230 FE005 AP011     1    40   -99   -99   -99   -99   -99 -99
"""
RESULTS = """*EXP.DATA (A): TEST0401RI

@TRNO   HWAM  HWUM  CWAM  ADAT  MDAT
     1  3910 0.020  5803   259   289
     2  6700   -99   -99 04262 04292
"""


def test_dssat_experiments_are_read_by_their_columns(tmp_path: Path) -> None:
    (tmp_path / "TEST0401.RIX").write_text(EXPERIMENT)
    (tmp_path / "TEST0401.RIA").write_text(RESULTS)
    hungry, fed = read_trials(tmp_path)
    assert (fed.cultivar, fed.weather, fed.seedling_age, fed.nitrogen) == ("IR58", "TEST0401", 23, 120.0)
    assert str(fed.planted) == "2004-07-08" and str(fed.anthesis) == "2004-09-18" and np.isnan(fed.biomass)
    assert (hungry.nitrogen, hungry.biomass, str(hungry.maturity)) == (0.0, 5803.0, "2004-10-15")
    assert well_fed([hungry, fed]) == [fed]
    (tmp_path / "TEST0401.RIA").unlink()
    with pytest.raises(TrialError, match=r"the measured values, TEST0401.RIA, are not beside it"):
        read_trials(tmp_path)


def test_a_table_of_trials_as_people_keep_it(tmp_path: Path) -> None:
    path = tmp_path / "trials.csv"
    path.write_text(
        "trial;cultivar;weather;planted;seedling_age;yield;biomass;anthesis;maturity;nitrogen\n"
        "Sukamandi;Ciherang;bmkg;05/11/2019;21;6120,5;;20/01/2020;;120\nSukamandi;Ciherang;bmkg;05/11/2019;21;6020,5;;22/01/2020;;120\n"
    )
    (one,) = trials_of(read_trials(path))
    assert one.grain == 6070.5 and str(one.planted) == "2019-11-05" and str(one.anthesis) == "2020-01-21"
    assert np.isnat(one.maturity) and one.name == "2 plots"
    path.write_text("trial,cultivar,weather,planted,seedling_age,yield\nA,B\n")
    with pytest.raises(TrialError, match="line 2, column weather: expected a name, found nothing"):
        read_trials(path)
    path.write_text("trial,cultivar\nA,B\n")
    with pytest.raises(TrialError, match="column weather is missing"):
        read_trials(path)


@pytest.mark.reference
def test_the_command_on_two_irri_trials(reference: Callable[[str], Path], tmp_path: Path) -> None:
    out = tmp_path / "fitted.yaml"
    arguments = [
        str(reference("farm/trials")),
        "--weather",
        str(reference("farm/weather/dssat")),
        "--out",
        str(out),
    ]
    done = CliRunner().invoke(command, ["calibrate", *arguments])
    assert done.exit_code == 0, done.output
    assert "19 plots read, 2 trials used" in done.stdout
    assert "not told by these trials: how IR36, IR58 would do elsewhere" in done.stdout
    parsed = json.loads(CliRunner().invoke(command, ["calibrate", *arguments[:3], "--json"]).stdout)
    assert set(parsed["sums"]) == {"IR36", "IR58"} and len(parsed["left_out"]) == 2
    assert parsed["rmse"] < 1200 and {round(row["measured"]) for row in parsed["left_out"]} == {6467, 6589}
    held = farm.read_crop_yaml(out)
    assert held["IR58"].parameters["TSUM1"] == pytest.approx(parsed["sums"]["IR58"]["TSUM1"], abs=0.1)
    (tmp_path / "sites.csv").write_text("site,weather,varieties\nPlain,hyderabad,fitted.yaml#IR58\n")
    table = CliRunner().invoke(
        command,
        [
            "calendar",
            str(tmp_path / "sites.csv"),
            "--weather",
            str(tmp_path),
            "--out",
            str(tmp_path / "out"),
            "--years",
            "2003-2004",
        ],
    )
    assert table.exit_code == 0 and "IR58" in table.stdout, table.output


def test_the_error_in_the_bands_is_the_one_that_was_printed() -> None:
    error = model_error("rice")
    assert (error.rmse, error.trials, error.borrowed) == (783.0, 4, False)
    assert model_error("maize").borrowed and model_error("maize").rmse == error.rmse
    assert np.std(error.nodes()) == pytest.approx(error.rmse, rel=0.06)
    assert error.below(np.array([2000.0, np.nan]), 2000.0)[0] == 0.5
