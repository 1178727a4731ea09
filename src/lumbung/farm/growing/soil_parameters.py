"""Soils with their site: those we hold as a table, and those a user brings in a PCSE or CABO soil file."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import cache, cached_property
from importlib.resources import files
from pathlib import Path
from typing import Any


class SoilError(ValueError):
    """A soil nobody knows, or a soil file that cannot be read."""


@dataclass(frozen=True, eq=False)
class Soil:
    """Soil and site parameters by their WOFOST names.

    ``SMW``, ``SMFCF``, ``SM0`` [cm3/cm3] are needed. For what may be added, and what holds where nothing is said, see
    ``lumbung.farm.engine.parameters.SOIL_NUMBERS`` and ``SOIL_DEFAULTS``.

    Examples
    --------
    >>> from lumbung import farm
    >>> shallow = farm.soil("EC3").changed(RDMSOL=60)
    >>> shallow
    <Soil 'EC3': SMW 0.104, SMFCF 0.3, SM0 0.41 cm3/cm3>
    >>> shallow.parameters["RDMSOL"]  # cm
    60
    """

    name: str
    parameters: Mapping[str, Any] = field(repr=False)
    source: str = ""

    def __repr__(self) -> str:
        stated = [name for name in ("SMW", "SMFCF", "SM0") if name in self.parameters]
        water = ", ".join(f"{name} {self.parameters[name]:g}" for name in stated)
        return f"<Soil {self.name!r}: {water + ' cm3/cm3' if stated else 'nothing stated'}>"

    @cached_property
    def array(self):  # type: ignore[no-untyped-def]
        """The soil as the engine reads it, checked (:func:`lumbung.farm.engine.parameters.soil_array`)."""
        from lumbung.farm.engine.parameters import soil_array

        return soil_array(self.parameters, self.name)

    def changed(self, **parameters: Any) -> Soil:
        """Return a copy with other values for some parameters, e.g. ``WAV=20``.

        Raises
        ------
        SoilError
            When a parameter would have no effect, because none is called so.
        """
        from lumbung.farm.engine.parameters import SOIL_NUMBERS

        unknown = sorted(set(parameters) - set(SOIL_NUMBERS))
        if unknown:
            near = get_close_matches(unknown[0].upper(), SOIL_NUMBERS, 3)
            raise SoilError(
                f"{self.name}: {unknown[0]} would have no effect, no parameter of a soil is called so"
                + (f"; did you mean {' or '.join(near)}?" if near else "")
            )
        return Soil(self.name, {**self.parameters, **parameters}, self.source)


@cache
def _table() -> dict[str, Soil]:
    table = tomllib.loads((files("lumbung.farm") / "tables" / "soils.toml").read_text(encoding="utf-8"))
    return {
        name: Soil(
            name, {k: v for k, v in entry.items() if k != "about"}, f"{entry['about']}; {table['source']}"
        )
        for name, entry in table["soils"].items()
    }


def soils() -> dict[str, Soil]:
    """Return our soils by name.

    Examples
    --------
    >>> from lumbung import farm
    >>> list(farm.soils())[:3]
    ['EC1', 'EC2', 'EC3']
    """
    return dict(_table())


def soil(name: str) -> Soil:
    """Return one of our soils by name.

    Raises
    ------
    SoilError
        Lists the names there are.

    Examples
    --------
    >>> from lumbung import farm
    >>> farm.soil("EC3")
    <Soil 'EC3': SMW 0.104, SMFCF 0.3, SM0 0.41 cm3/cm3>
    """
    for known, found in _table().items():
        if known.lower() == name.strip().lower():
            return found
    raise SoilError(f"no soil {name!r}; there are {', '.join(_table())}")


_ASSIGNMENT = re.compile(r"^\s*([A-Za-z][A-Za-z0-9_]*)\s*=\s*(.*)$")
_NUMBER = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eEdD][-+]?\d+)?$")


def read_cabo_soil(path: Path | str) -> Soil:
    """Read a soil file of the CABO format, which PCSE uses too (``NAME = value``, ``**`` and ``!`` before comments).

    A file without ``RDMSOL`` (the ``.new`` files) leaves the depth to the default.

    Raises
    ------
    SoilError
        Names file, line and what was expected; lists what is missing.

    Examples
    --------
    >>> from pathlib import Path
    >>> from lumbung import farm
    >>> _ = Path("clay.soil").write_text('''SOLNAM='heavy clay'
    ... SMW = 0.30
    ... SMFCF = 0.46
    ... SM0 = 0.55
    ... ''')
    >>> farm.read_cabo_soil("clay.soil")
    <Soil 'heavy clay': SMW 0.3, SMFCF 0.46, SM0 0.55 cm3/cm3>
    """
    path = Path(path)
    found: dict[str, Any] = {}
    name = path.stem
    table: list[float] | None = None
    for count, raw in enumerate(path.read_text(encoding="latin-1").splitlines(), start=1):
        text = raw.split("!")[0].strip()
        if not text or text.startswith("*"):
            continue
        match = _ASSIGNMENT.match(text)
        if match:
            key, value = match.group(1).upper(), match.group(2).strip()
            if key == "SOLNAM":
                name = value.strip("'\" ")
                table = None
                continue
            numbers = _numbers(value, path, count, key)
            table = numbers if len(numbers) > 1 or value.endswith(",") else None
            found[key] = numbers[0] if table is None else table
        elif table is not None:
            table.extend(_numbers(text, path, count, "table"))
        else:
            raise SoilError(f"{path}, line {count}: expected NAME = value, found {raw.strip()!r}")
    missing = [key for key in ("SMW", "SMFCF", "SM0") if key not in found]
    if missing:
        raise SoilError(f"{path}: {', '.join(missing)} missing; is this a soil file?")
    return Soil(name, found, f"CABO soil file {path.name}")


def _numbers(text: str, path: Path, line: int, key: str) -> list[float]:
    out = []
    for part in re.split(r"[,\s]+", text.strip()):
        if not part:
            continue
        if not _NUMBER.match(part):
            raise SoilError(f"{path}, line {line}, {key}: expected a number, found {part!r}")
        out.append(float(part.lower().replace("d", "e")))
    if not out:
        raise SoilError(f"{path}, line {line}, {key}: no value after the equals sign")
    return out
