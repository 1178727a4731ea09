"""Every public name shows a short example, and what it prints is what the reader gets."""

from __future__ import annotations

import doctest
import importlib
import inspect
import re
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

ROOMS = ["farm", "connectivity", "talent", "proving", "city", "cooperation"]
HEADING = re.compile(r"^Examples\n-{8}\n", re.MULTILINE)


def _example(room: ModuleType, name: str) -> doctest.DocTest:
    """Return the example of a public name, as it stands alone: nothing is imported for it."""
    _, heading, shown = _parted(inspect.getdoc(getattr(room, name)) or "")
    assert heading, f"{room.__name__}.{name} has no section Examples"
    where = f"{room.__name__}.{name}"
    found = doctest.DocTestParser().get_doctest(shown, {"__name__": "example"}, where, where, 0)
    assert any(example.want for example in found.examples), f"{where}: an example that prints nothing"
    assert not any(doctest.SKIP in example.options for example in found.examples), f"{where}: skipped"
    return found


def _parted(docstring: str) -> tuple[str, str, str]:
    found = HEADING.search(docstring)
    return (docstring, "", "") if found is None else (docstring, found[0], docstring[found.end() :])


@pytest.mark.parametrize("room", ROOMS)
def test_every_example_prints_what_it_shows(
    room: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    face: Any = importlib.import_module(f"lumbung.{room}")
    told: list[str] = []
    for name in face.__all__:
        (tmp_path / name).mkdir()
        monkeypatch.chdir(tmp_path / name)
        doctest.DocTestRunner(verbose=False).run(_example(face, name), out=told.append)
    assert not told, "\n".join(told)
