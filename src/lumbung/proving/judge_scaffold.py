"""What ``lumbung new judge`` writes: a package with a judge, the challenge it judges, and tests, that works as it stands.

The package lies in ``first_judge/``, written as its author would write it, under the name ``fisheries``. A judge is
code that its author must own: so it is copied and renamed, never imported.
"""

from __future__ import annotations

import importlib.util
import keyword
import re
import sys
from pathlib import Path

import msgspec

from lumbung.proving.scaffold import write_folder

FIRST = Path(__file__).parent / "first_judge"


class NameUnfit(ValueError):
    """A package cannot have this name; says why and what to do."""


class NewJudge(msgspec.Struct, frozen=True):
    """What was written.

    Attributes
    ----------
    files : tuple of Path
    challenge : str
        The id under which the challenge is found once the package is installed.
    """

    files: tuple[Path, ...]
    challenge: str


def new_judge(folder: Path, name: str | None = None) -> NewJudge:
    """Write the package into *folder*.

    Parameters
    ----------
    folder : Path
        New or empty.
    name : str, optional
        Of the package; the folder's by default.

    Raises
    ------
    NameUnfit, FolderInTheWay
    """
    dashed = re.sub(r"[^a-z0-9]+", "-", (name or folder.resolve().name).lower()).strip("-")
    package = dashed.replace("-", "_")
    _check_name(package)

    def renamed(text: str) -> str:
        for old, new in (("fisheries-dist", dashed), ("fisheries-quota", f"{dashed}-quota")):
            text = text.replace(old, new)
        return text.replace("fisheries", package)

    files = {
        renamed(str(path.relative_to(FIRST))): renamed(path.read_text(encoding="utf-8"))
        for path in sorted(FIRST.rglob("*"))
        if path.is_file() and "__pycache__" not in path.parts
    }
    return NewJudge(tuple(write_folder(folder, files)), f"{dashed}-quota")


def _check_name(package: str) -> None:
    advice = "choose another with --name, e.g. the sector's: fisheries"
    if not re.fullmatch(r"[a-z][a-z0-9_]{0,39}", package) or keyword.iskeyword(package):
        raise NameUnfit(f"{package!r} cannot be the name of a package (a letter first, at most 40); {advice}")
    if package in sys.stdlib_module_names or importlib.util.find_spec(package) is not None:
        raise NameUnfit(f"a package called {package} is there already and would be hidden; {advice}")
