"""The learning environments: Gymnasium's own checker, and the engine's seasons behind them."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from gymnasium.utils.env_checker import check_env

from lumbung import farm
from lumbung.farm.environment import IRRIGATION, PlantingEnv, PlantingVectorEnv, Task


def test_it_passes_gymnasiums_checker_without_a_warning() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        check_env(PlantingEnv(), skip_render_check=True)


@pytest.mark.parametrize("days", [1, 5])
def test_a_rainfed_episode_is_the_season_that_grow_grows(days: int) -> None:
    env = PlantingEnv(task=Task(days=days))
    env.reset(seed=3)
    total, over = 0.0, False
    observation, reward, *_, info = env.step(np.array([18, 3]))
    assert reward == 0.0 and info["day"][5:] == "07-01"
    start = info["day"]
    while not over:
        observation, reward, over, cut, info = env.step(np.array([0, 0]))
        assert env.observation_space.contains(observation) and not cut
        total += reward
    season = farm.grow(farm.hyderabad(), "IR64", "EC4", start, production="paddy")
    assert 1e3 * total == pytest.approx(season["TWSO"][0], rel=1e-12)
    assert 0 <= (np.datetime64(info["day"]) - season.date("DOM")[0]).astype(int) < days


def test_irrigation_costs_and_is_the_engines_own() -> None:
    schedule = np.zeros(200)
    env = PlantingEnv(task=Task(water_price=3.0))
    env.reset(seed=1)
    *_, info = env.step(np.array([30, 0]))
    start, total, day, over = info["day"], 0.0, 0, False
    while not over:
        level = 3 if day % 7 == 0 else 0
        schedule[day] = IRRIGATION[level]
        _, reward, over, cut, info = env.step(np.array([0, level]))
        total, day = total + reward, day + 1
        assert not cut
    season = farm.grow(farm.hyderabad(), "IR64", "EC4", start, production="paddy", irrigation=schedule)
    used = schedule[:day].sum()
    assert 1e3 * total == pytest.approx(season["TWSO"][0] - 3.0 * used, rel=1e-9)
    dry = farm.grow(farm.hyderabad(), "IR64", "EC4", start, production="paddy")
    assert season["TWSO"][0] > dry["TWSO"][0]


def test_every_field_of_a_vector_lives_like_an_environment_alone() -> None:
    many = PlantingVectorEnv(19, task=Task(days=3))
    observation, info = many.reset(seed=8)
    assert many.observation_space.contains(observation)
    actions = np.random.default_rng(0).integers([36, 4], size=(90, 19, 2))
    kept, ended = [], np.zeros(19, bool)
    for action in actions:
        observation, reward, over, cut, info = many.step(action)
        kept.append((observation, reward, over | cut, info["day"]))
        ended |= over | cut
    assert ended.sum() > 10
    for k in (0, 7, 18):
        alone = PlantingEnv(task=Task(days=3))
        first = kept[0][3][k]  # the first step tells the year; draw until it is the same
        for seed in range(400):
            alone.reset(seed=seed)
            *_, told = alone.step(actions[0, k])
            if told["day"] == first:
                break
        assert told["day"] == first
        for step in range(1, 90):
            seen, reward, over, cut, told = alone.step(actions[step, k])
            assert (seen == kept[step][0][k]).all()
            assert reward == kept[step][1][k] and (over or cut) == kept[step][2][k]
            if over or cut:
                break


def test_the_same_seed_gives_the_same_years() -> None:
    runs = []
    for _ in range(2):
        env = PlantingVectorEnv(8, task=Task(days=5))
        env.reset(seed=4)
        runs.append([env.step(np.full((8, 2), [20, 1]))[0] for _ in range(60)])
    assert all((a == b).all() for a, b in zip(*runs, strict=True))


def test_weather_without_a_whole_year_is_refused() -> None:
    with pytest.raises(ValueError, match="expected at least one year in which all 36 starts"):
        PlantingEnv(task=Task(longest=4000))
