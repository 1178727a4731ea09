"""Finds networks as their owners keep them: a SUMO configuration beside its network and demand."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

from lumbung.city.engine.additional_files import elements
from lumbung.city.engine.configuration import read_configuration
from lumbung.city.engine.networks import NetworkError, Scenario


def read_scenario(place: Path, name: str = "") -> Scenario:
    """Read a scenario from a ``.sumocfg``, or from a folder that holds exactly one.

    Raises
    ------
    NetworkError
        No configuration, several, or one that SUMO does not read.
    """
    if place.is_dir():
        found = sorted(place.glob("*.sumocfg"))
        if len(found) != 1:
            raise NetworkError(str(place), f"{len(found)} SUMO configurations", "exactly one .sumocfg")
        place = found[0]
    return read_configuration(place, name)


def own_scenarios(folder: Path) -> dict[str, Scenario]:
    """Read one scenario from each folder below *folder*, by the folder's name; none where it does not exist."""
    if not folder.is_dir():
        return {}
    return {path.name: read_scenario(path, path.name) for path in sorted(folder.iterdir()) if path.is_dir()}


def scenario_files(scenario: Scenario) -> list[Path]:
    """List every file that SUMO reads for a scenario's traffic, those included by others too."""
    found = [scenario.net]
    for path in (*scenario.routes, *scenario.additional):
        # a demand of a city is large, and hardly ever includes another
        alone = path.suffix != ".gz" and b"<include" not in path.read_bytes()
        found += [path] if alone else [file for file, element in elements(path) if element.tag == "file"]
    return found


def scenario_inputs(scenario: Scenario) -> dict[str, Any]:
    """Spell a scenario out as plain data, for a judge's case."""
    return {
        "net": str(scenario.net),
        "routes": [str(path) for path in scenario.routes],
        "begin": scenario.begin,
        "end": scenario.end if math.isfinite(scenario.end) else None,
        "additional": [str(path) for path in scenario.additional],
        "configuration": scenario.configuration,
        "folder": str(scenario.folder or ""),
    }


def from_inputs(name: str, inputs: dict[str, Any]) -> Scenario:
    """Read what `scenario_inputs` spelt out."""
    return Scenario(
        name,
        Path(inputs["net"]),
        tuple(map(Path, inputs["routes"])),
        inputs["begin"],
        math.inf if inputs["end"] is None else inputs["end"],
        additional=tuple(map(Path, inputs["additional"])),
        configuration=inputs["configuration"],
        folder=Path(inputs["folder"]) if inputs["folder"] else None,
    )
