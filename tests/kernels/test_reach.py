"""The digest follows everything the compiler reads, and refuses what it cannot tell."""

from __future__ import annotations

import enum
import sys
import types
from typing import Any, NamedTuple

import numpy as np
import pytest

from lumbung.kernels.compiling import FUSED, inlined, kernel, step
from lumbung.kernels.reach import ReachError, digest

FACTOR = 2.0
TABLE = np.array([1.0, 2.0])


class Pair(NamedTuple):
    left: float
    right: float


@inlined
def scaled(x: float) -> float:
    return x * FACTOR + TABLE[0]


@kernel
def area(x: float) -> float:
    return area_of(Pair(scaled(x), 1.0))


@step
def area_of(pair: Pair) -> float:  # defined after its caller
    return pair.left * pair.right


def test_numbers_and_arrays_reached_through_others_count(monkeypatch: pytest.MonkeyPatch) -> None:
    before = digest(area)
    assert digest(area) == before
    monkeypatch.setitem(globals(), "FACTOR", 2.5)
    changed = digest(area)
    monkeypatch.setitem(globals(), "FACTOR", 2.0)
    monkeypatch.setitem(globals(), "TABLE", np.array([1.0, 2.5]))
    assert len({before, changed, digest(area)}) == 3


def test_code_options_and_closures_count_and_lines_do_not() -> None:
    def made(source: str, **names: Any) -> Any:
        exec(source, space := {"np": np, **names})
        return space["f"]

    plain = made("def f(x):\n    return x + 1.0\n")
    moved = made("\n\n# a comment\ndef f(x):\n    return x + 1.0\n")
    other = made("def f(x):\n    return x + 1.5\n")
    assert digest(kernel(plain)) == digest(kernel(moved)) != digest(kernel(other))
    assert digest(kernel(plain)) != digest(kernel(arithmetic=FUSED)(plain)) != digest(kernel(other))

    def over(step: float) -> Any:
        def f(x: float) -> float:
            return x + step

        return kernel(f)

    assert digest(over(1.0)) == digest(over(1.0)) != digest(over(2.0))


def test_attributes_of_our_modules_count(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = types.ModuleType("some_rows")
    rows.WIDTH, rows.OTHER = 3, 1  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "some_rows", rows)
    exec("import some_rows as R\ndef f(x):\n    return x[R.WIDTH] + np.abs(x[0])\n", space := {"np": np})
    wide = kernel(space["f"])
    before = digest(wide)
    rows.OTHER = 2  # type: ignore[attr-defined]
    assert digest(wide) == before
    rows.WIDTH = 4  # type: ignore[attr-defined]
    assert digest(wide) != before


def test_a_module_taken_under_another_name_is_refused() -> None:
    rows = types.ModuleType("some_rows")
    rows.WIDTH = 3  # type: ignore[attr-defined]
    exec("def f(x):\n    taken = R\n    return x[taken.WIDTH]\n", space := {"R": rows})
    with pytest.raises(ReachError, match=r"f takes the module some_rows.*some_rows\.NAME"):
        digest(kernel(space["f"]))


def test_names_beyond_the_two_hundred_and_fifty_sixth_are_followed() -> None:
    rows = types.ModuleType("some_rows")
    rows.WIDTH = 3  # type: ignore[attr-defined]
    many = "".join(f"    x = x + N{number}\n" for number in range(300))
    exec(
        f"def f(x):\n{many}    return x + R.WIDTH\n", space := {"R": rows} | {f"N{n}": n for n in range(300)}
    )
    before = digest(kernel(space["f"]))
    rows.WIDTH = 4  # type: ignore[attr-defined]
    assert digest(kernel(space["f"])) != before


def test_fields_that_change_places_and_values_behind_a_name_count() -> None:
    def over(value: Any) -> str:
        exec("def f(x):\n    return x + G\n", space := {"G": value})
        return digest(kernel(space["f"]))

    swapped = NamedTuple("Pair", [("right", float), ("left", float)])  # noqa: UP014 - the same name on purpose
    assert over(Pair(1.0, 2.0)) != over(swapped(1.0, 2.0))

    class Quiet(enum.IntEnum):
        def __repr__(self) -> str:
            return self.name

    one, two = (Quiet("Crop", {"RICE": number}) for number in (1, 2))
    assert over(one.RICE) != over(two.RICE)  # type: ignore[attr-defined]
    assert over(one) != over(two)


def test_functions_that_call_themselves_end() -> None:
    exec("def f(n):\n    return 1 if n < 2 else f(n - 1) + f(n - 2)\n", space := {})
    space["f"] = kernel(space["f"])
    assert len(digest(space["f"])) == 32


def test_what_cannot_be_told_is_refused_by_name() -> None:
    exec("def f(x):\n    return settings[x]\n", space := {"settings": {1: 2.0}})
    with pytest.raises(ReachError, match=r"settings in f is a builtins.dict"):
        digest(kernel(space["f"]))
    space["settings"] = np.array([object()])
    with pytest.raises(ReachError, match="array of Python objects"):
        digest(kernel(space["f"]))
