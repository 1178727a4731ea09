"""Read path profiles: the layout of ITU-R's validation data bank, and a plain table of points.

The ITU layout (Study Group 3 data bank, table DBSG3) holds a header of ``name:,value`` lines, the profile
between ``{Begin of Profile}`` and ``{End of Profile}``, and measurements or reference values after ``{Begin
of Measurements}``.
"""

from __future__ import annotations

import csv
import math
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lumbung.connectivity.radio.path_loss import (
    DEFAULT_DN,
    DEFAULT_N0,
    PathReport,
    Polarization,
    path_centre_latitude,
    path_report,
)

_PROFILE_START = "{Begin of Profile}"
_PROFILE_END = "{End of Profile}"
_MEASUREMENTS_START = "{Begin of Measurements}"
_HEADER_NAMES = {
    "Tx LAT": "transmitter_latitude",
    "Tx LON": "transmitter_longitude",
    "Rx LAT": "receiver_latitude",
    "Rx LON": "receiver_longitude",
}
_PLAIN_COLUMNS = {
    "distance": ("distance_km", "distance", "d_km", "d"),
    "height": ("height_m", "height", "elevation_m", "h_m", "h"),
    "clutter": ("clutter_m", "clutter", "clutter_height_m", "r_m"),
    "zone": ("zone", "radio_climatic_zone"),
}


class ProfileFileError(ValueError):
    """A profile file that cannot be read; names the file, the line and what was expected."""


@dataclass(frozen=True)
class ReferenceCase:
    """One measurement or reference row: the link, and the loss it should have.

    frequency [MHz], heights [m], time_percentage [%], loss [dB].
    """

    frequency: float
    transmitter_height: float
    receiver_height: float
    polarization: Polarization
    time_percentage: float
    loss: float


@dataclass(frozen=True)
class Profile:
    """A profile as read.

    distance [km], height [m], clutter [m], zone code, with the climate and the latitude of the path centre [deg].
    """

    name: str
    distance: NDArray[np.float64]
    height: NDArray[np.float64]
    clutter: NDArray[np.float64]
    zone: NDArray[np.int8]
    latitude: float | None = None
    dn: float = DEFAULT_DN
    n0: float = DEFAULT_N0
    cases: tuple[ReferenceCase, ...] = field(default=())


@dataclass(frozen=True)
class CheckedCase:
    """A reference case beside what the engine computed: |difference| [dB] and whether it is within tolerance."""

    file: Path
    row: int
    expected: float
    computed: float
    tolerance: float

    @property
    def difference(self) -> float:
        return abs(self.computed - self.expected)

    @property
    def passed(self) -> bool:
        return self.difference <= self.tolerance  # false for a NaN


def is_validation_file(path: Path) -> bool:
    """Say whether a file looks like the ITU layout with reference rows."""
    try:
        text = path.read_text(encoding="latin-1")
    except OSError:
        return False
    return _PROFILE_START in text and _MEASUREMENTS_START in text


def read_profile(path: Path) -> Profile:
    """Read a profile from a file of either layout.

    Raises
    ------
    ProfileFileError
        Naming file, line and field.
    """
    try:
        lines = path.read_text(encoding="latin-1").splitlines()
    except OSError as error:
        raise ProfileFileError(f"{path}: cannot be read ({error.strerror})") from error
    if any(line.startswith(_PROFILE_START) for line in lines):
        return _read_itu(path, lines)
    return _read_plain(path, lines)


def report_of_case(profile: Profile, case: ReferenceCase) -> PathReport:
    """Compute one reference case of a profile."""
    return path_report(
        profile.distance,
        profile.height,
        frequency=case.frequency,
        transmitter_height=case.transmitter_height,
        receiver_height=case.receiver_height,
        clutter=profile.clutter,
        zone=profile.zone,
        time_percentage=case.time_percentage,
        polarization=case.polarization,
        latitude=profile.latitude or 0.0,
        dn=profile.dn,
        n0=profile.n0,
    )


def check_validation_file(path: Path, tolerance: float = 1e-6) -> list[CheckedCase]:
    """Compute every reference case of one validation file and compare the basic transmission losses [dB]."""
    profile = read_profile(path)
    return [
        CheckedCase(path, row, case.loss, report_of_case(profile, case).loss, tolerance)
        for row, case in enumerate(profile.cases)
    ]


def _read_itu(path: Path, lines: list[str]) -> Profile:
    header = _itu_header(lines)
    table = _itu_points(path, lines)
    latitude = _latitude(header, float(table[-1, 0]))
    profile = Profile(
        name=path.stem,
        distance=table[:, 0].copy(),
        height=table[:, 1].copy(),
        clutter=table[:, 3].copy(),
        zone=table[:, 4].astype(np.int8),
        latitude=latitude,
        dn=header.get("dn", DEFAULT_DN),
        n0=header.get("n0", DEFAULT_N0),
        cases=tuple(_itu_cases(path, lines)),
    )
    return _turned_round(profile) if header.get("starts_at_receiver") else profile


def _itu_header(lines: list[str]) -> dict[str, float]:
    header: dict[str, float] = {}
    for line in lines:
        if line.startswith(_PROFILE_START):
            break
        name, separator, value = line.partition(":,")
        value = value.split(",")[0].strip()
        if not separator or not value:
            continue
        if name.startswith("First Point"):
            header["starts_at_receiver"] = float(value.upper().startswith("R"))
            continue
        known = _HEADER_NAMES.get(name.strip())
        if known is None:
            known = "dn" if " dN " in name else "n0" if "refractivity No" in name else None
        if known is not None:
            try:
                header[known] = float(value)
            except ValueError:
                continue
    return header


def _itu_points(path: Path, lines: list[str]) -> NDArray[np.float64]:
    start = next(i for i, line in enumerate(lines) if line.startswith(_PROFILE_START))
    points = []
    for number, line in enumerate(lines[start + 1 :], start + 2):
        if line.startswith(_PROFILE_END):
            break
        if line.lower().startswith("number of points"):
            continue
        try:
            values = [float(value) for value in line.split(",")[:5]]
        except ValueError as error:
            raise ProfileFileError(f"{path}, line {number}: {error}") from error
        if len(values) != 5:
            raise ProfileFileError(
                f"{path}, line {number}: found {len(values)} values; expected distance [km], height [m], "
                f"coverage code, "
                "clutter height [m], zone"
            )
        points.append(values)
    if len(points) < 2:
        raise ProfileFileError(
            f"{path}: the profile has {len(points)} points; at least its two ends are needed"
        )
    return np.array(points)


def _itu_cases(path: Path, lines: list[str]) -> list[ReferenceCase]:
    start = next((i for i, line in enumerate(lines) if line.startswith(_MEASUREMENTS_START)), None)
    if start is None:
        return []
    cases = []
    for number, line in enumerate(lines[start + 1 :], start + 2):
        if line.startswith("{"):
            break
        row = line.split(",")
        try:
            cases.append(
                ReferenceCase(
                    frequency=float(row[0]),
                    transmitter_height=float(row[1]),
                    receiver_height=float(row[3]),
                    polarization="vertical" if float(row[4]) == 2.0 else "horizontal",
                    time_percentage=float(row[14]),
                    loss=float(row[17]) if len(row) > 17 and row[17].strip() else math.nan,
                )
            )
        except (ValueError, IndexError) as error:
            raise ProfileFileError(
                f"{path}, line {number}: expected frequency, antenna heights, polarisation, time percentage "
                f"and loss in "
                f"columns 1, 2, 4, 5, 15 and 18 ({error})"
            ) from error
    return cases


def _latitude(header: dict[str, float], length: float) -> float | None:
    ends = [np.asarray(header[name]) for name in _HEADER_NAMES.values() if name in header]
    if len(ends) < 4:
        return None
    return float(path_centre_latitude(ends[0], ends[1], ends[2], ends[3], np.asarray(length)))


def _turned_round(profile: Profile) -> Profile:
    return Profile(
        name=profile.name,
        distance=profile.distance[-1] - profile.distance[::-1],
        height=profile.height[::-1].copy(),
        clutter=profile.clutter[::-1].copy(),
        zone=profile.zone[::-1].copy(),
        latitude=profile.latitude,
        dn=profile.dn,
        n0=profile.n0,
        cases=profile.cases,
    )


def _read_plain(path: Path, lines: list[str]) -> Profile:
    rows = csv.reader(lines)
    names = [name.strip().lower() for name in next(rows, [])]
    column = {
        wanted: next((names.index(alias) for alias in aliases if alias in names), None)
        for wanted, aliases in _PLAIN_COLUMNS.items()
    }
    if column["distance"] is None or column["height"] is None:
        raise ProfileFileError(
            f"{path}, line 1: found the columns {', '.join(names) or '(none)'}; expected distance_km and "
            f"height_m, and if known "
            "clutter_m and zone (1 sea, 3 coastal land, 4 inland), or the ITU layout with {Begin of Profile}"
        )
    values: dict[str, list[float]] = {name: [] for name in column}
    for number, row in enumerate(rows, 2):
        if not any(cell.strip() for cell in row):
            continue
        for name, index in column.items():
            if index is None:
                continue
            try:
                values[name].append(float(row[index]))
            except (ValueError, IndexError) as error:
                raise ProfileFileError(f"{path}, line {number}, column {names[index]}: {error}") from error
    count = len(values["distance"])
    return Profile(
        name=path.stem,
        distance=np.array(values["distance"]),
        height=np.array(values["height"]),
        clutter=np.array(values["clutter"]) if values["clutter"] else np.zeros(count),
        zone=np.array(values["zone"] if values["zone"] else [4] * count).astype(np.int8),
    )
