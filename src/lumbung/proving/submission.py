"""A submission: a folder, its content digest, its entry point.

Shipped solutions are submissions too. They are found by name, ``city/max-pressure``, through the entry-point group
``lumbung.solutions``, whose values name a package with one folder per solution: a stranger's package may add its own.
"""

from __future__ import annotations

import importlib.util
from importlib.metadata import entry_points
from pathlib import Path

import msgspec

from lumbung.proving.challenge import Challenge
from lumbung.proving.declaration import FILE, read_declaration
from lumbung.proving.digest import digest_data, digest_file
from lumbung.proving.faults import SubmissionFault
from lumbung.sandbox import digest_folder
from lumbung.sandbox.programs import BY_NAME

GROUP = "lumbung.solutions"
TABLE_ENDINGS = (".csv", ".parquet")


class Submission(msgspec.Struct, frozen=True):
    """What a team hands in, as it lies on disk.

    Attributes
    ----------
    name : str
        For tables and pictures: the shipped name, or the folder's.
    folder : Path
        A folder with a program; or a prediction table's file.
    digest : str
        ``sha256:…`` over every path and byte.
    shipped : bool
        Whether the name alone finds it again on any machine with this version.

    Examples
    --------
    >>> from lumbung import proving
    >>> submission = proving.find_submission("farm/fixed-date")
    >>> submission.name, submission.shipped, submission.is_table
    ('farm/fixed-date', True, False)
    """

    name: str
    folder: Path
    digest: str
    shipped: bool = False

    @property
    def is_table(self) -> bool:
        """Whether the submission is a table of predictions rather than a program."""
        return self.folder.suffix.lower() in TABLE_ENDINGS


class SubmissionNotFound(ValueError):
    """No folder and no shipped solution of that name.

    Examples
    --------
    >>> from lumbung import proving
    >>> try:
    ...     proving.find_submission("fixed-dates")
    ... except proving.SubmissionNotFound as error:
    ...     print(str(error).partition(". ")[0])
    ...
    fixed-dates: found no folder or file of that name, and no shipped solution
    """


def shipped_solutions() -> dict[str, Path]:
    """Return every solution installed packages ship, by name."""
    found: dict[str, Path] = {}
    for point in sorted(entry_points(group=GROUP), key=lambda p: p.name):
        spec = importlib.util.find_spec(point.value)
        for base in (spec.submodule_search_locations or ()) if spec else ():
            for folder in sorted(Path(base).iterdir()):
                if _is_named(folder) or (folder / FILE).is_file():
                    found[f"{point.name}/{folder.name}"] = folder
    return found


def solutions_for(challenge: Challenge) -> tuple[str, ...]:
    """Return the names of the solutions shipped for a challenge: those it names itself, else all of its sector."""
    return challenge.demo.solutions or tuple(
        name for name in shipped_solutions() if name.startswith(challenge.sector + "/")
    )


def find_submission(name: str) -> Submission:
    """Find a submission by path or shipped name.

    Raises
    ------
    SubmissionNotFound
        Lists what is shipped.
    SubmissionFault
        ``not_readable`` or ``no_entry_point``.

    Examples
    --------
    >>> from lumbung import proving
    >>> proving.find_submission("city/max-pressure").shipped
    True
    """
    path = Path(name)
    if path.exists():
        return read_submission(path)
    shipped = shipped_solutions()
    if name in shipped:
        return _read(shipped[name], name, shipped=True)
    raise SubmissionNotFound(
        f"{name}: found no folder or file of that name, and no shipped solution. Shipped: {', '.join(shipped)}. "
        "'lumbung new submission DIR --challenge CHALLENGE' starts one of your own."
    )


def read_submission(path: Path) -> Submission:
    r"""Read the submission at *path*: a folder, or a prediction table.

    Examples
    --------
    >>> from pathlib import Path
    >>> from lumbung import proving
    >>> Path("mine").mkdir()
    >>> _ = Path("mine/solution.py").write_text("def solve(problem): return 0\n")
    >>> proving.read_submission(Path("mine")).name
    'mine'
    """
    return _read(path.resolve(), path.resolve().name, shipped=False)


def read_content(folder: Path) -> Submission:
    """Read a submission as it was unpacked: a folder with nothing but one prediction table is that table.

    Raises
    ------
    SubmissionFault
    """
    entries = list(folder.iterdir())
    if len(entries) == 1 and entries[0].suffix.lower() in TABLE_ENDINGS:
        return read_submission(entries[0])
    return read_submission(folder)


def _read(path: Path, name: str, *, shipped: bool) -> Submission:
    try:
        if path.is_file():
            if path.suffix.lower() not in TABLE_ENDINGS:
                raise SubmissionFault(
                    "no_entry_point", reason=f"{path.name} is neither a folder nor a CSV/Parquet table"
                )
            return Submission(name, path, digest_data({path.suffix.lower(): digest_file(path)}), shipped)
        if not _has_program(path):
            raise SubmissionFault(
                "no_entry_point",
                reason=f"{path.name} holds neither solution.py nor an executable called solution nor a module called "
                f"solution.wasm, and no {FILE} that names another program",
            )
        return Submission(name, path, digest_folder(path), shipped)
    except (OSError, ValueError) as error:
        raise SubmissionFault("not_readable", reason=f"{path.name}: {error}") from error


def _has_program(folder: Path) -> bool:
    return _is_named(folder) or read_declaration(folder).run is not None


def _is_named(folder: Path) -> bool:
    return any((folder / program.path).is_file() for program in BY_NAME)
