"""A small network of our own, built by SUMO's netconvert, and controllers that tests use."""

from __future__ import annotations

import importlib.util
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from lumbung.city.engine.networks import Scenario, own_scenario
from lumbung.city.engine.sumo import sumo_binary

SOLUTIONS = Path(__file__).resolve().parents[2] / "src/lumbung/city/solutions"

NODES = """<nodes>
<node id="n" x="0" y="200"/><node id="s" x="0" y="-200"/><node id="e" x="300" y="0"/><node id="w" x="-300" y="0"/>
<node id="c" x="0" y="0" type="traffic_light"/>
</nodes>"""
EDGES = """<edges>
<edge id="nc" from="n" to="c" numLanes="1" speed="13.9"/><edge id="cn" from="c" to="n" numLanes="1" speed="13.9"/>
<edge id="sc" from="s" to="c" numLanes="1" speed="13.9"/><edge id="cs" from="c" to="s" numLanes="1" speed="13.9"/>
<edge id="ec" from="e" to="c" numLanes="2" speed="13.9"/><edge id="ce" from="c" to="e" numLanes="2" speed="13.9"/>
<edge id="wc" from="w" to="c" numLanes="2" speed="13.9"/><edge id="cw" from="c" to="w" numLanes="2" speed="13.9"/>
</edges>"""


def write_demand(path: Path, vehicles: list[tuple[float, str, str]]) -> None:
    """Write vehicles that depart at a time, from an edge, to an edge."""
    lines = [
        f'<trip id="{number}" depart="{depart:.1f}" from="{here}" to="{there}"/>'
        for number, (depart, here, there) in enumerate(vehicles)
    ]
    path.write_text("<routes>\n" + "\n".join(lines) + "\n</routes>\n")


@pytest.fixture(scope="session")
def crossing(tmp_path_factory: pytest.TempPathFactory) -> Scenario:
    """One signalised crossing, a busy main road and a quiet side road, five minutes."""
    folder = tmp_path_factory.mktemp("crossing")
    (folder / "n.xml").write_text(NODES)
    (folder / "e.xml").write_text(EDGES)
    net = folder / "crossing.net.xml"
    subprocess.run(
        [sumo_binary().parent / "netconvert", "-n", folder / "n.xml", "-e", folder / "e.xml", "-o", net],
        check=True, capture_output=True,
    )  # fmt: skip
    main = [(2.0 * k, "ec", "cw") for k in range(140)] + [(3.0 * k + 1, "wc", "ce") for k in range(90)]
    side = [(20.0 * k + 5, "nc", "cs") for k in range(14)]
    write_demand(folder / "crossing.rou.xml", sorted(main + side))
    (folder / "crossing.sumocfg").write_text(
        '<configuration><input><net-file value="crossing.net.xml"/><route-files value="crossing.rou.xml"/></input>'
        '<time><begin value="0"/><end value="300"/></time></configuration>'
    )
    return own_scenario(net, (folder / "crossing.rou.xml",), 0, 300)


@pytest.fixture(scope="session")
def solution() -> Callable[[str], Any]:
    """Return a function that makes a shipped solution by name."""

    def make(name: str) -> Any:
        spec = importlib.util.spec_from_file_location(f"solution_{name}", SOLUTIONS / name / "solution.py")
        assert spec is not None and spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        return module.Solution()

    return make


class Always:
    """Shows one phase for ever."""

    def __init__(self, phase: int = 0) -> None:
        self.phase = phase

    def start(self, problem: dict[str, Any]) -> None:
        self.problem = problem

    def step(self, observation: dict[str, Any]) -> dict[str, int]:
        return dict.fromkeys(observation["phase"], self.phase)


class Alternating:
    """Asks for the next phase at every single decision."""

    def start(self, problem: dict[str, Any]) -> None:
        self.phases = {name: len(j["phases"]) for name, j in problem["junctions"].items()}

    def step(self, observation: dict[str, Any]) -> dict[str, int]:
        return {name: (phase + 1) % self.phases[name] for name, phase in observation["phase"].items()}


@pytest.fixture(scope="session")
def always() -> type[Always]:
    return Always


@pytest.fixture(scope="session")
def alternating() -> type[Alternating]:
    return Alternating
