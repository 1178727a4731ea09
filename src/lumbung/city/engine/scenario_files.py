"""Finds networks as their owners keep them: a SUMO configuration beside its network and demand."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from pathlib import Path

from lumbung.city.engine.networks import NetworkError, Scenario, own_scenario

_DEFAULT_HOURS_S = 3600


def read_scenario(place: Path, name: str = "") -> Scenario:
    """Read a scenario from a ``.sumocfg``, or from a folder that holds exactly one.

    Raises
    ------
    NetworkError
        No configuration, several, or one that names no network or no demand.
    """
    if place.is_dir():
        found = sorted(place.glob("*.sumocfg"))
        if len(found) != 1:
            raise NetworkError(str(place), f"{len(found)} SUMO configurations", "exactly one .sumocfg")
        place = found[0]
    try:
        # S314: expat of Python >= 3.7.1 bounds entity expansion, and reads nothing from outside the file
        root = ElementTree.parse(place).getroot()  # noqa: S314
    except OSError as error:
        raise NetworkError(
            str(place), error.strerror or str(error), "a SUMO configuration (.sumocfg)"
        ) from None
    except ElementTree.ParseError as error:
        raise NetworkError(
            f"{place}, line {error.position[0]}", f"broken XML ({error})", "a .sumocfg"
        ) from None
    net = _value(root, "net-file")
    routes = _value(root, "route-files")
    if not net or not routes:
        missing = "net-file" if not net else "route-files"
        raise NetworkError(str(place), f"no {missing}", "a configuration that names network and demand")
    begin = _seconds(place, root, "begin", 0)
    return own_scenario(
        place.parent / net,
        tuple(place.parent / part.strip() for part in routes.split(",")),
        begin,
        _seconds(place, root, "end", begin + _DEFAULT_HOURS_S),
        name or place.stem,
    )


def own_scenarios(folder: Path) -> dict[str, Scenario]:
    """Read one scenario from each folder below *folder*, by the folder's name; none where it does not exist."""
    if not folder.is_dir():
        return {}
    return {path.name: read_scenario(path, path.name) for path in sorted(folder.iterdir()) if path.is_dir()}


def _value(root: ElementTree.Element, option: str) -> str:
    found = next(root.iter(option), None)
    return "" if found is None else found.get("value", found.get("v", "")).strip()


def _seconds(place: Path, root: ElementTree.Element, option: str, default: int) -> int:
    text = _value(root, option)
    try:
        return round(float(text)) if text else default
    except ValueError:
        raise NetworkError(f"{place}: {option}", repr(text), "seconds") from None
