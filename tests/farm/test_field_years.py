"""A field through the years: its books close, its water carries over, and a scheme is divided as well as it can be."""

from __future__ import annotations

import itertools
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from lumbung import farm
from lumbung.cli.farm import command
from lumbung.farm.calendar.crop_patterns import Grown, Settings, choose, need_of, pattern_years
from lumbung.farm.calendar.golongan import (
    CUBIC_METRES,
    DAYS,
    LITRE_SECONDS,
    Block,
    SchemeError,
    divide,
    read_supply,
)
from lumbung.farm.calendar.people_dates import DateError, periods_within
from lumbung.farm.calendar.season import Site, ten_day_starts, within_horizon
from lumbung.farm.growing.field import (
    FieldYears,
    Pattern,
    Planting,
    grow_pattern,
    pattern_words,
    period_of_day,
    rice_then,
)
from lumbung.farm.growing.harvest import SeasonError
from lumbung.farm.growing.nursery import SeedBed
from lumbung.farm.weather import generate_weather

MONSOON = generate_weather(farm.climates()["monsoonal"], 1991, 7, seed=3)
IR64, MAIZE = farm.variety("IR64"), farm.variety("Maize_VanHeemst_1988")
YEARS = range(1991, 1997)


def grown(
    pattern: Pattern, first: int = 33, count: int = 1, soil: str = "EC4", **options: object
) -> FieldYears:
    return grow_pattern(MONSOON, farm.soil(soil), pattern, ten_day_starts(first, YEARS, count), **options)


def spoiled(seed: int) -> farm.Weather:
    """Two and a half years of any weather; some of it hot, cold, wet, or with a gap."""
    rng = np.random.default_rng(seed)
    days = 900
    mean = rng.uniform(10, 30) + rng.normal(0, 2, days)
    rain = np.where(rng.random(days) < rng.uniform(0, 0.9), rng.exponential(rng.uniform(1, 80), days), 0.0)
    if seed % 3 == 0:
        rain[rng.integers(0, days)] = np.nan
    return farm.Weather(
        "any", float(rng.uniform(-30, 30)), 0.0, 10.0, np.datetime64("2001-01-01"), mean - 4, mean + 4,
        rng.uniform(1e6, 28e6, days), rng.uniform(5, 25, days), rng.uniform(0, 8, days), rain, generated=True,
    )  # fmt: skip


@settings(max_examples=30, deadline=None)
@given(
    seed=st.integers(0, 10_000),
    soil=st.sampled_from(sorted(farm.soils())),
    site=st.fixed_dictionaries(
        {
            "SSMAX": st.floats(0, 10), "NOTINF": st.floats(0, 1), "IFUNRN": st.sampled_from([0, 1]), "RDMSOL": st.floats(20, 200),
            "PUDDLED_PERCOLATION": st.floats(0, 5), "PAN_DEPTH": st.floats(10, 60), "BUND": st.floats(0, 20),
        }
    ),
    words=st.sampled_from(["padi-padi-palawija", "padi-palawija", "palawija-palawija", "padi"]),
    pond=st.sampled_from([None, farm.Pond(), farm.Pond(0, 100, 2.0)]),
    age=st.sampled_from([0, 15, 45]),
    limit=st.sampled_from([None, 0.0, 3.0]),
)  # fmt: skip
def test_every_drop_is_in_the_books(seed, soil, site, words, pond, age, limit) -> None:
    pattern = rice_then(words, farm.variety("IR72").changed(DVSI=0.1), MAIZE, pond, age)
    supply = None if limit is None else np.full(36, limit)
    field = grow_pattern(
        spoiled(seed),
        farm.soil(soil).changed(**site),
        pattern,
        ten_day_starts(4, [2001, 2002], 12),
        supply=supply,
    )
    turnover = field.flows[:, :2].sum(axis=1) + field.stored[0]
    assert (np.abs(field.unaccounted) <= 1e-9 * (1.0 + turnover)).all()
    assert (field.flows >= 0.0).all() and (field.stored >= -1e-9).all()
    if limit is not None:
        assert (field.demand.sum(axis=2) <= 3.0 * 366 + field.nursery.sum(axis=0) + 1e-6).all()


def test_a_second_crop_lives_on_what_the_first_left() -> None:
    """The same maize, sown on the same days: after rice, and after a year without rain before it."""
    after_rice = grown(rice_then("padi-palawija", IR64, MAIZE, farm.Pond()), 36)
    planted = after_rice.planted[1, 0]
    assert not np.isnat(planted).any()
    parched = MONSOON.rain.copy()
    for day in planted:
        at = int((day - MONSOON.first_day).astype(int))
        parched[max(at - 300, 0) : at] = 0.0
    dry = replace(MONSOON, rain=parched)
    maize = Pattern("palawija", (Planting(MAIZE, "water-limited", 0, None, 7, 0),))
    alone = grow_pattern(dry, farm.soil("EC4"), maize, planted[None, :])
    assert (
        np.isnat(alone.planted).all() and (alone.grain == 0.0).all()
    )  # too dry to sow: a failed season, not a guess
    assert (after_rice.grain[1, 0] > 1500).all()


def test_rainfed_rice_waits_for_water_and_irrigated_rice_is_puddled() -> None:
    starts = 27, 9  # from 1 October on
    rainfed = grown(rice_then("padi", IR64, MAIZE), *starts)
    irrigated = grown(rice_then("padi", IR64, MAIZE, farm.Pond()), *starts)
    wait = (rainfed.planted[0] - rainfed.starts).astype(float)
    assert (wait[~np.isnat(rainfed.planted[0])] >= 0).all() and (
        wait[~np.isnat(rainfed.planted[0])] <= 30
    ).all()
    assert np.isnat(rainfed.planted[0, 0]).mean() > np.isnat(rainfed.planted[0, -1]).mean()
    assert (irrigated.planted[0] == irrigated.starts).all()
    assert (rainfed.irrigation == 0).all() and irrigated.preparation[0].mean() > 30
    # What saturates a dry field comes before planting, and more of it the drier the month.
    assert irrigated.preparation[0, 0].mean() > irrigated.preparation[0, -1].mean()
    assert (irrigated.nursery > 5).all() and (irrigated.nursery < 40).all()
    assert irrigated.demand.sum(axis=2) == pytest.approx(
        (irrigated.irrigation + irrigated.nursery)[0], abs=1e-6
    )


def test_a_short_supply_delays_planting_or_forbids_it() -> None:
    pattern = rice_then("padi", IR64, MAIZE, farm.Pond())
    free, short, none = (
        grown(pattern, 20, supply=None if limit is None else np.full(36, limit)) for limit in (None, 8.0, 0.0)
    )
    both = ~np.isnat(short.planted)
    assert not np.isnat(free.planted).any() and (short.planted >= free.planted)[both].all()
    assert (short.planted > free.planted).any() and both.any()
    assert (short.irrigation.sum() < free.irrigation.sum()) and (none.irrigation == 0).all()
    assert np.isnat(none.planted).any()
    closed = np.full(36, 10.0)
    closed[24:27] = 0.0
    turn = grown(pattern, 20, supply=closed)
    assert (turn.demand[..., 24:27] <= turn.nursery.sum()).all() and turn.demand[..., 22:24].sum() > 0
    with pytest.raises(SeasonError, match="36 limits"):
        grown(pattern, supply=np.ones(12))


def test_old_seedlings_pay_more_for_the_move() -> None:
    ages = {age: grown(rice_then("padi", IR64, MAIZE, farm.Pond(), age)) for age in (15, 25, 45)}
    in_field = {age: (f.harvested - f.planted).astype(float).mean() for age, f in ages.items()}
    since_seed = {age: days + age for age, days in in_field.items()}
    assert in_field[15] > in_field[25] > in_field[45]
    assert since_seed[15] < since_seed[25] < since_seed[45]
    held, stage = SeedBed(IR64, MONSOON).transplanted(np.array([400]), 21)
    # ORYZA2000 by hand: 17 days after emergence; leaves stand still for a quarter of their sum, two fifths are lost.
    daily = SeedBed(IR64, MONSOON).gathered(np.array([400]), 21)[0]
    during = SeedBed(IR64, MONSOON).gathered(np.array([400 + held[0]]), 4 + held[0])[0]
    assert during == pytest.approx(0.25 * daily, abs=daily / 17)
    assert stage[0] == pytest.approx((0.6 * daily + during) / IR64.parameters["TSUM1"])
    sown = grown(rice_then("padi", IR64, MAIZE, None, 0))
    assert (~np.isnat(sown.planted)).mean() >= (
        ~np.isnat(grown(rice_then("padi", IR64, MAIZE)).planted)
    ).mean()


def test_a_crop_for_which_there_is_no_time_is_not_prepared_for() -> None:
    three = grown(rice_then("padi-padi-padi", IR64, MAIZE, farm.Pond()))
    assert (
        np.isnat(three.planted[2]).all() and (three.irrigation[2] == 0).all() and (three.grain[2] == 0).all()
    )
    quick = IR64.changed(TSUM1=1200)
    hurried = grown(rice_then("padi-padi-padi", quick, MAIZE, farm.Pond(), prepare=7))
    assert not np.isnat(hurried.planted[2, 0, :-1]).any()


def test_words_and_horizons_are_read_and_asked_back() -> None:
    assert pattern_words("Padi-Padi-Palawija") == ("padi", "padi", "palawija")
    assert len(rice_then("水稻-玉米-休耕", IR64, MAIZE).plantings) == 2
    for text, said in (
        ("padi-kapas", "found 'kapas'"),
        ("bera", "one to four crops"),
        ("padi-" * 4 + "padi", "one to four"),
    ):
        with pytest.raises(SeasonError, match=said):
            pattern_words(text)
    assert periods_within("Nov I..Des II") == (30, 34) and periods_within("11-01 s/d 12-20") == (30, 34)
    assert periods_within("W44..W50") == (29, 34) and periods_within("第44周至第50周") == (29, 34)
    assert periods_within("Nov") == (30, 32)
    for text in ("Nob", "W60..W61", "a..b"):
        with pytest.raises(DateError):
            periods_within(text)
    assert np.flatnonzero(within_horizon((34, 1), 30, 12)).tolist() == [4, 5, 6, 7]
    assert period_of_day(np.array(["2001-01-31", "2001-12-31", "2001-02-11"], "M8[D]")).tolist() == [2, 35, 4]
    for change in (
        {"production": "potential"},
        {"seedling_age": 99},
        {"prepare": 0},
        {"production": "water-limited"},
    ):
        with pytest.raises(SeasonError):
            Planting(IR64, **change)


def field_site(**changes: object) -> Site:
    given = {"name": "f", "latitude": -7.0, "longitude": 110.0, "weather": MONSOON, "soil": farm.soil("EC4"),
             "varieties": (IR64,), "pond": farm.Pond()}  # fmt: skip
    return Site(**(given | changes))


def test_the_best_start_lies_in_the_horizon_and_margins_may_choose_otherwise() -> None:
    plain = choose(field_site(patterns=("padi",)), Settings(first_period=24))
    held = choose(field_site(patterns=("padi",), within=(30, 32)), Settings(first_period=24))
    assert (24 + held.start) % 36 in (30, 31, 32) and held.value <= plain.value
    from lumbung.farm.calendar.margins import Prices

    thrifty = Settings(
        first_period=24, prices=Prices({"rice": 5000.0, "maize": 4000.0}, {"rice": 8e6}, 50_000.0)
    )
    saving = choose(field_site(patterns=("padi",)), thrifty)
    water = [float(need_of(c.chosen, c.start).sum()) for c in (plain, saving)]
    assert water[1] < water[0]
    assert saving.value == pytest.approx(
        np.nanmean(5000.0 / 0.86 * saving.chosen.years.grain[0, saving.start] - 8e6) - 50_000.0 * water[1],
        rel=1e-6,
    )
    assert pattern_years(field_site(), Settings(first_period=24)) == [1991, 1992, 1993, 1994, 1995, 1996]


def made_up(value: list[float], demand: np.ndarray) -> Grown:
    """A pattern whose figures are given: value by start, demand (starts, 36)."""
    starts, nothing = len(value), np.zeros((1, len(value), 1))
    dates = np.full((starts, 1), np.datetime64("2001-01-01"))
    years = FieldYears(
        rice_then("padi", IR64, MAIZE), dates, dates[None], dates[None], nothing, nothing, nothing, nothing, nothing,
        demand[:, None, :], np.zeros((2, starts)), np.zeros((starts, 7)),
    )  # fmt: skip
    return Grown(years.pattern, IR64, years, np.array(value)[:, None])


def test_a_division_is_the_best_there_is() -> None:
    """Four blocks, two patterns, three starts, against every possible division."""
    rng = np.random.default_rng(5)
    demand = np.zeros((2, 3, 36))
    for pattern, start in itertools.product(range(2), range(3)):
        demand[pattern, start, 3 * start : 3 * start + 4 - pattern] = 60.0
    values = [[9.0, 8.0, 5.0], [6.0, 6.5, 5.5]]
    blocks = [
        Block(
            field_site(name=f"b{k}", area=float(rng.integers(50, 200))),
            tuple(made_up([v + rng.uniform(0, 1) for v in values[p]], demand[p]) for p in range(2)),
        )
        for k in range(4)
    ]
    supply = np.full(36, 150.0)
    water = supply * LITRE_SECONDS * DAYS
    options = [None, *itertools.product(range(2), range(3))]
    for groups in (1, 2, 3):
        best = 0.0
        for picked in itertools.product(options, repeat=4):
            used, value = np.zeros(36), 0.0
            for block, option in zip(blocks, picked, strict=True):
                if option is not None:
                    used += CUBIC_METRES * block.site.area / 0.65 * demand[option]
                    value += block.site.area * block.grown[option[0]].value[option[1], 0]
            if (used <= water).all() and len({o[1] for o in picked if o}) <= groups:
                best = max(best, value)
        found = divide(blocks, supply, groups)
        assert found.value == pytest.approx(best, rel=1e-4) and found.bound >= found.value * (1 - 1e-6)
        assert (found.used <= found.supply).all() and len(found.starts) <= groups
        assert found.periods_met == 1.0
    assert divide(blocks, np.zeros(36), 2).value == 0.0
    with pytest.raises(SchemeError, match="needs its area"):
        divide([Block(field_site(), blocks[0].grown)], supply, 1)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a,b\n", "expected the columns period and supply"),
        ("period,supply\nNov I,x\n", "line 2"),
        ("period,supply\nNov I,5\n11-01,6\n", "stands in line 2 already"),
        ("period,supply\nNov I,-5\n", "at least 0"),
        ("period,supply\n", "no period below it"),
    ],
)
def test_a_supply_that_is_none_is_refused(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "supply.csv"
    path.write_text(text)
    with pytest.raises(SchemeError, match=said):
        read_supply(path)


def test_the_commands_speak_the_readers_language_and_go_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    table, supply = tmp_path / "blocks.csv", tmp_path / "debit.csv"
    table.write_text(
        "lokasi,weather,varietas,irigasi,pola tanam,luas\nHulu,hyderabad,IR64,ya,padi-padi-palawija;padi-palawija-bera,120\n"
        "Hilir,hyderabad,IR64,ya,padi-palawija-bera,80\nSalah,hyderabad,IR64,ya,padi-kapas,80\n"
    )
    periods = [f"{month:02d}-{day:02d},400\n" for month in range(1, 13) for day in (1, 11, 21)]
    supply.write_text("periode,debit\n" + "".join(periods))
    monkeypatch.setenv("LUMBUNG_LANGUAGE", "id")
    done = CliRunner().invoke(
        command, ["pattern", str(table), "--from", "06-01", "--out", str(tmp_path / "out")]
    )
    assert done.exit_code == 0, done.output
    assert "pola tanam" in done.stdout and "baris 4 (Salah)" in done.stderr and "kapas" in done.stderr
    assert {p.name for p in (tmp_path / "out").iterdir()} == {"patterns.csv", "starts.csv", "need.csv"}
    done = CliRunner().invoke(
        command, ["golongan", str(table), "--supply", str(supply), "--groups", "2", "--from", "06-01", "--out", str(tmp_path / "g"),
                  "--json"],
    )  # fmt: skip
    assert done.exit_code == 0, done.output
    assert "golongan" in done.stdout and (tmp_path / "g" / "water.csv").is_file()
