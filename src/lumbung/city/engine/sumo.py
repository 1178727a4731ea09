"""Drives SUMO: inside this process through libsumo, or an executable through TraCI, by the same calls.

libsumo holds one simulation per process. Teleports are off: a vehicle that is stuck stays stuck and its delay counts.
SUMO itself writes what every vehicle lost (`tripinfo`), also for those that never arrived or never got in.
"""

from __future__ import annotations

import contextlib
import importlib
import io
import os
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from lumbung.city.engine.additional_files import quiet_copies
from lumbung.city.engine.networks import Scenario
from lumbung.city.engine.trace import signals_of, trace_options, write_requests

BACKENDS = ("libsumo", "traci")
STEP_S = 1
# By this link SUMO reaches the folder of a user's configuration, so that paths are equally long everywhere.
LINK = "scenario"


class SumoError(RuntimeError):
    """SUMO refused or failed. Holds what SUMO itself said."""


@dataclass
class Simulation:
    """A running simulation.

    Attributes
    ----------
    api : Any
        The module ``libsumo``, or a TraCI connection: both have the domains ``lane``, ``vehicle``, ….
    tripinfo : Path
        Where SUMO writes one entry per vehicle when the simulation ends.
    version : str
        What runs, in its own words, e.g. ``SUMO 1.28.0``.
    """

    api: Any
    tripinfo: Path
    version: str
    _open: bool = True

    def call(self, domain: str, name: str) -> Callable[..., Any]:
        """Return a function of the API, e.g. ``call("lane", "getLastStepVehicleIDs")``, by the shortest way.

        libsumo wraps each of its C functions in a Python function of the same arguments. Calls by the ten thousand
        go past the wrapper.
        """
        direct = getattr(getattr(self.api, "_libsumo", None), f"{domain}_{name}", None)
        found: Callable[..., Any] = direct or getattr(getattr(self.api, domain), name)
        return found

    def advance(self, time: float) -> None:
        """Simulate until *time* [s]."""
        self.api.simulationStep(time)

    def expects(self) -> bool:
        """Tell whether anybody is still on the road, or yet to come."""
        return bool(self.api.simulation.getMinExpectedNumber())

    def close(self) -> None:
        """End the simulation; the tripinfo is complete afterwards."""
        if self._open:
            self._open = False
            self.api.close()


@contextmanager
def simulation(
    scenario: Scenario,
    seed: int,
    backend: str = "libsumo",
    additional: str = "",
    emissions: bool = False,
    binary: Path | None = None,
    decided: frozenset[str] = frozenset(),
    ignore_blocker: int = 0,
    trace: Path | None = None,
) -> Iterator[Simulation]:
    """Start SUMO on a scenario, and see to it that it ends.

    Parameters
    ----------
    scenario : Scenario
    seed : int
        SUMO's random seed.
    backend : {"libsumo", "traci"}
    additional : str
        Content of an additional file: detectors, signal programs.
    emissions : bool
        Let SUMO compute emissions (HBEFA) for every vehicle.
    binary : Path, optional
        For TraCI: another ``sumo`` executable than the installed one, e.g. an older version.
    decided : frozenset of str
        Junctions that a controller or a plan runs: no schedule of the user's switches their programs.
    ignore_blocker : int
        Seconds after which vehicles no longer wait for one that blocks the junction; 0 for SUMO's default (for ever).
    trace : Path, optional
        Folder for every vehicle's place and every signal's state, `lumbung.city.engine.trace`.

    Raises
    ------
    SumoError
        SUMO could not be loaded, or refused network or demand; holds SUMO's own words.
    """
    with tempfile.TemporaryDirectory(prefix="lumbung-sumo-") as name:
        folder = Path(name)
        options = _options(scenario, seed, folder, additional, emissions, decided, ignore_blocker, trace)
        run = _start(backend, options, folder, binary)
        try:
            yield run
        except _failures(backend) as error:
            raise SumoError(_reason(folder, error)) from error
        finally:
            with contextlib.suppress(*_failures(backend)):
                run.close()


def _options(
    scenario: Scenario,
    seed: int,
    folder: Path,
    additional: str,
    emissions: bool,
    decided: frozenset[str],
    ignore_blocker: int,
    trace: Path | None,
) -> list[str]:
    files = list(quiet_copies(scenario.additional, decided, folder))
    options = [
        *(_configured(scenario, folder) if scenario.configuration else _named(scenario, folder)),
        "--seed", str(seed),
        "--time-to-teleport", "-1",
        "--tripinfo-output", str(folder / "tripinfo.xml"),
        "--tripinfo-output.write-unfinished", "true",
        "--tripinfo-output.write-undeparted", "true",
        "--no-step-log", "true",
        "--no-warnings", "true",
        "--duration-log.disable", "true",
        "--xml-validation", "never",
        "--xml-validation.net", "never",
        "--xml-validation.routes", "never",
        "--error-log", str(folder / "errors.txt"),
    ]  # fmt: skip
    if additional:
        (folder / "additional.xml").write_text(additional, encoding="utf-8")
        files.append(folder / "additional.xml")
    if trace is not None:
        files.append(write_requests(folder, trace, signals_of(scenario.net)))
        options += trace_options(trace)
    if tuple(files) != scenario.additional:
        options += ["--additional-files", ",".join(str(file).replace(",", "%2C") for file in files)]
    if emissions:
        options += ["--device.emissions.probability", "1"]
    if ignore_blocker:
        options += ["--ignore-junction-blocker", str(ignore_blocker)]
    return options


def _configured(scenario: Scenario, folder: Path) -> list[str]:
    """Run from the user's own configuration; a link stands for its folder."""
    (folder / LINK).symlink_to(scenario.folder or Path.cwd())
    (folder / "run.sumocfg").write_text(scenario.configuration, encoding="utf-8")
    return ["--configuration-file", str(folder / "run.sumocfg")]


def _named(scenario: Scenario, folder: Path) -> list[str]:
    # SUMO's order follows addresses, and addresses follow the lengths of paths: by these links they are alike everywhere.
    net = _link(folder, "net", scenario.net)
    routes = [_link(folder, f"routes{place}", path) for place, path in enumerate(scenario.routes)]
    return [
        "--net-file", net,
        "--route-files", ",".join(routes),
        "--begin", str(scenario.begin),
        "--end", str(scenario.end),
        "--step-length", str(STEP_S),
    ]  # fmt: skip


def _link(folder: Path, name: str, file: Path) -> str:
    link = folder / (name + "".join(file.suffixes[-2:]))
    link.symlink_to(file.resolve())
    return str(link)


def _start(backend: str, options: list[str], folder: Path, binary: Path | None) -> Simulation:
    try:
        if backend == "libsumo":
            api = load_libsumo()
            with _stderr_to(folder / "said.txt"):
                api.start(["sumo", *options])
        elif backend == "traci":
            api = _start_traci([str(binary or sumo_binary()), *options], folder)
        else:
            raise SumoError(
                f"unknown backend {backend!r}: found {backend}, expected one of {', '.join(BACKENDS)}"
            )
    except ModuleNotFoundError as error:
        raise SumoError(f"{error.name} is not installed: pip install 'lumbung[city]'") from error
    except _failures(backend) as error:
        raise SumoError(_reason(folder, error)) from error
    asked = api if backend == "traci" else api.simulation
    return Simulation(api, folder / "tripinfo.xml", asked.getVersion()[1])


def load_libsumo() -> Any:
    """Import libsumo without the remarks it prints about unrelated packages.

    Its import points PROJ at a database of its own, which whoever reads maps in the same process could not use.
    """
    before = {name: os.environ.get(name) for name in ("PROJ_LIB", "PROJ_DATA")}
    with contextlib.redirect_stdout(io.StringIO()):
        libsumo = importlib.import_module("libsumo")
    for name, value in before.items():
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value
    return libsumo


def _start_traci(command: list[str], folder: Path) -> Any:
    os.environ.setdefault("SUMO_HOME", str(sumo_binary().parents[1]))
    traci = importlib.import_module("traci")
    label = folder.name
    with contextlib.redirect_stdout(io.StringIO()):
        traci.start(command, label=label, stdout=subprocess.DEVNULL)
    return traci.getConnection(label)


def _failures(backend: str) -> tuple[type[BaseException], ...]:
    if backend == "libsumo":
        api = load_libsumo()
        return (api.TraCIException, api.exceptions.TraCIException, api.exceptions.FatalTraCIError)
    traci = importlib.import_module("traci")
    return (traci.exceptions.TraCIException, traci.exceptions.FatalTraCIError, OSError)


@contextmanager
def _stderr_to(path: Path) -> Iterator[None]:
    """Keep what SUMO's C++ side writes to the terminal, out of ours: where it refuses, that is the reason."""
    saved = os.dup(2)
    try:
        with path.open("wb") as file:
            os.dup2(file.fileno(), 2)
            yield
    finally:
        os.dup2(saved, 2)
        os.close(saved)


def _reason(folder: Path, error: BaseException) -> str:
    for name in ("errors.txt", "said.txt"):
        log = folder / name
        lines = log.read_text(encoding="utf-8", errors="replace").splitlines() if log.is_file() else []
        said = [line.strip() for line in lines if line.startswith("Error")]
        if said:
            reason = "; ".join(said[:3])
            for link in filter(Path.is_symlink, folder.iterdir()):
                reason = reason.replace(str(link), str(link.readlink()))
            return reason
    return str(error) or type(error).__name__


def sumo_binary() -> Path:
    """Return the ``sumo`` executable of the installed wheel.

    Raises
    ------
    SumoError
        It is not installed.
    """
    spec = importlib.util.find_spec("sumo")
    if spec is None or not spec.submodule_search_locations:
        raise SumoError("SUMO is not installed: pip install 'lumbung[city]'")
    return Path(next(iter(spec.submodule_search_locations))) / "bin" / "sumo"


def sumo_version() -> str:
    """Return the version of the installed SUMO, e.g. ``SUMO 1.28.0``."""
    try:
        return f"SUMO {version('libsumo')}"
    except PackageNotFoundError:
        raise SumoError("SUMO is not installed: pip install 'lumbung[city]'") from None
