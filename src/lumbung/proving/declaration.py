"""What a submission declares about itself in ``submission.toml``, and a challenge about the environments it publishes."""

from __future__ import annotations

import tomllib
from pathlib import Path, PurePosixPath
from typing import Annotated

import msgspec

from lumbung.proving.faults import SubmissionFault
from lumbung.proving.unreadable import UNREADABLE
from lumbung.sandbox.faults import BoxFault
from lumbung.sandbox.programs import PYTHON, Program, find_program

FILE = "submission.toml"

Name = Annotated[str, msgspec.Meta(pattern=r"^[a-z0-9]+(?:[-.][a-z0-9]+)*$", max_length=64)]
Relative = Annotated[str, msgspec.Meta(min_length=1, max_length=240)]


class Lock(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Packages, pinned by version and hash.

    Attributes
    ----------
    lock : str
        ``requirements.txt`` with hashes, ``pylock.toml`` or ``uv.lock``, below the folder that declares it.
    wheels : str
        A folder of wheels beside it, for nodes without a line; empty for none.
    """

    lock: Relative
    wheels: str = ""

    def __post_init__(self) -> None:
        for field in ("lock", "wheels"):
            path = PurePosixPath(getattr(self, field))
            if path.is_absolute() or ".." in path.parts:
                raise ValueError(f"{field}: found {path}, expected a path below the folder")


class Use(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An environment by name: one that the challenge publishes, or a package of solutions installed on the node."""

    use: Name


WeightName = Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$")]
WeightDigest = Annotated[str, msgspec.Meta(pattern=r"^sha256:[0-9a-f]{64}$")]
Weights = Annotated[dict[WeightName, WeightDigest], msgspec.Meta(max_length=32)]


Words = Annotated[
    tuple[Annotated[str, msgspec.Meta(max_length=1000)], ...], msgspec.Meta(min_length=1, max_length=64)
]


class Entry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is run: one of the two, a path below the folder, or a list of the path and its arguments.

    Attributes
    ----------
    command : str or list of str
        An executable.
    module : str or list of str
        A WebAssembly module.
    """

    command: str | Words | None = None
    module: str | Words | None = None

    def __post_init__(self) -> None:
        if (self.command is None) == (self.module is None):
            raise ValueError("both or neither of command and module")
        path = self.words[0]
        if any("\0" in word for word in self.words):
            raise ValueError("a zero byte")
        named = PurePosixPath(path)
        if not path or named.is_absolute() or ".." in named.parts or not named.parts:
            raise ValueError(f"{path!r}, which lies not below the folder")

    @property
    def words(self) -> tuple[str, ...]:
        """The path, and its arguments."""
        said = self.module if self.command is None else self.command
        return (said,) if isinstance(said, str) else said or ()

    @property
    def program(self) -> Program:
        """What the box is told."""
        path, *arguments = self.words
        kind = "module" if self.command is None else "executable"
        return Program(kind, str(PurePosixPath(path)), tuple(arguments))  # type: ignore[arg-type]

    @classmethod
    def of(cls, program: Program) -> Entry | None:
        """Return what a submission would say that names its program; nothing of ``solution.py``."""
        words = (program.path, *program.arguments)
        if program.kind == "python":
            return None
        return cls(command=words) if program.kind == "executable" else cls(module=words)


class Declaration(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``submission.toml``. Everything in it may be left out.

    Attributes
    ----------
    run : Entry, optional
        Another program than ``solution.py``, ``solution`` or ``solution.wasm``.
    environment : Lock or Use, optional
        The standard library and numpy where nothing is said.
    weights : dict of str to str
        Files shown at ``/weights``, by the digest of each.
    """

    run: Entry | None = None
    environment: Lock | Use | None = None
    weights: Weights = {}


class _Raw(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    run: dict[str, object] | None = None
    environment: dict[str, str] | None = None
    weights: Weights = {}


def read_declaration(folder: Path) -> Declaration:
    """Read what a submission declares; nothing where it has no ``submission.toml``.

    Raises
    ------
    SubmissionFault
        ``environment_unusable``, with the place.
    """
    path = folder / FILE
    if not path.is_file():
        return Declaration()
    try:
        raw = msgspec.convert(tomllib.loads(path.read_text(encoding="utf-8-sig")), _Raw)
        return Declaration(_run(raw.run), _environment(raw.environment), raw.weights)
    except OSError as error:
        raise SubmissionFault("not_readable", reason=f"{FILE}: {error.strerror}") from None
    except UNREADABLE as error:
        raise SubmissionFault(
            "environment_unusable",
            where=FILE,
            found=str(error)[:200],
            expected='[run] with command = "FILE" or module = "FILE.wasm"; [environment] with use = "NAME", or '
            'lock = "FILE" and perhaps wheels = "FOLDER"; [weights] with lines such as "model.onnx" = "sha256:…"',
        ) from None


def _run(named: dict[str, object] | None) -> Entry | None:
    try:
        return None if named is None else msgspec.convert(named, Entry)
    except UNREADABLE as error:
        raise SubmissionFault(
            "program_unusable",
            where=f"{FILE}: run",
            found=str(error)[:200],
            expected='command = "FILE" or module = "FILE.wasm", or in place of FILE a list of it and its arguments',
        ) from None


def _environment(named: dict[str, str] | None) -> Lock | Use | None:
    if named is None:
        return None
    kind: type[Use] | type[Lock] = Use if "use" in named else Lock
    return msgspec.convert(named, kind)


def program_of(folder: Path, declared: Declaration) -> Program:
    """Return what is run of a submission.

    Raises
    ------
    SubmissionFault
        ``no_entry_point``, ``not_readable``; ``program_unusable`` where what it declares does not go together.
    """
    if declared.run is None:
        try:
            program = find_program(folder)
        except BoxFault as fault:
            raise box_fault(fault) from None
    else:
        program = declared.run.program
        if (folder / PYTHON.path).is_file():
            raise SubmissionFault(
                "program_unusable",
                where=f"{FILE}: run",
                found=f"{program.path}, and {PYTHON.path} besides",
                expected="one of them",
            )
    if declared.environment is not None and program.kind != "python":
        raise SubmissionFault(
            "program_unusable",
            where=f"{FILE}: environment",
            found=f"packages of Python for {program.path}",
            expected="none: such a program brings all that it needs in its folder",
        )
    return program


def box_fault(fault: BoxFault) -> SubmissionFault:
    """Return what the sandbox says of a submission as a fault of the submission's."""
    params = {name: value for name, value in fault.params.items() if name != "trace"}
    return SubmissionFault(fault.code, **params)
