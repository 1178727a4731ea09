"""The engine as environments for learning: PettingZoo (one agent per junction) and Gymnasium (one for the network).

Same sensors, rules and delay as the judge, so what is learned here is judged by what it was trained on. A step is
one decision. The reward is minus the vehicle-seconds lost before the junction's line since the last decision, in
vehicle-minutes. libsumo holds one simulation per process: one environment at a time, or `backend="traci"`.
"""

from __future__ import annotations

from typing import Any, ClassVar

import gymnasium
import numpy as np
from gymnasium import spaces
from pettingzoo import ParallelEnv

from lumbung.city.engine.episode import Decisions, Settings, make_problem, open_episode
from lumbung.city.engine.networks import Scenario
from lumbung.city.engine.sensors import make_sensors
from lumbung.city.engine.topology import scenario_topology

# Counts above this say no more than "full".
FULL = 40.0
QUEUED_M_S = 2.0


class SignalsParallelEnv(ParallelEnv):
    """One agent per junction; needs a camera tier.

    Parameters
    ----------
    scenario : Scenario
    settings : Settings, optional
    seed : int
        Of SUMO, where `reset` is given none.

    An agent's observation is a vector within [0, 1]: its phase (one-hot), seconds of green over 60, and for each of
    its movements the vehicles in sight and those in a queue, over 40. Its action is a phase.

    Examples
    --------
    >>> from lumbung import city
    >>> environment = city.SignalsParallelEnv(city.resco("cologne1"))
    >>> observations, infos = environment.reset(seed=0)
    >>> len(observations) == len(environment.possible_agents)
    True
    >>> environment.close()
    """

    metadata: ClassVar[dict[str, Any]] = {"name": "lumbung_signals_v1", "render_modes": []}

    def __init__(self, scenario: Scenario, settings: Settings | None = None, seed: int = 0) -> None:
        self._settings = settings or Settings()
        if self._settings.sensors == "loops":
            raise ValueError(
                "sensors: found 'loops', expected camera50 or camera200 for a learning environment"
            )
        self._scenario = scenario
        self._seed = seed
        self.render_mode = None
        self._decisions: Decisions | None = None
        topology = scenario_topology(scenario)
        sensors = make_sensors(self._settings.sensors, topology)
        self._problem = make_problem(scenario, topology, self._settings, sensors)
        self._junctions: dict[str, dict[str, Any]] = self._problem["junctions"]
        self.possible_agents = list(self._junctions)
        self.agents: list[str] = []
        self.observation_spaces = {
            name: spaces.Box(0.0, 1.0, (len(j["phases"]) + 1 + 2 * len(j["movements"]),), np.float32)
            for name, j in self._junctions.items()
        }
        self.action_spaces = {name: spaces.Discrete(len(j["phases"])) for name, j in self._junctions.items()}

    def observation_space(self, agent: str) -> spaces.Space[Any]:
        """Return the agent's observation space."""
        return self.observation_spaces[agent]

    def action_space(self, agent: str) -> spaces.Space[Any]:
        """Return the agent's action space."""
        return self.action_spaces[agent]

    def reset(
        self, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[dict[str, np.ndarray], dict[str, dict[str, Any]]]:
        """Start an episode with a seed of SUMO's."""
        self.close()
        if seed is not None:
            self._seed = seed
        self._opened = open_episode(self._scenario, self._settings, self._seed)
        self._decisions = self._opened.__enter__()
        self.agents = list(self.possible_agents)
        vectors, _ = self._see(self._decisions.observe())
        return vectors, {name: {} for name in self.agents}

    def step(
        self, actions: dict[str, int]
    ) -> tuple[
        dict[str, np.ndarray], dict[str, float], dict[str, bool], dict[str, bool], dict[str, dict[str, Any]]
    ]:
        """Show the phases until the next decision."""
        if self._decisions is None:
            raise RuntimeError("step: found no episode, expected reset() first")
        self._decisions.decide({name: int(phase) for name, phase in actions.items()})
        over = self._decisions.over
        vectors, queues = self._see(self._decisions.observe())
        interval = self._settings.rules.decision_interval
        rewards = {name: -queues[name] * interval / 60.0 for name in self.agents}
        infos: dict[str, dict[str, Any]] = {name: {} for name in self.agents}
        if over:
            metrics = self._decisions.finish().metrics.as_dict()
            infos = {name: {"metrics": metrics} for name in self.agents}
        ended = dict.fromkeys(self.agents, False)
        truncated = dict.fromkeys(self.agents, over)
        if over:
            self.agents = []
            self.close()
        return vectors, rewards, ended, truncated, infos

    def close(self) -> None:
        """End the simulation."""
        if self._decisions is not None:
            self._decisions = None
            self._opened.__exit__(None, None, None)

    def render(self) -> None:
        """Nothing is drawn while learning."""

    def _see(self, observation: dict[str, Any]) -> tuple[dict[str, np.ndarray], dict[str, int]]:
        vectors, queues = {}, dict.fromkeys(self._junctions, 0)
        counts = {name: np.zeros((len(j["movements"]), 2), np.float32) for name, j in self._junctions.items()}
        for lane, row in observation["vehicles"].items():
            junction = self._problem["lanes"][lane]["junction"]
            if not junction:
                continue  # the lane leads to no signal first
            for _, speed, movement in row:
                if movement >= 0:
                    queued = speed < QUEUED_M_S
                    counts[junction][movement] += (1, queued)
                    queues[junction] += queued
        for name, j in self._junctions.items():
            phase = np.zeros(len(j["phases"]), np.float32)
            phase[observation["phase"][name]] = 1
            green = np.float32(min(max(observation["green"][name], 0.0) / 60.0, 1.0))
            vectors[name] = np.concatenate(
                [phase, [green], np.minimum(counts[name] / FULL, 1).ravel()]
            ).astype(np.float32)
        return vectors, queues


class SignalsEnv(gymnasium.Env[np.ndarray, np.ndarray]):
    """The whole network as one agent: the agents' vectors joined, one phase for each junction.

    Examples
    --------
    >>> from lumbung import city
    >>> environment = city.SignalsEnv(city.resco("cologne1"))
    >>> observation, info = environment.reset(seed=0)
    >>> environment.action_space, observation.shape
    (MultiDiscrete([4]), (37,))
    >>> observation, reward, terminated, truncated, info = environment.step(environment.action_space.sample())
    >>> environment.close()
    """

    metadata = {"render_modes": []}  # noqa: RUF012  Gymnasium declares it so

    def __init__(self, scenario: Scenario, settings: Settings | None = None) -> None:
        self._inner = SignalsParallelEnv(scenario, settings)
        names = self._inner.possible_agents
        width = sum(self._inner.observation_spaces[name].shape[0] for name in names)
        self.observation_space = spaces.Box(0.0, 1.0, (width,), np.float32)
        self.action_space = spaces.MultiDiscrete([int(self._inner.action_spaces[name].n) for name in names])

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[np.ndarray, dict[str, Any]]:
        """Start an episode."""
        super().reset(seed=seed)
        vectors, _ = self._inner.reset(seed=seed)
        return self._join(vectors), {}

    def step(self, action: np.ndarray) -> tuple[np.ndarray, float, bool, bool, dict[str, Any]]:
        """Show one phase per junction until the next decision; the reward is the sum of the junctions'."""
        names = self._inner.possible_agents
        vectors, rewards, _, truncated, infos = self._inner.step(
            dict(zip(names, action.tolist(), strict=True))
        )
        return self._join(vectors), sum(rewards.values()), False, any(truncated.values()), infos[names[0]]

    def close(self) -> None:
        """End the simulation."""
        self._inner.close()

    def _join(self, vectors: dict[str, np.ndarray]) -> np.ndarray:
        return np.concatenate([vectors[name] for name in self._inner.possible_agents])
