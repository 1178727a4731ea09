"""What is run of a submission: ``solution.py``, an executable that brings all of itself, or a WebAssembly module.

A program is named, or found by the name of its file. What cannot run on this machine is said before a box is opened,
by what its own headers say; nothing of it runs for that.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from lumbung.sandbox.executables import Executable, NotExecutable, read_executable
from lumbung.sandbox.faults import BoxFault
from lumbung.sandbox.modules import NotAModule, check_module

MACHINES = ("x86_64", "aarch64")
"""Those for which there is a sandbox."""
PROTOCOL = 1
"""The version of the messages that programs and judges speak."""


@dataclass(frozen=True)
class Program:
    """What is run, and how.

    Attributes
    ----------
    kind
        ``"python"``: the guest imports the file and speaks for it. ``"executable"`` and ``"module"`` speak for
        themselves, over standard input and output.
    path
        Below the submission's folder.
    arguments
        What the program is given besides its name.
    """

    kind: Literal["python", "executable", "module"]
    path: str
    arguments: tuple[str, ...] = ()


PYTHON = Program("python", "solution.py")
BY_NAME = (PYTHON, Program("executable", "solution"), Program("module", "solution.wasm"))
"""What is run of a submission that names nothing; the first that is there."""


def find_program(submission: Path) -> Program:
    """Find what is run of a submission that names no program.

    Raises
    ------
    BoxFault
        ``not_readable`` or ``no_entry_point``.
    """
    try:
        if not submission.is_dir():
            raise BoxFault("not_readable", {"reason": f"{submission.name} is not a folder"})
        for program in BY_NAME:
            if (submission / program.path).is_file():
                return program
    except OSError as error:
        raise BoxFault("not_readable", {"reason": f"{submission.name}: {error.strerror}"}) from None
    *first, last = (program.path for program in BY_NAME)
    raise BoxFault("no_entry_point", {"reason": f"expected {', '.join(first)} or {last}"})


def check_program(submission: Path, program: Program, machine: str | None = None) -> str:
    """Check that a program can run, as far as its own headers say.

    Parameters
    ----------
    submission, program
        The folder, and what is run of it.
    machine
        On which it shall run, as ``platform.machine()`` says it; any that has a sandbox by default.

    Returns
    -------
    str
        The machine for which it is made; empty for one that runs on any.

    Raises
    ------
    BoxFault
        ``program_unusable`` or ``not_readable``.
    """
    path = submission / program.path
    try:
        if not path.is_file():
            raise _unusable(program, "no such file", "a file of the submission's folder")
        if program.kind == "module":
            check_module(path)
        elif program.kind == "executable":
            return _check_executable(path, program, read_executable(path), machine)
    except (NotExecutable, NotAModule) as error:
        raise _unusable(program, str(error), _EXPECTED[program.kind]) from None
    except OSError as error:
        raise BoxFault("not_readable", {"reason": f"{program.path}: {error.strerror}"}) from None
    return ""


_EXPECTED = {
    "executable": "a static executable of Linux (ELF)",
    "module": "a module of WASI preview 1 (target wasm32-wasip1)",
}


def _check_executable(path: Path, program: Program, found: Executable, machine: str | None) -> str:
    wanted = (machine,) if machine else MACHINES
    if found.machine not in wanted:
        raise _unusable(program, f"an executable for {found.machine}", f"one for {' or '.join(wanted)}")
    if found.loader:
        asks = " and ".join(filter(None, [found.loader, ", ".join(found.libraries)]))
        expected = (
            "a static executable (cc -static; CGO_ENABLED=0 go build; rustc -C target-feature=+crt-static), or its loader "
            'and libraries in the folder: command = ["lib/LOADER", "--library-path", "lib", "PROGRAM"]'
        )
        raise _unusable(program, f"one that asks the machine for {asks}; the box has none of it", expected)
    if not path.stat().st_mode & 0o111:
        expected = "chmod +x before packing (a zip made on Windows loses it: use tar)"
        raise _unusable(program, "an executable without the right to be executed", expected)
    return found.machine


def _unusable(program: Program, found: str, expected: str) -> BoxFault:
    return BoxFault("program_unusable", {"where": program.path, "found": found, "expected": expected})
