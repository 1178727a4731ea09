"""Reads a user's SUMO configuration by SUMO's own reader, and says what of it will not run as written.

A configuration holds more than a network and a demand: programs in additional files, plans switched by time of day,
step length, sublane model, scale, includes, stops, persons. Whoever reads two of these and drops the rest gets other
traffic without a word. So SUMO itself reads the file and says all options (``--save-configuration``), and it runs from
those. Only the seed, the outputs and teleporting are Lumbung's; what that replaced is listed.
"""

from __future__ import annotations

import math
import subprocess
import tempfile
import xml.etree.ElementTree as ElementTree
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote

from lumbung.city.engine.additional_files import Additional, read_additional
from lumbung.city.engine.networks import NetworkError, Scenario
from lumbung.city.engine.sumo import LINK, SumoError, sumo_binary

# What decides where SUMO writes, how much it says, and who drives it: nothing that changes traffic.
_REPORTING = frozenset({"output", "report", "gui_only"})
_OURS = frozenset(
    {
        "seed",
        "random",
        "remote-port",
        "num-clients",
        "save-state.times",
        "save-state.period",
        "save-state.files",
    }
    | {"save-state.prefix", "save-state.suffix", "save-configuration", "log", "message-log", "error-log"}
    | {"device.tripinfo.probability", "device.tripinfo.explicit", "device.tripinfo.deterministic"}
)
_DEFAULT_SEED = 23423


@dataclass(frozen=True)
class _Option:
    section: str
    name: str
    value: str


def read_configuration(place: Path, name: str = "") -> Scenario:
    """Read a ``.sumocfg`` as SUMO does.

    Parameters
    ----------
    place : Path
    name : str
        Of the scenario; the file's by default.

    Returns
    -------
    Scenario
        Its `notes` name what was overridden and what could not be honoured.

    Raises
    ------
    NetworkError
        No readable configuration; SUMO refuses it; it names no network, or a file that does not exist.

    Examples
    --------
    >>> from pathlib import Path
    >>> from lumbung import city
    >>> theirs = city.resco("cologne1")
    >>> _ = Path("town.sumocfg").write_text(f'''<configuration>
    ... <input><net-file value="{theirs.net}"/><route-files value="{theirs.routes[0]}"/></input>
    ... <time><begin value="25200"/><end value="25500"/></time>
    ... </configuration>
    ... ''')
    >>> scenario = city.read_configuration(Path("town.sumocfg"))
    >>> scenario.name, scenario.begin, scenario.end
    ('town', 25200, 25500)
    """
    if not place.is_file():
        raise NetworkError(str(place), "no such file", "a SUMO configuration (.sumocfg)")
    with tempfile.TemporaryDirectory(prefix="lumbung-sumo-") as made:
        folder = Path(made)
        (folder / LINK).symlink_to(place.resolve().parent)
        options = _read(place, folder)
        kept, notes = [], []
        for option in options:
            if option.section in _REPORTING or option.name in _OURS or "teleport" in option.name:
                if option.section not in ("report", "gui_only"):
                    notes.append(_overridden(option).replace(f"{folder / LINK}/", ""))
            else:
                kept.append(option)
        values = {option.name: option.value for option in options}
        files = {
            key: _files(place, folder, key, values.get(key, ""))
            for key in ("net-file", "route-files", "additional-files")
        }
        text = _as_xml(kept, folder)
    if not files["net-file"]:
        raise NetworkError(str(place), "no net-file", "a configuration that names a network")
    if not files["route-files"] and not files["additional-files"]:
        raise NetworkError(str(place), "no route-files", "a configuration that names network and demand")
    additional = read_additional(files["additional-files"])
    notes += _additional_notes(additional)
    begin = read_time(place, "begin", values.get("begin", "0"))
    end = read_time(place, "end", values.get("end", "-1"))
    if 0 <= end <= begin:
        raise NetworkError(f"{place}: hours", f"begin {begin:g}, end {end:g}", "an end later than the begin")
    step = read_time(place, "step-length", values.get("step-length", "1"))
    if step > 1:
        notes.append(f"step-length {step:g}: signals change at whole steps only")
    return Scenario(
        name or place.name.split(".")[0],
        files["net-file"][0],
        files["route-files"],
        begin,
        math.inf if end < 0 else end,
        additional=files["additional-files"],
        configuration=text,
        folder=place.resolve().parent,
        notes=tuple(notes),
    )


def read_time(place: Path, option: str, text: str) -> int | float:
    """Read a time as SUMO writes it: ``25200``, ``07:00:00``, ``0:07:00:00`` (days first); whole ones as `int`."""
    sign = -1 if text.startswith("-") else 1
    parts = text.strip().lstrip("+-").split(":")
    try:
        numbers = [float(part) for part in parts]
        if len(numbers) not in (1, 3, 4) or not all(math.isfinite(n) for n in numbers):
            raise ValueError
    except ValueError:
        raise NetworkError(f"{place}: {option}", repr(text), "seconds, HH:MM:SS or D:HH:MM:SS") from None
    scale = {1: (1,), 3: (3600, 60, 1), 4: (86400, 3600, 60, 1)}[len(numbers)]
    seconds = sign * sum(n * s for n, s in zip(numbers, scale, strict=True))
    return int(seconds) if seconds == int(seconds) else seconds


def _read(place: Path, folder: Path) -> list[_Option]:
    """Let SUMO read the configuration and write down all that it sets."""
    saved = folder / "saved.sumocfg"
    try:
        done = subprocess.run(
            # absolute: of relative paths SUMO drops a leading `scenario/..`, which is not the same behind a link
            [sumo_binary(), "-c", folder / LINK / place.name, "--save-configuration", saved],
            capture_output=True,
            text=True,
            errors="replace",
            timeout=60,
            check=False,
        )
    except (OSError, SumoError, subprocess.TimeoutExpired) as error:
        raise NetworkError(str(place), str(error), "a SUMO that can read it") from None
    if done.returncode or not saved.is_file():
        lines = done.stderr.replace(f"{folder / LINK}", str(place.resolve().parent)).splitlines()
        said = [line.removeprefix("Error:").strip(" .") for line in lines if line.startswith("Error")]
        found = "; ".join(filter(None, said[:3])) or "nothing that SUMO reads"
        raise NetworkError(str(place), found, "a SUMO configuration (.sumocfg)")
    # S314: SUMO wrote it just now
    root = ElementTree.parse(saved).getroot()  # noqa: S314
    return [_Option(section.tag, item.tag, item.get("value", "")) for section in root for item in section]


def _overridden(option: _Option) -> str:
    instead = {"seed": "the run's own seed", "random": "the run's own seed"}.get(option.name, "off")
    if "teleport" in option.name:
        instead = "off: who is stuck stays stuck, and counts"
    return f"{option.name}={option.value}: overridden ({instead})"


def _additional_notes(additional: Additional) -> list[str]:
    notes = [f"{where}: output overridden (off)" for where in additional.outputs]
    return notes + [f"{where}: not honoured" for where in additional.unknown]


def _files(place: Path, folder: Path, option: str, value: str) -> tuple[Path, ...]:
    found = []
    for part in filter(None, (piece.strip() for piece in unquote(value).split(","))):
        path = folder / part
        if not path.is_file():
            raise NetworkError(
                f"{place}: {option}",
                f"{part.removeprefix(str(folder / LINK) + '/')}, no such file",
                "a readable file",
            )
        # by the user's own names, not through the link
        inside = _inside(path, folder)
        found.append(place.resolve().parent / inside if inside else path.resolve())
    return tuple(found)


def _as_xml(options: list[_Option], folder: Path) -> str:
    """Write the options kept as a configuration that runs from any folder that holds the link."""
    root = ElementTree.Element("sumoConfiguration")
    sections: dict[str, ElementTree.Element] = {}
    for option in options:
        section = sections.setdefault(option.section, ElementTree.SubElement(root, option.section))
        ElementTree.SubElement(section, option.name, value=_anywhere(option.value, folder))
    for section in [s for s in root if not len(s)]:
        root.remove(section)
    return ElementTree.tostring(root, encoding="unicode")


def _inside(path: Path, folder: Path) -> Path | None:
    """Return a path below the link as seen from there; None for one that leads elsewhere."""
    if not path.is_relative_to(folder / LINK) or ".." in path.parts:
        return None
    return path.relative_to(folder / LINK)


def _anywhere(value: str, folder: Path) -> str:
    """Spell paths so that they hold in any folder with the link; those that lead elsewhere in full."""
    pieces = []
    for piece in value.split(","):
        path = Path(unquote(piece.strip()))
        if path.is_absolute() and path.exists():
            inside = _inside(path, folder)
            path = Path(LINK) / inside if inside else path.resolve()
            # SUMO reads a comma as the end of a file name
            piece = str(path).replace("%", "%25").replace(",", "%2C")
        pieces.append(piece)
    return ",".join(pieces)
