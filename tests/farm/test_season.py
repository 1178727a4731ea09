"""Decisions over ensembles: against seasons grown one by one, by hand, and by property."""

from __future__ import annotations

from dataclasses import replace
from statistics import NormalDist

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lumbung import farm
from lumbung.farm.calendar.model_error import model_error
from lumbung.farm.calendar.season import (
    DecisionError,
    Ensemble,
    Forecast,
    Site,
    analogue_weights,
    decide,
    grow_ensembles,
    outlook_of,
    period_name,
    period_of,
    ten_day_starts,
    terciles,
)

WEATHER = farm.hyderabad()


def a_site(**changes: object) -> Site:
    base = Site("here", 17.4, 78.3, WEATHER, farm.soil("EC4"), (farm.variety("IR72"), farm.variety("IR64")))
    return replace(base, **changes)  # type: ignore[arg-type]


def by_hand(
    yields: np.ndarray, *, habitual: int | None = None, weights: np.ndarray | None = None
) -> Ensemble:
    """An ensemble of given yields, shape (varieties, starts, years)."""
    zero = np.zeros_like(yields)
    years = yields.shape[2]
    starts = ten_day_starts(0, range(2000, 2000 + years), yields.shape[1])
    varieties = (farm.variety("IR72"), farm.variety("IR64"))[: yields.shape[0]]
    shares = np.full(years, 1 / years) if weights is None else weights
    return Ensemble(
        a_site(habitual=habitual, varieties=varieties),
        starts,
        yields,
        zero,
        zero,
        zero,
        zero,
        np.zeros(years),
        shares,
    )


def test_starts_are_the_1st_11th_and_21st_also_across_new_year() -> None:
    starts = ten_day_starts(24, [2003], 15)[:, 0].astype(str).tolist()
    assert starts[:4] == ["2003-09-01", "2003-09-11", "2003-09-21", "2003-10-01"]
    assert starts[12] == "2004-01-01" and starts[-1] == "2004-01-21"
    assert [period_of(text) for text in ("01-01", "01-10", "01-11", "2024-02-29", "12-31")] == [
        0,
        0,
        1,
        5,
        35,
    ]
    assert period_name(31) == "11 Nov"
    with pytest.raises(DecisionError, match="found '31-12'"):
        period_of("31-12")


def test_an_ensemble_holds_the_very_seasons_that_grow_gives() -> None:
    sites = [
        a_site(),
        a_site(name="wet", soil=farm.soil("EC5"), pond=farm.Pond()),
        a_site(name="dry", production="water-limited"),
    ]
    ensembles = grow_ensembles(sites, [2003, 2007], 15, 4)
    for site, ensemble in zip(sites, ensembles, strict=True):
        assert ensemble.yields.shape == (2, 4, 2)
        alone = farm.grow(
            WEATHER,
            "IR64",
            site.soil,
            str(ensemble.starts[3, 1]),
            production=site.production,
            pond=site.pond,
            longest=240,
        )
        assert ensemble.yields[1, 3, 1] == alone["GRAIN"][0]
        preparing = alone["LANDPREP"][0] if site.pond else 0.0
        assert ensemble.irrigation[1, 3, 1] == pytest.approx(10 * (alone["TOTIRR"][0] + preparing))
    assert ensembles[1].irrigation.min() > 0 and ensembles[0].irrigation.max() == 0


def test_season_rain_is_the_rain_of_the_forecasts_months() -> None:
    ensemble = grow_ensembles([a_site(forecast=Forecast(0.5, 0.3, 0.2, (6, 7, 8, 9)))], [2003], 12, 2)[0]
    inside = (WEATHER.dates >= np.datetime64("2003-06-01")) & (WEATHER.dates < np.datetime64("2003-10-01"))
    assert ensemble.season_rain[0] == pytest.approx(WEATHER.rain[inside].sum())


def test_years_weigh_as_the_forecast_says() -> None:
    rain = np.array([300.0, 100.0, 200.0, 600.0, 500.0, 400.0])
    assert terciles(rain).tolist() == [1, 0, 0, 2, 2, 1]
    forecast = Forecast(0.6, 0.3, 0.1, (1,))
    weights = analogue_weights(rain, forecast, np.ones(6, bool))
    assert weights == pytest.approx([0.15, 0.3, 0.3, 0.05, 0.05, 0.15])
    assert analogue_weights(rain, None, np.array([1, 1, 0, 1, 1, 0], bool)) == pytest.approx(
        [0.25, 0.25, 0, 0.25, 0.25, 0]
    )
    with pytest.raises(DecisionError, match="add up to 1"):
        Forecast(0.5, 0.5, 0.5, (1,))


def test_figures_by_hand() -> None:
    yields = np.array([[[1000.0, 3000.0, 5000.0, 7000.0], [4000.0, 4000.0, np.nan, 1000.0]]])
    outlook = outlook_of(by_hand(yields))
    assert outlook.expected[0].tolist() == [4000.0, 3000.0]
    assert outlook.spread[0, 0] == pytest.approx(np.std([1000, 3000, 5000, 7000], ddof=1))
    assert outlook.error[0, 0] == pytest.approx(outlook.spread[0, 0] / 2)
    # Each season fails with the chance that the model's error leaves it: by the symmetry of 1000 and 3000, 0.25.
    normal = NormalDist(0.0, model_error("rice").rmse)
    by_year = [normal.cdf(2000 - y) for y in (4000, 4000, 1000)]
    assert outlook.risk[0].tolist() == pytest.approx([0.25, np.mean(by_year)], abs=1e-4)
    assert outlook.years[0].tolist() == [4, 3]
    draws = [y + normal.inv_cdf((k + 0.5) / 999) for y in (1000, 3000, 5000, 7000) for k in range(999)]
    assert outlook.low[0, 0] == pytest.approx(np.quantile(draws, 0.1), abs=60)
    assert outlook.high[0, 0] == pytest.approx(np.quantile(draws, 0.9), abs=60)
    assert 0 < outlook.risk_low[0, 0] < 0.25 < outlook.risk_high[0, 0] < 1


def test_the_window_and_its_probability_by_hand() -> None:
    expected = np.array([2000.0, 7600.0, 8000.0, 7300.0, 5000.0])
    swing = np.array([[0, 0], [0, 900], [0, 0], [0, 0], [0, 0]], dtype=float)
    decision = decide(by_hand((expected[:, None] + swing - swing.mean(1, keepdims=True))[None]))
    assert (decision.start, decision.window) == (2, (1, 3))
    assert decision.window_probability == 1.0 and decision.window_risk < 1e-6
    # In one year of four the best start lies outside.
    years = np.tile(expected[:, None], (1, 4))
    years[0, 0], years[0, 1:] = 20000.0, 1000.0
    assert decide(by_hand(years[None])).window_probability == 0.75


def test_the_gain_over_habit_is_judged_by_years_left_out() -> None:
    rng = np.random.default_rng(5)
    # All starts alike: choosing the luckiest of 36 must not look like a gain.
    gains = [decide(by_hand(rng.normal(5000, 1000, (1, 36, 12)), habitual=10)).gain for _ in range(60)]
    assert abs(np.mean(gains)) < 3 * np.std(gains) / np.sqrt(60)
    better = rng.normal(5000, 300, (1, 36, 12))
    better[0, 20] += 2000
    decision = decide(by_hand(better, habitual=10))
    assert decision.gain_low < decision.gain < decision.gain_high
    assert decision.gain == pytest.approx(2000, abs=500)


def test_a_site_whose_seasons_all_lack_weather_is_refused() -> None:
    with pytest.raises(DecisionError, match="no season could be grown"):
        decide(by_hand(np.full((1, 3, 2), np.nan)))


@settings(max_examples=40, deadline=None)
@given(
    st.integers(1, 2),
    st.integers(1, 6),
    st.integers(2, 9),
    st.integers(0, 2**31),
    st.floats(0.0, 1.0),
    st.booleans(),
)
def test_whatever_the_yields_figures_are_in_order(
    varieties: int, starts: int, years: int, seed: int, below: float, gaps: bool
) -> None:
    rng = np.random.default_rng(seed)
    yields = rng.gamma(2.0, 2000.0, (varieties, starts, years))
    if gaps:
        yields[rng.random(yields.shape) < 0.2] = np.nan
        yields[:, :, 0] = 1.0
    weights = analogue_weights(
        rng.random(years), Forecast(below, 0.5 * (1 - below), 0.5 * (1 - below), (1,)), np.ones(years, bool)
    )
    assert weights.sum() == pytest.approx(1.0)
    decision = decide(by_hand(yields, habitual=0, weights=weights))
    outlook = decision.outlook
    known = np.isfinite(outlook.expected)
    assert (outlook.low[known] <= outlook.high[known] + 1e-9).all()
    assert (outlook.risk_low[known] <= outlook.risk[known] + 1e-9).all()
    assert (outlook.risk[known] <= outlook.risk_high[known] + 1e-9).all()
    assert decision.window[0] <= decision.start <= decision.window[1]
    assert 0.0 <= decision.window_probability <= 1.0 + 1e-9
