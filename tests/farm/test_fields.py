"""Fields grown step by step bring what whole seasons bring, whenever they are restarted."""

from __future__ import annotations

import numpy as np
import pytest

from lumbung.farm import grow, hyderabad, soil, variety
from lumbung.farm.engine import rows as R
from lumbung.farm.engine.batches import SeasonArrays
from lumbung.farm.engine.fields import GROWING, Fields

WEATHER = hyderabad()
CROPS = [variety("IR72"), variety("Grain_maize_201")]
SOILS = [soil("EC3"), soil("EC4")]
LONGEST = 150


def seasons(starts: np.ndarray, crop: np.ndarray, ground: np.ndarray, pond: bool) -> SeasonArrays:
    n = starts.size
    return SeasonArrays(
        weather=np.zeros(n, np.int64),
        crop=crop,
        soil=ground,
        start=starts.astype("datetime64[D]").astype(np.int64),
        end=np.full(n, LONGEST, np.int64),
        sowing=crop == 1,
        to_maturity=np.ones(n, bool),
        irrigation=np.full(n, -1, np.int64),
        initial_water=np.full(n, np.nan),
        pond_low=np.full(n, 1.0 if pond else -1.0),
        pond_high=np.full(n, 5.0 if pond else 0.0),
        pond_until=np.full(n, 1.8 if pond else -9.0),
    )


def fields(count: int, mode: int) -> Fields:
    return Fields(
        count,
        [WEATHER.days],
        [c.arrays for c in CROPS],
        np.array([s.array for s in SOILS]),
        mode,
        LONGEST,
    )


@pytest.mark.parametrize(("mode", "production"), [(R.WATER_LIMITED, "water-limited"), (R.PADDY, "paddy")])
def test_steps_and_whole_seasons_agree(mode: int, production: str) -> None:
    """Twenty-one fields, each restarted whenever its season is over, three thousand days long."""
    rng = np.random.default_rng(5)
    count, step = 21, 5
    plot = fields(count, mode)
    done: list[tuple[np.datetime64, int, int, np.ndarray, np.ndarray]] = []
    current: list[tuple[np.datetime64, int, int, list[float]] | None] = [None] * count

    def begin(which: np.ndarray) -> None:
        starts = WEATHER.first_day + rng.integers(0, len(WEATHER) - 200, which.size)
        crop, ground = rng.integers(0, 2, which.size), rng.integers(0, 2, which.size)
        assert plot.restart(which, seasons(starts, crop, ground, False)).all()
        for k, f in enumerate(which):
            current[f] = (starts[k], int(crop[k]), int(ground[k]), [])

    begin(np.arange(count))
    for _ in range(600):
        water = np.where(rng.random(count) < 0.3, rng.uniform(0, 4, count), 0.0)
        for f in range(count):
            current[f][3].extend([water[f], *([0.0] * (step - 1))])
        plot.advance(step, water)
        over = np.flatnonzero(plot.status != GROWING)
        for f in over:
            start, crop, ground, given = current[f]
            done.append((start, crop, ground, np.array(given), plot.observed[f].copy()))
        if over.size:
            begin(over)
    assert len(done) > 400
    schedules = np.zeros((len(done), LONGEST + step))
    for k, (_, _, _, given, _) in enumerate(done):
        schedules[k, : given.size] = given[: LONGEST + step]
    crop_index = np.array([d[1] for d in done])
    whole = grow(
        WEATHER,
        CROPS,
        SOILS,
        np.array([d[0] for d in done]),
        crop_index=crop_index,
        soil_index=np.array([d[2] for d in done]),
        production=production,
        initial_water="full",
        sowing=crop_index == 1,
        longest=LONGEST,
        irrigation=schedules * 10.0,
        irrigation_index=np.arange(len(done)),
    )
    for name in ("TAGP", "TWSO", "TWLV", "TWST", "TWRT", "DVS", "RD", "SM", "SS"):
        shown = np.array([d[4][R.DAILY.index(name)] for d in done])
        np.testing.assert_allclose(shown, whole[name], 1e-12, 1e-12, err_msg=name)


def test_a_field_whose_season_is_over_keeps_what_it_showed() -> None:
    plot = fields(3, R.POTENTIAL)
    start = np.array(["2003-07-01"] * 2, "datetime64[D]")
    plot.restart(np.array([0, 2]), seasons(start, np.zeros(2, np.int64), np.zeros(2, np.int64), False))
    assert plot.status.tolist() == [GROWING, R.REFUSED, GROWING]
    for _ in range(30):
        plot.advance(5, np.zeros(3))
    ripe = plot.observed[:, R.DAILY.index("TWSO")].copy()
    plot.advance(50, np.zeros(3))
    assert plot.status.tolist() == [R.MATURE, R.REFUSED, R.MATURE]
    expected = grow(WEATHER, "IR72", "EC3", "2003-07-01")["TWSO"][0]
    assert ripe.tolist() == [expected, 0.0, expected]
    assert plot.observed[:, R.DAILY.index("TWSO")].tolist() == ripe.tolist()


def test_a_start_without_weather_is_refused() -> None:
    plot = fields(2, R.POTENTIAL)
    start = np.array(["2003-07-01", "1950-01-01"], "datetime64[D]")
    begun = plot.restart(np.arange(2), seasons(start, np.zeros(2, np.int64), np.zeros(2, np.int64), False))
    assert begun.tolist() == [True, False]
    assert plot.status.tolist() == [GROWING, R.REFUSED]
