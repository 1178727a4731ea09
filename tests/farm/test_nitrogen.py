"""Nitrogen: none is made or lost, more of it feeds a crop, and what cannot be is refused by name."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from any_weather import weather_of
from lumbung.farm import (
    Application,
    Nitrogen,
    NitrogenError,
    Pond,
    SeasonError,
    SoilNitrogen,
    grow,
    hyderabad,
    read_dssat,
    soil,
    varieties,
    variety,
)
from lumbung.farm.engine.fields import Fields
from lumbung.farm.engine.parameters import ParameterError
from lumbung.farm.growing.crop_parameters import VarietyError
from lumbung.farm.growing.nitrogen import USUAL_RECOVERY, USUAL_SUPPLY, supply
from lumbung.farm.growing.response import respond, supply_of
from lumbung.farm.growing.trials import Plot, TrialError, read_trials

FED = [
    v for crop in ("rice", "soybean", "cassava", "potato") for v in varieties(crop, nitrogen=True).values()
]
POOR = SoilNitrogen(50.0, released=0.01, available=5.0)
PRODUCTION = ("potential", "water-limited", "paddy")


applications = st.lists(
    st.builds(Application, st.integers(0, 100), st.floats(0, 150), st.floats(0, 1)), max_size=4
)
soils_of_nitrogen = st.builds(
    SoilNitrogen, st.floats(0, 200), st.floats(0, 1), st.floats(0, 80), st.floats(0, 0.2)
)


@settings(max_examples=40, deadline=None)
@given(
    st.integers(0, 10_000),
    st.sampled_from(FED),
    soils_of_nitrogen,
    applications,
    st.sampled_from(PRODUCTION),
    st.integers(20, 200),
)
def test_nitrogen_is_conserved(
    seed: int, crop, there: SoilNitrogen, given_: list[Application], production: str, longest: int
) -> None:  # type: ignore[no-untyped-def]
    """What was there and came in is what stands, lies in the soil, and died, on the last day and on every day before."""
    given_ = [a for a in given_ if a.when <= longest]
    harvest = grow(
        weather_of(seed),
        crop,
        soil("EC3"),
        "2001-01-20",
        production=production,
        nitrogen=Nitrogen(there, given_),
        longest=longest,
        until_maturity=False,
        initial_water=100.0,
        daily=True,
    )
    h = {name: float(harvest[name][0]) for name in harvest.columns}
    came = h["NCROP_START"] + h["NSOIL_START"] + h["FERTILISER"] + h["BACKGROUND"] + h["NfixTotal"]
    is_there = h["NamountLV"] + h["NamountST"] + h["NamountSO"] + h["NamountRT"] + h["NAVAIL"] + h["NSOIL"]
    assert is_there + h["NlossesTotal"] == pytest.approx(came, rel=1e-12, abs=1e-9)
    assert h["NSOIL_START"] == pytest.approx(there.bound + there.available)
    assert h["BACKGROUND"] == pytest.approx(there.air * h["DURATION"])
    assert h["FERTILISER"] == pytest.approx(
        sum(a.amount * a.recovery for a in given_ if a.when < h["DURATION"])
    )
    table = harvest.daily_table(0)
    organs = sum(table[name] for name in ("NamountLV", "NamountST", "NamountSO", "NamountRT"))
    taken = table["NuptakeTotal"] + table["NfixTotal"] + h["NCROP_START"]
    np.testing.assert_allclose(organs + table["NlossesTotal"], taken, rtol=1e-12, atol=1e-9)
    assert (table["NAVAIL"] >= -1e-9).all()
    assert (table["NSOIL"] >= -1e-9).all()


def yields(amounts: list[float], **more: object) -> np.ndarray:
    plans = [Nitrogen(POOR, [Application(10, a / 2, 0.5), Application(35, a / 2, 0.5)]) for a in amounts]
    return grow(
        hyderabad(),
        "IR72",
        "EC3",
        ["2003-07-01"] * len(amounts),
        production="paddy",
        pond=Pond(),
        nitrogen=plans,
        nitrogen_index=np.arange(len(amounts)),
        **more,
    )["TWSO"]


def test_nitrogen_makes_grain_until_there_is_enough() -> None:
    crop = yields([0.0, 60.0, 120.0, 1500.0, 2000.0])
    assert (np.diff(crop[:4]) > 0).all()
    assert (crop[1] - crop[0]) / 60 > 5.0  # kg of grain for a kg of nitrogen
    assert abs(crop[4] - crop[3]) / 500 < 0.05


def test_plenty_is_as_good_as_no_limit() -> None:
    rich = Nitrogen(SoilNitrogen(0.0, 0.0, available=2000.0))
    starts = ["2003-07-01", "2004-01-10"]
    common = {"production": "water-limited", "initial_water": 150.0}
    a = grow(hyderabad(), "IR72", "EC3", starts, nitrogen=rich, **common)
    b = grow(hyderabad(), "IR72", "EC3", starts, nitrogen="unlimited", **common)
    np.testing.assert_allclose(a["TWSO"], b["TWSO"], rtol=1e-12)


def test_soybean_fixes_what_rice_must_be_given() -> None:
    starved = Nitrogen(SoilNitrogen(10.0))
    fed = grow(hyderabad(), "Soybean_901", "EC3", "2003-07-01", nitrogen=starved, initial_water=200.0)
    assert fed["NfixTotal"][0] > 5 * fed["NuptakeTotal"][0] > 0
    unfed = grow(hyderabad(), "IR72", "EC3", "2003-07-01", nitrogen=starved, initial_water=200.0)
    assert unfed["NfixTotal"][0] == 0.0


def test_a_date_is_the_day_it_falls_on() -> None:
    starts = ["2003-07-01", "2004-06-20"]
    dated = Nitrogen(POOR, [Application("2003-07-21", 60.0)])
    by_day = Nitrogen(POOR, [Application(20, 60.0)])
    common = {"production": "paddy", "pond": Pond()}
    a = grow(hyderabad(), "IR72", "EC3", starts[0], nitrogen=dated, **common)["TWSO"]
    b = grow(hyderabad(), "IR72", "EC3", starts[0], nitrogen=by_day, **common)["TWSO"]
    np.testing.assert_array_equal(a, b)
    several = [dated, Nitrogen(POOR, [Application("2004-07-10", 60.0)])]
    both = grow(hyderabad(), "IR72", "EC3", starts, nitrogen=several, nitrogen_index=[0, 1], **common)
    same = grow(hyderabad(), "IR72", "EC3", starts, nitrogen=by_day, **common)
    np.testing.assert_array_equal(both["TWSO"], same["TWSO"])
    with pytest.raises(
        NitrogenError, match=r"on 2003-07-21 falls on day -335 of the season that starts 2004-06-20"
    ):
        grow(hyderabad(), "IR72", "EC3", starts, nitrogen=dated, **common)


def test_two_applications_on_a_day_add_up_and_their_order_does_not_matter() -> None:
    one = Nitrogen(POOR, [Application(5, 20.0), Application(30, 60.0)])
    two = Nitrogen(POOR, [Application(30, 25.0), Application(5, 20.0), Application(30, 35.0)])
    a, b = (
        grow(hyderabad(), "IR72", "EC3", "2003-07-01", nitrogen=n, columns=["TWSO", "FERTILISER"])
        for n in (one, two)
    )
    assert a["FERTILISER"][0] == pytest.approx(0.4 * 80.0)
    np.testing.assert_allclose(a["TWSO"], b["TWSO"], rtol=1e-12)


def test_the_same_bits_on_any_number_of_threads_and_in_any_company() -> None:
    amounts = list(np.linspace(0, 200, 40))
    np.testing.assert_array_equal(yields(amounts, threads=1), yields(amounts, threads=3))
    np.testing.assert_array_equal(yields(amounts)[[7]], yields([amounts[7]]))


def test_a_refused_season_leaves_the_supply_of_the_others_in_place() -> None:
    plans = [Nitrogen(POOR, [Application(10, a)]) for a in (0.0, 50.0, 100.0)]
    weather = hyderabad()
    harvest = grow(
        weather,
        "IR72",
        "EC3",
        ["2003-07-01", "NaT", "2003-07-01"],
        nitrogen=plans,
        nitrogen_index=[0, 1, 2],
        on_fault="report",
    )
    assert harvest["FERTILISER"][[0, 2]].tolist() == [0.0, 40.0]
    assert np.isnan(harvest["FERTILISER"][1])


def test_what_cannot_be_is_refused() -> None:
    with pytest.raises(NitrogenError, match="100 kg of urea hold 46 kg"):
        Application(0, 4600.0)
    with pytest.raises(NitrogenError, match="a share from 0 to 1"):
        Application(0, 46.0, 40.0)
    with pytest.raises(NitrogenError, match=r"days after the start, or a date"):
        Application("20 after", 46.0)
    with pytest.raises(NitrogenError, match="0 or more"):
        Application(-3, 46.0)
    with pytest.raises(NitrogenError, match=r'expected a Nitrogen, several, or "unlimited"'):
        grow(hyderabad(), "IR72", "EC3", "2003-07-01", nitrogen="plenty")
    with pytest.raises(NitrogenError, match="which runs from day 0 to day 365"):
        grow(hyderabad(), "IR72", "EC3", "2003-07-01", nitrogen=Nitrogen(POOR, [Application(400, 40.0)]))
    with pytest.raises(ParameterError, match=r"NSOILBASE_FR = 2 is outside 0 to 1"):
        grow(hyderabad(), "IR72", "EC3", "2003-07-01", nitrogen=Nitrogen(SoilNitrogen(50.0, 2.0)))
    with pytest.raises(VarietyError, match=r"Grain_maize_201 cannot grow with nitrogen"):
        variety("Grain_maize_201", nitrogen=True)
    with pytest.raises(SeasonError, match="know no nitrogen"):
        grow(hyderabad(), variety("IR72"), "EC3", "2003-07-01", nitrogen="unlimited")
    with pytest.raises(SeasonError, match="say what nitrogen there is"):
        grow(hyderabad(), variety("IR72", nitrogen=True), "EC3", "2003-07-01")
    with pytest.raises(SeasonError, match="no column NAVAIL"):
        grow(hyderabad(), "IR72", "EC3", "2003-07-01", columns=["NAVAIL"])


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"NMAXLV_TB": [0.0, 0.0, 2.0, 0.0]}, "NMAXLV_TB: a maximum concentration must be above 0"),
        ({"TCNT": 0.0}, "TCNT = 0 is outside 1 to 1000"),
        ({"NSLLV_TB": None}, "table NSLLV_TB is missing"),
        ({"RGRLAI_MIN": 0.5}, "RGRLAI_MIN = 0.5 is above RGRLAI"),
    ],
)
def test_parameters_of_nitrogen_are_checked(change: dict[str, object], message: str) -> None:
    with pytest.raises(ParameterError, match=message):
        _ = variety("IR72", nitrogen=True).changed(**change).arrays


def test_carbon_dioxide_acts_and_an_unknown_name_does_not() -> None:
    fed = variety("IR72", nitrogen=True)
    more = [
        float(grow(hyderabad(), v, "EC3", "2003-07-01", nitrogen="unlimited")["TWSO"][0])
        for v in (fed, fed.changed(CO2=560.0))
    ]
    assert more[1] > 1.1 * more[0]
    with pytest.raises(VarietyError, match="AMAXTB would have no effect"):
        fed.changed(AMAXTB=[0, 40, 2, 40])


def test_fields_grown_step_by_step_know_no_nitrogen() -> None:
    days = hyderabad().days
    with pytest.raises(ParameterError, match="without nitrogen"):
        Fields(1, [days], [variety("IR72", nitrogen=True).arrays], np.array([soil("EC3").array]), 1, 120)


def test_ten_thousand_plans_are_laid_out_in_the_order_of_the_seasons() -> None:
    plans = [
        Nitrogen(replace(POOR, bound=float(k % 7)), [Application(k % 50, float(k % 90))]) for k in range(1000)
    ]
    dates = np.full(1000, np.datetime64("2003-07-01"))
    got = supply(plans, np.arange(1000), dates, np.full(1000, 120))
    assert got.site[:, 0].tolist() == [float(k % 7) for k in range(1000)]
    assert got.plan_day[got.plan_first[got.plan]].tolist() == [k % 50 for k in range(1000)]


def test_a_response_takes_the_soil_from_what_plots_took_up() -> None:
    def plot(dose: float, uptake: float) -> Plot:
        day = np.datetime64("1985-02-04")
        return Plot("T", f"{dose:g}", "IR58", "W", day, 23, 5000.0, 9000.0, day, day, dose, (), uptake)

    soil_, recovery, measured = supply_of([plot(0, 50.0), plot(0, 54.0), plot(60, 82.0), plot(120, 112.0)])
    assert (soil_.bound, round(recovery, 9), measured) == (52.0, 0.5, True)
    soil_, recovery, measured = supply_of([plot(0, np.nan), plot(120, np.nan)])
    assert (soil_.bound, recovery, measured) == (USUAL_SUPPLY, USUAL_RECOVERY, False)
    with pytest.raises(TrialError, match="no trial that gave two doses"):
        respond([plot(60, 80.0)], {}, variety("IR72"), variety("IR72", nitrogen=True))


@pytest.mark.reference
def test_rice_answers_nitrogen_as_it_did_in_the_field(reference) -> None:  # type: ignore[no-untyped-def]
    """Kilograms for a kilogram: biomass within a quarter in both trials, grain in the one whose uptake was measured."""
    plots = read_trials(reference("farm/trials"))
    folder = reference("farm/weather/dssat")
    weathers = {p.weather: read_dssat(folder / f"{p.weather}.WTH") for p in plots}
    found = {r.trial: r for r in respond(plots, weathers, variety("IR72"), variety("IR72", nitrogen=True))}
    assert set(found) == {"IRPI8001", "IRPL8501"}
    for response in found.values():
        measured, simulated = response.slopes("biomass")
        assert simulated == pytest.approx(measured, rel=0.25), response.trial
    measured, simulated = found["IRPL8501"].slopes("grain")
    assert measured == pytest.approx(23.5, abs=0.1)
    assert simulated == pytest.approx(measured, rel=0.25)
    pila = found["IRPL8501"]
    assert pila.uptake_was_measured and not found["IRPI8001"].uptake_was_measured
    np.testing.assert_allclose(pila.simulated_uptake, pila.uptake, rtol=0.2)
