"""What must hold whatever the weather, crop and soil: conservation, independence of company, the same bits."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from any_weather import weather_of
from lumbung.farm import Pond, Variety, every, grow, hyderabad, soil, soils, varieties, variety
from lumbung.farm.engine import batches
from lumbung.farm.engine.afgen import TableError, interpolate, pieces, points
from lumbung.farm.engine.leaves import death_days
from lumbung.kernels.elementary import exp

CROPS = [*varieties("rice").values(), *varieties("maize").values()]
SOILS = list(soils().values())
PRODUCTION = ("potential", "water-limited", "paddy")


season = st.fixed_dictionaries(
    {
        "seed": st.integers(0, 2**31),
        "crop": st.sampled_from(CROPS),
        "soil": st.sampled_from(SOILS),
        "start": st.integers(0, 60),
        "site": st.fixed_dictionaries(
            {
                "WAV": st.floats(0, 50),
                "SSI": st.floats(0, 5),
                "SSMAX": st.floats(5, 10),
                "NOTINF": st.floats(0, 1),
                "IFUNRN": st.sampled_from([0, 1]),
                "PUDDLED_PERCOLATION": st.floats(0, 5),
                "PAN_DEPTH": st.floats(10, 60),
            }
        ),
        "irrigation": st.lists(st.floats(0, 80), max_size=150),
        "pond": st.sampled_from([None, Pond(), Pond(0, 100, 2.0)]),
    }
)


def grown(s, production: str, **options):
    weather = weather_of(s["seed"])
    schedule = s["irrigation"] or None
    pond = s["pond"] if production == "paddy" else None
    return grow(
        weather,
        s["crop"],
        s["soil"].changed(**s["site"]),
        weather.first_day + s["start"],
        production=production,
        longest=190,
        irrigation=schedule if production != "potential" else None,
        pond=pond,
        threads=1,
        **options,
    )


@settings(max_examples=60, deadline=None)
@given(season, st.sampled_from(["water-limited", "paddy"]))
def test_water_is_conserved(s, production: str) -> None:
    h = {name: values[0] for name, values in grown(s, production).columns.items()}
    came = h["WATER_START"] + h["RAINT"] + h["TOTIRR"]
    went = h["WTRAT"] + h["EVST"] + h["EVWT"] + h["TSR"] + h["LOSST"]
    assert came == pytest.approx(went + h["WWLOW"] + h["SS"], abs=1e-9)
    assert min(h[k] for k in ("WTRAT", "EVST", "EVWT", "LOSST", "WWLOW", "SS", "TOTIRR")) >= 0.0


@settings(max_examples=60, deadline=None)
@given(season, st.sampled_from(PRODUCTION))
def test_carbon_is_conserved(s, production: str) -> None:
    """What was assimilated and not respired stands in the organs, at each organ's price in assimilates."""
    h = grown(s, production, daily=True)
    crop = s["crop"].parameters
    day = h.daily_table(0)
    first = {name: day[name][0] for name in ("TWRT", "TWLV", "TWST", "TWSO")}
    spent = sum(
        (h[organ][0] - first[organ]) / crop[price]
        for organ, price in (("TWRT", "CVR"), ("TWLV", "CVL"), ("TWST", "CVS"), ("TWSO", "CVO"))
    )
    assert h["GASST"][0] - h["MREST"][0] == pytest.approx(spent, rel=1e-9, abs=1e-6)
    total = h["TAGP"][0] + h["TWRT"][0]
    assert total == pytest.approx(crop["TDWI"] + day["DMI"][:-1].sum(), rel=1e-9)


@settings(max_examples=40, deadline=None)
@given(season, st.sampled_from(PRODUCTION))
def test_a_season_stays_within_what_nature_allows(s, production: str) -> None:
    h = grown(s, production, daily=True)
    day = h.daily_table(0)
    assert (np.diff(day["DVS"]) >= 0).all() and day["DVS"][-1] <= 2.1
    for name in ("LAI", "TAGP", "TWSO", "TWLV", "TWST", "TWRT", "TRA", "RD", "SM", "EVS"):
        assert (day[name] >= 0).all(), name
    assert (day["MRES"] <= day["GASS"] + 1e-12).all()
    if production != "potential":
        saturated = s["soil"].parameters["SM0"]
        assert day["SM"].max() <= saturated + 1e-9


# --- independence -------------------------------------------------------------------------------------------------


def mixed_seasons(count: int = 300):
    rng = np.random.default_rng(3)
    weathers = [weather_of(seed, 400) for seed in range(5)]
    crops = CROPS[:6]
    return (
        (weathers, crops, SOILS, weathers[0].first_day + rng.integers(0, 200, count)),
        {
            "weather_index": rng.integers(0, 5, count),
            "crop_index": rng.integers(0, 6, count),
            "soil_index": rng.integers(0, 6, count),
        },
    )


def same(a, b) -> bool:
    return all(np.array_equal(a[name], b[name], equal_nan=True) for name in a.columns)


@pytest.mark.parametrize("production", PRODUCTION)
def test_the_same_bits_on_any_number_of_threads(production: str) -> None:
    things, indices = mixed_seasons(5000)
    one = grow(*things, **indices, production=production, longest=180, on_fault="report", threads=1)
    for threads in (2, 5):
        many = grow(
            *things, **indices, production=production, longest=180, on_fault="report", threads=threads
        )
        assert same(one, many)


def test_a_season_does_not_feel_its_company() -> None:
    """Alone, in another order, in smaller batches: the same bits."""
    things, indices = mixed_seasons()
    options = {"production": "water-limited", "longest": 180, "on_fault": "report", "threads": 1}
    together = grow(*things, **indices, **options)
    order = np.random.default_rng(0).permutation(len(together))
    shuffled = grow(*things[:3], things[3][order], **{k: v[order] for k, v in indices.items()}, **options)
    assert all(np.array_equal(together[name][order], shuffled[name]) for name in together.columns)
    for k in range(0, len(together), 37):
        alone = grow(*things[:3], things[3][k], **{n: v[k] for n, v in indices.items()}, **options)
        assert all(alone[name][0] == together[name][k] for name in together.columns)


def test_small_batches_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    things, indices = mixed_seasons()
    options = {"longest": 180, "on_fault": "report", "daily": True}
    whole = grow(*things, **indices, **options)
    monkeypatch.setattr(batches, "TABLE_BUDGET", 1)
    monkeypatch.setattr(batches, "SLICE", 48)
    monkeypatch.setattr(batches, "TASK", 16)
    parts = grow(*things, **indices, **options)
    assert same(whole, parts)
    assert np.array_equal(whole.daily, parts.daily, equal_nan=True)


def test_daily_tables_and_summary_tell_the_same_story() -> None:
    things, indices = mixed_seasons(60)
    options = {"production": "water-limited", "longest": 180, "on_fault": "report"}
    summary = grow(*things, **indices, **options)
    both = grow(*things, **indices, **options, daily=True)
    assert same(summary, both)
    for k in range(60):
        day = both.daily_table(k)
        for name in ("TAGP", "TWSO", "TWLV", "TWST", "TWRT", "RD", "DVS", "SM"):
            assert day[name][-1] == summary[name][k], name


# --- the pieces ---------------------------------------------------------------------------------------------------


@settings(deadline=None)
@given(st.floats(-708, 700))
def test_exp_is_as_good_as_the_library(x: float) -> None:
    assert abs(exp(x) - np.exp(x)) <= 2 * np.spacing(np.exp(x))


def test_exp_far_below_zero_is_nothing() -> None:
    assert 0.0 <= exp(-1e4) < 1e-300 and exp(0.0) == 1.0


tables = st.lists(
    st.tuples(st.floats(-1, 3), st.floats(-5, 50)), min_size=1, max_size=8, unique_by=lambda p: p[0]
).map(lambda pairs: [v for p in sorted(pairs) for v in p])


@settings(deadline=None)
@given(st.lists(tables, min_size=2, max_size=4), st.floats(-2, 4))
def test_pieces_give_what_the_tables_give(several: list[list[float]], at: float) -> None:
    cut = [points(table) for table in several]
    if min(np.diff(np.unique(np.concatenate([x for x, _ in cut]))), default=1.0) < 1e-6:
        return  # slopes between points that nearly coincide lose the digits compared here
    piece = pieces(cut, 0)
    row = piece[np.searchsorted(piece[:, 1], at)]
    for k, (x, y) in enumerate(cut):
        left = row[-1] if k == 0 else row[0]
        got = row[2 + 2 * k] + row[3 + 2 * k] * (at - left)
        expected = interpolate(x, y, x.size, at)
        assert got == expected if k == 0 else got == pytest.approx(expected, rel=1e-9, abs=1e-6)


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ([0.0, 1.0, 2.0], "holds pairs x, y; found 3 numbers"),
        ([0.0, 1.0, 1.0, 2.0, 0.5, 3.0, 2.0, 4.0], "x must rise; found 0.5 after 1"),
        ([0.0, float("nan")], "finite numbers"),
    ],
)
def test_tables_that_are_none(table: list[float], message: str) -> None:
    with pytest.raises(TableError, match=message):
        points(table, "FLTB")


def test_zeros_that_pad_a_table_end_it() -> None:
    x, y = points([0.0, 5.0, 1.0, 6.0, 0.0, 0.0, 0.0, 0.0])
    assert x.tolist() == [0.0, 1.0] and y.tolist() == [5.0, 6.0]


@settings(max_examples=50, deadline=None)
@given(st.lists(st.integers(0, 70), min_size=5, max_size=120), st.integers(1, 40))
def test_leaves_die_on_the_day_their_own_sum_says(tenths: list[int], span: int) -> None:
    """Ages are summed class by class from zero; ties with the span are common when terms are multiples of 1/70."""
    terms = np.array(tenths) / 70.0
    days = np.zeros(terms.size, np.int64)
    death_days(terms, float(span), days)
    for first in range(terms.size):
        age, day = 0.0, first
        while day < terms.size and not age > span:
            age += terms[day]
            day += 1
        assert days[first] == day if age > span else days[first] > terms.size


def test_differences_of_a_running_sum_would_kill_leaves_on_other_days() -> None:
    """The shortcut this engine must not take: it is wrong for real temperatures in tenths of a degree."""
    rng = np.random.default_rng(11)
    terms = (np.round(rng.uniform(20, 32, 3000), 1) - 8.0) / (35.0 - 8.0)
    days = np.zeros(terms.size, np.int64)
    death_days(terms, 35.0, days)
    running = np.concatenate([[0.0], np.cumsum(terms)])
    shortcut = [
        first + int(np.argmax(running[first:] - running[first] > 35.0)) for first in range(terms.size - 100)
    ]
    assert (np.array(shortcut) != days[: terms.size - 100]).any()


# --- managements --------------------------------------------------------------------------------------------------


def test_a_field_kept_flooded_grows_as_if_water_did_not_limit() -> None:
    weather = hyderabad()
    starts = np.arange(np.datetime64("2001-06-01"), np.datetime64("2001-12-01"), 30)
    potential = grow(weather, "IR72", "EC4", starts)
    paddy = grow(weather, "IR72", "EC4", starts, production="paddy", pond=Pond(20, 60, 2.0))
    for name in ("TWSO", "TAGP", "TWRT", "DOM", "WTRAT"):
        assert np.array_equal(potential[name], paddy[name]), name
    assert (paddy["LOSST"] > 0).all() and (paddy["TOTIRR"] > 0).all()


def test_irrigation_of_a_dry_season_saves_the_harvest() -> None:
    weather = replace(hyderabad(), rain=np.zeros(len(hyderabad())))
    options = {"production": "water-limited", "initial_water": 60.0}
    dry = grow(weather, "IR72", "EC3", "2003-02-01", **options)
    schedule = np.full((2, 120), 8.0)
    schedule[1, 1::2] = 0.0
    wet = grow(
        weather,
        "IR72",
        "EC3",
        ["2003-02-01"] * 3,
        irrigation=schedule,
        irrigation_index=[0, 1, -1],
        **options,
    )
    days = int(wet["DURATION"][0])
    assert wet["TOTIRR"][0] == pytest.approx(0.8 * days)
    assert wet["TWSO"][0] > 1.5 * dry["TWSO"][0]
    assert wet["TWSO"][0] >= wet["TWSO"][1] > wet["TWSO"][2] == dry["TWSO"][0]


def test_carbon_dioxide_saves_water_and_feeds_rice_but_not_maize() -> None:
    weather = hyderabad()
    for name, saved, fed in (("IR72", 0.9, True), ("Maize_VanHeemst_1988", 0.74, False)):
        crop = variety(name)
        without = {k: v for k, v in crop.parameters.items() if k not in ("CO2AMAXTB", "CO2EFFTB")}
        plain = grow(weather, crop, "EC3", "2003-07-01")
        now = grow(weather, crop.changed(CO2=360), "EC3", "2003-07-01")
        later = grow(weather, crop.changed(CO2=720), "EC3", "2003-07-01")
        assert now["TWSO"][0] == plain["TWSO"][0]
        assert (later["TWSO"][0] > 1.15 * now["TWSO"][0]) == fed
        if not fed:
            assert later["TWSO"][0] == now["TWSO"][0]
            assert later["WTRAT"][0] == pytest.approx(saved * now["WTRAT"][0])
        water_only = Variety(name, crop.crop, {**without, "CO2": 720})
        thrifty = grow(weather, water_only, "EC3", "2003-07-01")
        assert thrifty["WTRAT"][0] == pytest.approx(saved * now["WTRAT"][0])


def test_oxygen_shortage_costs_a_crop_without_air_ducts() -> None:
    crop = variety("Maize_VanHeemst_1988")
    weather = replace(hyderabad(), rain=np.full(len(hyderabad()), 40.0))
    heavy = soil("EC5").changed(SSMAX=5.0)
    options = {"production": "water-limited", "initial_water": "full", "sowing": True}
    with_air = grow(weather, crop.changed(IOX=0), heavy, "2003-06-15", **options)
    without = grow(weather, crop.changed(IOX=1), heavy, "2003-06-15", **options)
    assert without["TWSO"][0] < 0.5 * with_air["TWSO"][0]


def test_every_writes_out_all_combinations() -> None:
    weather, crop, start = every(2, 3, 4)
    assert weather.size == 24
    assert len(set(zip(weather.tolist(), crop.tolist(), start.tolist(), strict=True))) == 24
