"""Read antennas as makers publish them: MSI and PLN (Planet) files with a horizontal and a vertical cut.

The layout is plain text: lines such as ``GAIN 17.5 dBi``, then ``HORIZONTAL 360`` and 360 lines of angle and attenuation
in dB, then ``VERTICAL 360`` likewise; angles of the vertical cut go downwards from straight ahead.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from pathlib import Path

from lumbung.connectivity.engine.antenna import Antenna, AntennaError, Cuts

_ROUNDING_DB = 0.5
_REMARKS = ("#", ";", "!", "//", "*")
SUFFIXES = (".msi", ".pln")
DIPOLE_DBI = 2.15
"""Gain of a half-wave dipole over the isotropic source [dB]: a gain in dBd is larger by this in dBi."""


class AntennaFileError(ValueError):
    """An antenna file that cannot be used: names the file, the line, what was found and expected."""


@dataclass(frozen=True)
class MakersAntenna:
    """What a file describes: gain [dBi], frequency [MHz] where it says one, electrical tilt as written, and the cuts."""

    name: str
    gain: float
    frequency: float | None
    tilt: str
    cuts: Cuts

    def mounted(self, bearing: float, downtilt: float = 0.0, gain: float | None = None) -> Antenna:
        """Return the antenna looking to a bearing [deg from north], tilted down mechanically [deg]."""
        return Antenna("measured", self.gain if gain is None else gain, bearing, downtilt, self.cuts)


def read_antenna(path: Path) -> MakersAntenna:
    """Read an MSI or PLN file.

    Raises
    ------
    AntennaFileError
        Naming the line: no gain, a gain in an unknown unit, a cut that is missing or not whole, a number that is none.
    """
    try:
        content = path.read_bytes()
        wide = content[:2] in (b"\xff\xfe", b"\xfe\xff")
        text = content.decode("utf-16" if wide else "utf-8", errors="replace")
    except OSError as error:
        raise AntennaFileError(f"{path}: cannot be read ({error})") from error
    # Remarks are no part of a cut; the lines of others keep their numbers.
    lines = [
        (number, line.strip())
        for number, line in enumerate(text.splitlines(), 1)
        if line.strip() and not line.strip().startswith(_REMARKS)
    ]
    heads: dict[str, str] = {}
    cuts: dict[str, tuple[float, ...]] = {}
    place = 0
    while place < len(lines):
        number, line = lines[place]
        words = line.split(None, 1)
        place += 1
        key = words[0].upper().rstrip(":=")
        if key in ("HORIZONTAL", "VERTICAL"):
            count = _count(path, number, words)
            cuts[key] = _cut(path, lines, place, count)
            place += count
        else:
            heads.setdefault(key, words[1].strip() if len(words) > 1 else "")
    for key in ("HORIZONTAL", "VERTICAL"):
        if key not in cuts:
            raise AntennaFileError(
                f"{path}: has no {key} cut; expected a line {key} 360 and 360 lines below it"
            )
    name = heads.get("NAME") or path.stem
    try:
        made = Cuts(name, cuts["HORIZONTAL"], cuts["VERTICAL"])
    except AntennaError as error:
        raise AntennaFileError(f"{path}: {error}") from error
    frequency = re.match(r"\d+(\.\d+)?", heads.get("FREQUENCY", ""))
    return MakersAntenna(
        name, _gain(path, heads.get("GAIN", "")), float(frequency[0]) if frequency else None, heads.get("TILT", ""), made
    )  # fmt: skip


def _count(path: Path, line: int, words: list[str]) -> int:
    try:
        count = int(words[1].split()[0])
    except (IndexError, ValueError):
        raise AntennaFileError(
            f"{path}, line {line}: found {' '.join(words)!r}; expected {words[0]} and a number of lines"
        ) from None
    if not 8 <= count <= 36000:
        raise AntennaFileError(
            f"{path}, line {line}: a cut of {count} lines; expected 8 to 36000, mostly 360"
        )
    return count


def _cut(path: Path, lines: list[tuple[int, str]], start: int, count: int) -> tuple[float, ...]:
    """Return 360 attenuations at whole degrees, between given angles interpolated round the circle."""
    angles, values = [], []
    end = (lines[-1][0] + 1, "")
    for number, text in [*lines[start : start + count], *[end] * (start + count - len(lines))]:
        try:
            angle, value = (float(word.replace(",", ".")) for word in text.split()[:2])
        except ValueError:
            found = repr(text) if text else "the end of the file"
            raise AntennaFileError(
                f"{path}, line {number}: found {found}; expected an angle and an attenuation, {count} such lines"
            ) from None
        if not (-180.0 <= angle <= 360.0 and math.isfinite(value)):
            raise AntennaFileError(
                f"{path}, line {number}: angle {angle:g}, attenuation {value:g}; expected -180 to 360 degrees and dB"
            )
        angles.append(angle % 360.0)
        values.append(value)
    if min(values) < -_ROUNDING_DB and max(values) > _ROUNDING_DB:
        raise AntennaFileError(
            f"{path}: a cut runs from {min(values):g} to {max(values):g} dB, through 0: these look like gains; expected how "
            "much is lost against the largest gain, all of one sign"
        )
    import numpy as np

    # Some makers write losses as negative gains.
    values = [abs(value) for value in values]

    order = np.argsort(angles, kind="stable")
    return tuple(
        np.interp(np.arange(360.0), np.array(angles)[order], np.array(values)[order], period=360.0).tolist()
    )


def _gain(path: Path, text: str) -> float:
    found = re.fullmatch(r"([+-]?\d+(?:[.,]\d+)?)\s*(dBi|dBd|dB)?", text, re.IGNORECASE)
    if found is None:
        raise AntennaFileError(
            f"{path}: GAIN is {text!r}; expected a number and dBi or dBd, e.g. GAIN 17.5 dBi"
        )
    value = float(found[1].replace(",", "."))
    # Planet's manual: a gain without a unit is over a dipole.
    return value if (found[2] or "").lower() == "dbi" else value + DIPOLE_DBI
