"""From what a submission declares to the environment of its runs."""

from __future__ import annotations

import functools
import importlib.util
import platform
import tomllib
from collections.abc import Iterator
from importlib.metadata import Distribution, entry_points
from pathlib import Path

import msgspec

from lumbung.proving.challenge import ChallengeFolder
from lumbung.proving.declaration import FILE, Declaration, Lock, Use, box_fault, program_of, read_declaration
from lumbung.proving.digest import digest_data, digest_file
from lumbung.proving.environments.locks import LockError, Pin, read_lock
from lumbung.proving.environments.shelf import Environment, Shelf
from lumbung.proving.evidence import EnvironmentMark
from lumbung.proving.faults import ChallengeFault, PlatformFault, RunFault, SubmissionFault
from lumbung.proving.submission import GROUP, Submission
from lumbung.sandbox.faults import BoxFault
from lumbung.sandbox.packages import PLAIN, NotInstalled, Packages, found, installed, present
from lumbung.sandbox.programs import Program, check_program

PUBLISHED = "environments.toml"
"""Beside solutions that a package ships: the environments it publishes, each a table of `Installed`."""
TABLES = ("numpy", "pyarrow")
WASI = ("wasmtime",)


class Installed(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An environment of what is installed on the machine, named one by one.

    Attributes
    ----------
    distributions, modules : tuple of str
        See `lumbung.sandbox.packages.installed`.
    """

    distributions: tuple[str, ...] = PLAIN
    modules: tuple[str, ...] = ()


def environment_of(
    submission: Submission, challenge: ChallengeFolder | None = None, shelf: Shelf | None = None
) -> Environment:
    """Return the environment of a submission's runs, built where it must be.

    Parameters
    ----------
    submission : Submission
    challenge : ChallengeFolder, optional
        Whose published environments it may use.
    shelf : Shelf, optional
        Where environments are built; without one only those of what is installed can be had.

    Raises
    ------
    SubmissionFault
        ``environment_unusable``, ``program_unusable``: what it declares cannot be meant.
    ChallengeFault
        What the challenge publishes cannot.
    PlatformFault
        ``environment_unavailable``, ``disk_full``: it cannot be had here and now.
    """
    if submission.is_table:
        return environment_of_installed(Installed(present(TABLES)))
    declared = read_declaration(submission.folder)
    program = program_of(submission.folder, declared)
    environment = _around(program, declared, submission, challenge, shelf)
    environment = msgspec.structs.replace(environment, program=program)
    if not declared.weights:
        return environment
    if shelf is None or shelf.weights is None:
        raise PlatformFault("environment_unavailable", detail="weights are not kept here")
    return msgspec.structs.replace(environment, weights=shelf.weights.lay_out(declared.weights))


def _around(
    program: Program,
    declared: Declaration,
    submission: Submission,
    challenge: ChallengeFolder | None,
    shelf: Shelf | None,
) -> Environment:
    if program.kind == "executable":
        return bare_environment()
    if program.kind == "module":
        return environment_of_installed(Installed(WASI))
    return _packages(declared.environment, submission, challenge, shelf)


def bare_environment() -> Environment:
    """Return the environment of an executable: nothing of the machine."""
    return Environment(Packages(()), EnvironmentMark(digest_data({}), "", platform.machine()))


def _packages(
    declared: Lock | Use | None,
    submission: Submission,
    challenge: ChallengeFolder | None,
    shelf: Shelf | None,
) -> Environment:
    if declared is None:
        return environment_of_installed(Installed())
    if isinstance(declared, Lock):
        try:
            return _locked(declared, submission.folder, shelf)
        except LockError as error:
            raise _unusable(error.where, error.found, error.expected) from None
    return _published(declared, challenge, shelf)


def _published(declared: Use, challenge: ChallengeFolder | None, shelf: Shelf | None) -> Environment:
    own = challenge.challenge.environments if challenge is not None else {}
    if challenge is not None and declared.use in own:
        try:
            return _locked(own[declared.use], challenge.folder, shelf)
        except LockError as error:
            raise ChallengeFault(
                "broken_challenge",
                where=f"environments.{declared.use}: {error.where}",
                found=error.found,
                expected=error.expected,
            ) from None
    shipped = published_by_packages()
    if declared.use not in shipped:
        known = ", ".join(sorted({*own, *shipped})) or "none is published here"
        raise _unusable(f"{FILE}: environment.use", repr(declared.use), f"one of: {known}")
    return environment_of_installed(shipped[declared.use])


def pins_of(submission: Submission, challenge: ChallengeFolder | None = None) -> tuple[Pin, ...]:
    """Return the pins that a submission's environment is built from; none where nothing is built.

    Raises
    ------
    LockError, RunFault
    """
    declared = None if submission.is_table else read_declaration(submission.folder).environment
    if isinstance(declared, Lock):
        return read_lock(submission.folder / declared.lock)
    own = challenge.challenge.environments if challenge is not None else {}
    if challenge is not None and declared is not None and declared.use in own:
        return read_lock(challenge.folder / own[declared.use].lock)
    return ()


def check_declared(submission: Submission) -> Program | None:
    """Look at what a submission declares without building or running anything: its team learns at once what is wrong.

    Returns
    -------
    Program, optional
        What is run of it; nothing of a table.

    Raises
    ------
    SubmissionFault
    """
    if submission.is_table:
        return None
    program = program_of(submission.folder, read_declaration(submission.folder))
    try:
        check_program(submission.folder, program)
        pins_of(submission)
    except BoxFault as fault:
        raise box_fault(fault) from None
    except LockError as error:
        raise _unusable(error.where, error.found, error.expected) from None
    return program


def _locked(declared: Lock, folder: Path, shelf: Shelf | None) -> Environment:
    pins = read_lock(folder / declared.lock)
    if shelf is None:
        raise PlatformFault("environment_unavailable", detail="environments are not built here")
    return shelf.take(pins, folder / declared.wheels if declared.wheels else None)


def _unusable(where: str, found: str, expected: str) -> RunFault:
    return SubmissionFault("environment_unusable", where=where, found=found, expected=expected)


def published_by_packages() -> dict[str, Installed]:
    """Return the environments that installed packages of solutions publish, by name."""
    published: dict[str, Installed] = {}
    for point in sorted(entry_points(group=GROUP), key=lambda p: p.name):
        spec = importlib.util.find_spec(point.value)
        for base in (spec.submodule_search_locations or ()) if spec else ():
            path = Path(base) / PUBLISHED
            if path.is_file():
                tables = tomllib.loads(path.read_text(encoding="utf-8"))
                published |= msgspec.convert(tables, dict[str, Installed])
    return published


@functools.cache
def environment_of_installed(named: Installed) -> Environment:
    """Return the environment of what is installed here under these names.

    Raises
    ------
    PlatformFault
        ``environment_unavailable``.
    """
    try:
        packages = installed(named.distributions, named.modules)
    except NotInstalled as error:
        raise PlatformFault("environment_unavailable", detail=str(error)) from None
    content = {
        "distributions": {name: _content_of(found(name)) for name in named.distributions},
        "modules": {
            place.inside: digest_file(place.outside)
            for place in packages.places
            if place.outside.suffix == ".py"
        },
    }
    mark = EnvironmentMark(digest_data(content), platform.python_version(), platform.machine())
    return Environment(packages, mark)


def plain_environment() -> Environment:
    """Return the environment of a submission that declares nothing: the standard library and numpy."""
    return environment_of_installed(Installed())


def _content_of(dist: Distribution) -> list[object]:
    """Return a distribution's version and what its record says of its files, without what an installer adds."""
    return [dist.version, sorted(_rows(dist.read_text("RECORD") or ""))]


def _rows(record: str) -> Iterator[str]:
    added = ("RECORD", "INSTALLER", "REQUESTED", "direct_url.json", "uv_cache.json")
    for row in record.splitlines():
        path = row.partition(",")[0]
        if path.startswith("..") or path.endswith((".pyc", *(f".dist-info/{name}" for name in added))):
            continue
        yield row
