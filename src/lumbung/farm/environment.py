"""The crop engine as an environment for learning: choose the start, then irrigate (Gymnasium).

The first step chooses a start and grows nothing; every later step grows the crop by some days and irrigates on the first of
them. The reward of a step is the grain it added minus the price of the water, in tonnes a hectare; a season that dies
ends. :class:`PlantingVectorEnv` grows many fields at once with the same rules: what a single environment does, field k of it
does too, given the same seed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import gymnasium
import numpy as np
import numpy.typing as npt
from gymnasium import spaces
from gymnasium.vector import AutoresetMode, VectorEnv

from lumbung.farm.calendar.season import ten_day_starts
from lumbung.farm.engine import rows as R
from lumbung.farm.engine.batches import SeasonArrays
from lumbung.farm.engine.fields import GROWING, Fields
from lumbung.farm.growing.crop_parameters import Variety, variety
from lumbung.farm.growing.fallow import water_on
from lumbung.farm.growing.harvest import PRODUCTION
from lumbung.farm.growing.soil_parameters import Soil, soil
from lumbung.farm.weather.record import Weather

Array = npt.NDArray[np.float64]
Floats = npt.NDArray[np.float32]
IRRIGATION = (0.0, 10.0, 20.0, 40.0)  # mm
# What an observation holds, and the value that counts as 1.
SEEN = {
    "growing": 1.0,
    "age": 200.0,  # days
    "DVS": 2.0,
    "LAI": 8.0,  # ha/ha
    "TAGP": 20000.0,  # kg/ha
    "TWSO": 10000.0,  # kg/ha
    "TRA": 1.0,  # cm/d
    "RD": 120.0,  # cm
    "SM": 1.0,  # cm3/cm3
    "SS": 10.0,  # cm
    "rain": 100.0,  # mm in the ten days before
    "tmax": 45.0,  # C, mean of the ten days before
    "season": 1.0,  # sine and cosine of the day of the year
    "season_": 1.0,
}
_STATE = ("DVS", "LAI", "TAGP", "TWSO", "TRA", "RD", "SM", "SS")
_HIGHEST = 4.0


@dataclass(frozen=True)
class Task:
    """What is to be managed.

    Attributes
    ----------
    starts
        How many ten-day starts there are to choose from, from ``first_period`` (0 to 35) on.
    days
        Of a step.
    water_price
        Grain that a millimetre of irrigation costs [kg/ha/mm].
    longest
        Days after its start at which a season ends at the latest.
    """

    production: str = "paddy"
    first_period: int = 0
    starts: int = 36
    days: int = 1
    water_price: float = 2.0
    longest: int = 200


class _Farm:
    """Fields, their years, and what is seen of them; shared by both environments."""

    def __init__(self, count: int, weather: Weather, crop: Variety, ground: Soil, task: Task) -> None:
        self.task, self.count, self._weather = task, count, weather
        years = range(int(str(weather.first_day)[:4]), int(str(weather.last_day)[:4]) + 1)
        dates = ten_day_starts(task.first_period, years, task.starts)
        whole = (dates[0] >= weather.first_day + 10) & (dates[-1] + task.longest + 1 <= weather.last_day)
        if not whole.any():
            raise ValueError(
                f"weather: found {weather.first_day} to {weather.last_day}, expected at least one year in which all "
                f"{task.starts} starts leave room for {task.longest} days"
            )
        self._dates = dates[:, whole].astype(np.int64)
        self.fields = Fields(
            count,
            [weather.days],
            [crop.arrays],
            np.array([ground.array]),
            PRODUCTION[task.production],
            task.longest,
        )
        self._crop = crop
        self._water = water_on(weather, ground, weather.dates, paddy=task.production == "paddy") / 10.0
        first = int(weather.first_day.astype(int))
        self._first = first
        rain = np.concatenate([[0.0], np.cumsum(np.nan_to_num(weather.rain))])
        hot = np.concatenate([[0.0], np.cumsum(np.nan_to_num(weather.tmax))])
        at = np.arange(len(weather) + 1)
        before = np.maximum(at - 10, 0)
        self._rain = rain[at] - rain[before]
        self._tmax = (hot[at] - hot[before]) / np.maximum(at - before, 1)
        turn = 2.0 * np.pi * np.concatenate([weather.day_of_year, weather.day_of_year[-1:]]) / 365.25
        self._sine, self._cosine = np.sin(turn), np.cos(turn)
        self._columns = np.array([R.DAILY.index(name) for name in _STATE])
        self._year = np.zeros(count, np.int64)
        self._today = np.zeros(count, np.int64)
        self._grain = np.zeros(count)
        self.waiting = np.ones(count, bool)

    @property
    def observation(self) -> spaces.Space[Any]:
        return spaces.Box(-1.0, _HIGHEST, (len(SEEN),), np.float32)

    @property
    def action(self) -> spaces.MultiDiscrete:
        return spaces.MultiDiscrete([self.task.starts, len(IRRIGATION)])

    def draw(self, which: npt.NDArray[np.int64], rng: np.random.Generator) -> None:
        """Give fields a year, and let them wait for their start."""
        self._year[which] = rng.integers(self._dates.shape[1], size=which.size)
        self._today[which] = self._dates[0, self._year[which]]
        self._grain[which] = 0.0
        self.waiting[which] = True

    def act(
        self, action: npt.NDArray[np.int64]
    ) -> tuple[Array, npt.NDArray[np.bool_], npt.NDArray[np.bool_]]:
        """Start the fields that wait, grow the others; return reward, matured or died, and cut short."""
        beginning = np.flatnonzero(self.waiting)
        growing = ~self.waiting
        water = np.where(growing, np.asarray(IRRIGATION)[action[:, 1]], 0.0)
        if growing.any():
            self.fields.advance(self.task.days, water / 10.0)
            self._today[growing] += self.task.days
        if beginning.size:
            self._begin(beginning, action[beginning, 0])
        grain = self.fields.observed[:, R.DAILY.index("TWSO")]
        grain = np.where(growing, np.nan_to_num(grain), 0.0)
        reward = np.where(growing, grain - self._grain - self.task.water_price * water, 0.0) / 1e3
        self._grain = np.where(growing, grain, self._grain)
        status = np.where(growing, self.fields.status, GROWING)
        return reward, status == R.MATURE, (status != R.MATURE) & (status != GROWING)

    def _begin(self, which: npt.NDArray[np.int64], start: npt.NDArray[np.int64]) -> None:
        day = self._dates[start, self._year[which]]
        size = which.size
        self.fields.restart(
            which,
            SeasonArrays(
                weather=np.zeros(size, np.int64),
                crop=np.zeros(size, np.int64),
                soil=np.zeros(size, np.int64),
                start=day,
                end=np.full(size, self.task.longest),
                sowing=np.full(size, self._crop.can_be_sown),
                to_maturity=np.ones(size, bool),
                irrigation=np.full(size, -1),
                initial_water=self._water[day - self._first],
                pond_low=np.full(size, -1.0),
                pond_high=np.zeros(size),
                pond_until=np.full(size, -9.0),
            ),
        )
        self._today[which] = day
        self.waiting[which] = False

    def see(self) -> Floats:
        """Return what is seen of every field, shape (fields, len(SEEN))."""
        out = np.zeros((self.count, len(SEEN)))
        begun = ~self.waiting & (self.fields.age > 0)
        out[:, 0] = ~self.waiting
        out[:, 1] = np.where(self.waiting, 0, self.fields.age)
        out[:, 2:10] = np.where(begun[:, None], self.fields.observed[:, self._columns], 0.0)
        at = np.minimum(self._today - self._first, self._rain.size - 1)
        out[:, 10], out[:, 11] = self._rain[at], self._tmax[at]
        out[:, 12], out[:, 13] = self._sine[at], self._cosine[at]
        out /= np.array(list(SEEN.values()))
        return np.clip(np.nan_to_num(out), -1.0, _HIGHEST).astype(np.float32)

    def info(self) -> dict[str, Any]:
        """Return the grain standing in every field [kg/ha] and its day."""
        return {"grain": self._grain.copy(), "day": self._today.astype("datetime64[D]").astype(str)}


def _things(
    weather: Weather | None, crop: Variety | str, ground: Soil | str
) -> tuple[Weather, Variety, Soil]:
    if weather is None:
        from lumbung.farm.weather.hyderabad import hyderabad

        weather = hyderabad()
    return (
        weather,
        variety(crop) if isinstance(crop, str) else crop,
        soil(ground) if isinstance(ground, str) else ground,
    )


class PlantingEnv(gymnasium.Env[Floats, npt.NDArray[np.int64]]):
    """One field, one season.

    Parameters
    ----------
    weather
        Measured Hyderabad where None. Each episode draws one of its years.
    crop, ground
    task
    """

    metadata = {"render_modes": []}  # noqa: RUF012  Gymnasium declares it so

    def __init__(
        self,
        weather: Weather | None = None,
        crop: Variety | str = "IR64",
        ground: Soil | str = "EC4",
        task: Task | None = None,
    ) -> None:
        self._farm = _Farm(1, *_things(weather, crop, ground), task or Task())
        self.observation_space = self._farm.observation
        self.action_space = self._farm.action
        self.render_mode = None

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[Floats, dict[str, Any]]:
        """Draw a year; the first step then chooses the start."""
        super().reset(seed=seed)
        self._farm.draw(np.zeros(1, np.int64), self.np_random)
        return self._farm.see()[0], self._info()

    def step(self, action: npt.NDArray[np.int64]) -> tuple[Floats, float, bool, bool, dict[str, Any]]:
        """Choose the start, or irrigate and grow on."""
        reward, over, cut = self._farm.act(np.asarray(action, np.int64)[None])
        return self._farm.see()[0], float(reward[0]), bool(over[0]), bool(cut[0]), self._info()

    def _info(self) -> dict[str, Any]:
        info = self._farm.info()
        return {"grain": float(info["grain"][0]), "day": str(info["day"][0])}


class PlantingVectorEnv(VectorEnv[Floats, npt.NDArray[np.int64], npt.NDArray[Any]]):
    """Many fields at once, each with its own year and start; a field that ended is reset on the next step.

    Parameters
    ----------
    num_envs
    weather, crop, ground, task
        As for :class:`PlantingEnv`.
    """

    metadata = {"render_modes": [], "autoreset_mode": AutoresetMode.NEXT_STEP}  # noqa: RUF012

    def __init__(
        self,
        num_envs: int,
        weather: Weather | None = None,
        crop: Variety | str = "IR64",
        ground: Soil | str = "EC4",
        task: Task | None = None,
    ) -> None:
        self.num_envs = num_envs
        self._farm = _Farm(num_envs, *_things(weather, crop, ground), task or Task())
        self.single_observation_space, self.single_action_space = self._farm.observation, self._farm.action
        self.observation_space = gymnasium.vector.utils.batch_space(self.single_observation_space, num_envs)
        self.action_space = gymnasium.vector.utils.batch_space(self.single_action_space, num_envs)
        self._ended = np.zeros(num_envs, bool)

    def reset(
        self, *, seed: int | Sequence[int | None] | None = None, options: dict[str, Any] | None = None
    ) -> tuple[Floats, dict[str, Any]]:
        """Draw a year for every field."""
        first = seed if isinstance(seed, int) or seed is None else seed[0]
        super().reset(seed=first)
        self._farm.draw(np.arange(self.num_envs), self.np_random)
        self._ended[:] = False
        return self._farm.see(), self._farm.info()

    def step(
        self, actions: npt.NDArray[np.int64]
    ) -> tuple[Floats, npt.NDArray[Any], npt.NDArray[Any], npt.NDArray[Any], dict[str, Any]]:
        """Advance all fields; those that had ended are reset instead, with reward 0."""
        fresh = self._ended.copy()
        reward, over, cut = self._farm.act(np.asarray(actions, np.int64))
        if fresh.any():
            self._farm.draw(np.flatnonzero(fresh), self.np_random)
            reward[fresh], over[fresh], cut[fresh] = 0.0, False, False
        self._ended = over | cut
        return self._farm.see(), reward, over, cut, self._farm.info()
