"""What a scenario's additional files hold that concerns signals, and the copies that SUMO reads instead.

Additional files bring programs, plans switched by time of day (WAUT), stops and detectors, and may include others.
SUMO reads them as they are. Two things must not run as written: detectors write into the user's folder, and a
switched plan would take a signal out of a controller's hands. Where a file holds either, SUMO gets a copy without.
"""

from __future__ import annotations

import functools
import gzip
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from lumbung.city.engine.networks import NetworkError

# Elements that write, by the attribute that says where.
_WRITES = {
    "inductionLoop": "file", "e1Detector": "file", "instantInductionLoop": "file", "laneAreaDetector": "file",
    "e2Detector": "file", "entryExitDetector": "file", "e3Detector": "file", "edgeData": "file", "laneData": "file",
    "routeProbe": "file", "vTypeProbe": "file", "timedEvent": "dest", "calibrator": "output", "calibratorLane": "output",
}  # fmt: skip
_NOWHERE = "NUL"


@dataclass(frozen=True)
class Additional:
    """What stands in additional files and all they include.

    Attributes
    ----------
    files : tuple of Path
        Themselves and what they include.
    programs : tuple of Element
        ``tlLogic``, in the order SUMO reads them.
    switches : dict of str to tuple of str
        Junction to the programs that a WAUT switches it to, the first one first.
    outputs, unknown : tuple of str
        Elements that write files; elements that could not be followed.
    """

    files: tuple[Path, ...]
    programs: tuple[ElementTree.Element, ...]
    switches: dict[str, tuple[str, ...]]
    outputs: tuple[str, ...]
    unknown: tuple[str, ...]


def parse(path: Path) -> ElementTree.Element:
    """Parse an XML file, gzipped or not; `NetworkError` names the file and the line."""
    try:
        with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as file:
            # S314: expat of Python >= 3.7.1 bounds entity expansion, and reads nothing from outside the file
            return ElementTree.parse(file).getroot()  # noqa: S314
    except (OSError, EOFError) as error:
        found = getattr(error, "strerror", None) or str(error)
        raise NetworkError(str(path), found, "a readable file") from None
    except ElementTree.ParseError as error:
        raise NetworkError(
            f"{path}, line {error.position[0]}", f"broken XML ({error})", "a SUMO file"
        ) from None


def elements(path: Path, seen: tuple[Path, ...] = ()) -> Iterator[tuple[Path, ElementTree.Element]]:
    """Give the elements of a file and of those it includes, in SUMO's order; each file begins with one called ``file``."""
    if path in seen:
        raise NetworkError(str(path), "a file that includes itself", "includes that come to an end")
    yield path, ElementTree.Element("file")
    for element in parse(path):
        if element.tag == "include":
            yield from elements(path.parent / element.get("href", ""), (*seen, path))
        else:
            yield path, element


def read_additional(paths: tuple[Path, ...]) -> Additional:
    """Read additional files; the result is kept until one of them changes."""
    return _read_additional(paths, tuple(_stamp(path) for path in paths))


def _stamp(path: Path) -> int:
    try:
        return path.stat().st_mtime_ns
    except OSError as error:
        raise NetworkError(str(path), error.strerror or str(error), "a readable file") from None


@functools.lru_cache(maxsize=32)
def _read_additional(paths: tuple[Path, ...], _stamps: tuple[int, ...]) -> Additional:
    files: list[Path] = []
    programs: list[ElementTree.Element] = []
    outputs: list[str] = []
    schedules: dict[str, tuple[str, ...]] = {}
    switched: dict[str, str] = {}
    for path in paths:
        for file, element in elements(path):
            if element.tag == "file":
                files.append(file)
            elif element.tag == "tlLogic":
                programs.append(element)
            elif element.tag == "WAUT":
                targets = [e.get("to", "") for e in element.iter("wautSwitch")]
                schedules[element.get("id", "")] = (element.get("startProg", ""), *targets)
            elif element.tag == "wautJunction":
                switched[element.get("junctionID", "")] = element.get("wautID", "")
            outputs += [f"{e.tag} {e.get('id', '')}".strip() for e in element.iter() if _writes(e)]
    switches = {j: tuple(dict.fromkeys(schedules.get(waut, ()))) for j, waut in switched.items()}
    unknown = tuple(f"wautJunction {j}: WAUT {w!r}" for j, w in switched.items() if w not in schedules)
    return Additional(tuple(files), tuple(programs), switches, tuple(outputs), unknown)


def _writes(element: ElementTree.Element) -> bool:
    where = element.get(_WRITES.get(element.tag, ""), "")
    return bool(where) and where not in (_NOWHERE, "/dev/null")


def quiet_copies(paths: tuple[Path, ...], decided: frozenset[str], folder: Path) -> tuple[Path, ...]:
    """Copy, where needed, additional files without outputs and without switched plans.

    Parameters
    ----------
    paths : tuple of Path
    decided : frozenset of str
        Junctions whose signals a controller or a plan runs: no WAUT switches them.
    folder : Path
        Where copies go.

    Returns
    -------
    tuple of Path
        The files themselves where nothing had to change.
    """
    additional = read_additional(paths)
    if not additional.outputs and not decided & additional.switches.keys():
        return paths
    return tuple(_quiet_copy(path, decided, folder) for path in paths)


def _quiet_copy(path: Path, decided: frozenset[str], folder: Path) -> Path:
    root = parse(path)
    for element in list(root):
        if element.tag == "include":
            element.set("href", str(_quiet_copy(path.parent / element.get("href", ""), decided, folder)))
        elif element.tag == "wautJunction" and element.get("junctionID", "") in decided:
            root.remove(element)
        for inner in element.iter():
            if _writes(inner):
                inner.set(_WRITES[inner.tag], _NOWHERE)
            elif inner.tag != "include":
                _make_absolute(inner, path.parent)
    # numbered, so that two files of one name in two folders do not meet
    copy = folder / f"copy{len(list(folder.glob('copy*.xml')))}.xml"
    ElementTree.ElementTree(root).write(copy, encoding="utf-8", xml_declaration=True)
    return copy


def _make_absolute(element: ElementTree.Element, base: Path) -> None:
    for key in ("file", "imgFile"):
        where = element.get(key)
        if where and where != _NOWHERE and (base / where).is_file():
            element.set(key, str((base / where).resolve()))
