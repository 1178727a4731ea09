"""The learning environments pass the public checkers of their conventions."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from gymnasium.utils.env_checker import check_env
from pettingzoo.test import parallel_api_test

from lumbung.city.engine.episode import Settings, run_episode
from lumbung.city.engine.networks import Scenario
from lumbung.city.environment import SignalsEnv, SignalsParallelEnv


def test_pettingzoos_checker(crossing: Scenario) -> None:
    environment = SignalsParallelEnv(crossing)
    try:
        parallel_api_test(environment, num_cycles=150)
    finally:
        environment.close()


def test_gymnasiums_checker(crossing: Scenario) -> None:
    environment = SignalsEnv(crossing)
    try:
        with warnings.catch_warnings():
            # it has no spec (it is not registered) and draws nothing
            warnings.simplefilter("ignore", UserWarning)
            check_env(environment, skip_render_check=True)
    finally:
        environment.close()


def test_it_measures_what_the_judge_measures(crossing: Scenario, always: type) -> None:
    environment = SignalsParallelEnv(crossing, seed=3)
    environment.reset()
    infos: dict = {}
    while environment.agents:
        *_, infos = environment.step({"c": 0})
    assert infos["c"]["metrics"] == run_episode(crossing, always(0), Settings(), 3).metrics.as_dict()


def test_the_reward_is_minus_what_is_lost_in_queues(crossing: Scenario) -> None:
    environment = SignalsParallelEnv(crossing)
    seen, _ = environment.reset(seed=1)
    total = 0.0
    for _ in range(12):
        seen, rewards, *_ = environment.step({"c": 0})
        total += rewards["c"]
    environment.close()
    assert total < 0
    assert all(np.all((vector >= 0) & (vector <= 1)) for vector in seen.values())


def test_loops_are_refused(crossing: Scenario) -> None:
    with pytest.raises(ValueError, match="camera50 or camera200"):
        SignalsParallelEnv(crossing, Settings(sensors="loops"))
