"""The page about dependencies names each of them, in its extra, and no other."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def test_every_dependency_is_listed_with_its_extra() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]

    def names(requirements: list[str]) -> set[str]:
        return {re.split(r"[\[<>=;~ ]", text)[0] for text in requirements}

    wanted = {("", name) for name in names(project["dependencies"])}
    for extra, requirements in project["optional-dependencies"].items():
        wanted |= {(extra, name) for name in names(requirements)}
    listed = set()
    for line in (ROOT / "docs/dependencies.md").read_text().splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if not line.startswith("|") or cells[0] in ("package", "extra", "---"):
            continue
        extras, packages = ("", cells[0]) if len(cells) == 3 else cells[:2]
        listed |= {
            (extra, package.partition(" ")[0])
            for extra in extras.split(", ")
            for package in packages.split(", ")
        }
    # The compiler's two packages come together, whichever of the rooms names them.
    listed -= {("talent", "llvmlite"), ("cooperation", "llvmlite")}
    assert listed == wanted
