"""City: judges, runs and writes traffic-signal control on SUMO.

``engine/`` simulates a network under a controller and knows no challenge; ``signals.py`` turns a controller into
signal programs for one's own network; ``judge.py`` lets the proving ground use the engine; ``solutions/`` holds the
reference controllers.

>>> from lumbung import city
>>> city.read_configuration("my-town.sumocfg")  # doctest: +SKIP

A network, a controller and a seed make an episode, `run_episode`; `retime` searches fixed plans, `import_model` makes a
network from a map and counts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from lumbung.faces import face

if TYPE_CHECKING:
    from lumbung.city.engine.configuration import read_configuration
    from lumbung.city.engine.episode import Controller, Episode, Settings, run_episode, run_today
    from lumbung.city.engine.metrics import Metrics
    from lumbung.city.engine.networks import NetworkError, Scenario, own_scenario, resco
    from lumbung.city.environment import SignalsEnv, SignalsParallelEnv
    from lumbung.city.importing.model import import_model
    from lumbung.city.retiming.retime import Difference, Period, Retiming, retime

__all__ = [
    "Controller",
    "Difference",
    "Episode",
    "Metrics",
    "NetworkError",
    "Period",
    "Retiming",
    "Scenario",
    "Settings",
    "SignalsEnv",
    "SignalsParallelEnv",
    "import_model",
    "own_scenario",
    "read_configuration",
    "resco",
    "retime",
    "run_episode",
    "run_today",
]

__getattr__, __dir__ = face(
    __name__,
    {
        "engine.configuration": ("read_configuration",),
        "engine.episode": (
            "Controller",
            "Episode",
            "Settings",
            "run_episode",
            "run_today",
        ),
        "engine.metrics": ("Metrics",),
        "engine.networks": (
            "NetworkError",
            "Scenario",
            "own_scenario",
            "resco",
        ),
        "environment": (
            "SignalsEnv",
            "SignalsParallelEnv",
        ),
        "importing.model": ("import_model",),
        "retiming.retime": (
            "Difference",
            "Period",
            "Retiming",
            "retime",
        ),
    },
)
