"""Where commands write by default: a script that somebody starts there later must still find its modules."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path

import click
import pytest

from lumbung.cli import main

# Modules that some installed package imports where it finds them, and does without where it does not: a mere folder
# of that name is found, and is empty. numba does so with coverage.
LOOKED_FOR = {
    "coverage",
    "ray",
    "cupy",
    "torch",
    "tensorflow",
    "jax",
    "dask",
    "cudf",
    "polars",
    "pandas",
    "IPython",
}
STARTED_THERE = """
import numba, numpy, msgspec, lumbung
assert numba.njit(lambda x: x + 1)(1) == 2
try:
    import coverage
except ModuleNotFoundError:
    pass
else:
    assert coverage.__file__, "coverage is a mere folder"
"""


def commands(
    group: click.Group, path: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    context = click.Context(group)
    for name in group.list_commands(context):
        found = group.get_command(context, name)
        assert found is not None
        yield (*path, name), found
        if isinstance(found, click.Group):
            yield from commands(found, (*path, name))


def default_places() -> dict[str, Path]:
    """Return every relative path that an option of a command takes when nothing is said."""
    return {
        " ".join([*words, parameter.opts[0]]): Path(parameter.default)
        for words, command in commands(main)
        for parameter in command.params
        if isinstance(parameter.type, click.Path)
        and isinstance(parameter.default, str | Path)
        and not Path(parameter.default).is_absolute()
    }


def test_the_defaults_are_found() -> None:
    found = default_places()
    assert {"connectivity cover --output", "demo --out", "run --out", "farm calendar --out"} <= set(found)


@pytest.mark.parametrize(("option", "place"), sorted(default_places().items()))
def test_a_default_folder_hides_no_module(option: str, place: Path) -> None:
    taken = sys.stdlib_module_names | set(packages_distributions()) | LOOKED_FOR | {"lumbung", "solution"}
    assert place.parts[0] == "lumbung-out", f"{option} writes to ./{place}; ours all lie below lumbung-out"
    assert not taken & set(place.parts), (
        f"{option} makes {place}, which hides a module from scripts started beside it"
    )


def test_python_starts_beside_every_default_folder(tmp_path: Path) -> None:
    """One start of Python for each folder in which default folders come to lie."""
    places = default_places()
    for place in places.values():
        (tmp_path / place).mkdir(parents=True, exist_ok=True)
    beside = {tmp_path / parent for place in places.values() for parent in place.parents}
    assert tmp_path in beside and tmp_path / "lumbung-out" in beside
    for folder in sorted(beside):
        (folder / "script.py").write_text(STARTED_THERE)
        done = subprocess.run(
            [sys.executable, "script.py"], cwd=folder, capture_output=True, text=True, timeout=300
        )
        assert done.returncode == 0, f"in {folder.relative_to(tmp_path)}: {done.stderr}"
