"""Every public name of a room is seen by people, type checkers and ``import *``, and costs nothing before it is used."""

from __future__ import annotations

import ast
import importlib
import inspect
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

ROOMS = ["farm", "connectivity", "talent", "proving", "city", "cooperation"]


@pytest.fixture(params=ROOMS)
def room(request: pytest.FixtureRequest) -> ModuleType:
    return importlib.import_module(f"lumbung.{request.param}")


def test_type_checkers_and_people_see_the_same_names(room: ModuleType) -> None:
    tree = ast.parse(Path(str(room.__file__)).read_text())
    (guarded,) = (node for node in tree.body if isinstance(node, ast.If))
    imported = {
        alias.name: statement.module
        for statement in guarded.body
        if isinstance(statement, ast.ImportFrom)
        for alias in statement.names
    }
    assert set(imported) == set(room.__all__) <= set(dir(room))
    for name, module in imported.items():
        assert getattr(room, name) is getattr(importlib.import_module(str(module)), name)


def test_every_name_says_what_it_is(room: ModuleType) -> None:
    for name in room.__all__:
        value = getattr(room, name)
        assert inspect.getdoc(value), f"{room.__name__}.{name} has no docstring"
    with pytest.raises(AttributeError, match=r"has no attribute 'grwo'"):
        _ = room.grwo


def test_a_room_is_light_until_a_name_is_used() -> None:
    code = (
        f"import sys\nfor room in {ROOMS}: __import__('lumbung.' + room)\n"
        "print(sorted({'numba', 'numpy', 'matplotlib', 'scipy', 'msgspec', 'cryptography'} & set(sys.modules)))"
    )
    assert subprocess.check_output([sys.executable, "-c", code], text=True).strip() == "[]"


@pytest.mark.parametrize(
    ("blocked", "code", "extra"),
    [
        ("numba", "from lumbung import talent; talent.calibrate", "talent"),
        ("numba", "from lumbung import connectivity; connectivity.basic_transmission_loss", "connectivity"),
        ("numba", "import lumbung.farm.engine.growth", "farm"),
    ],
)
def test_a_missing_extra_names_itself(blocked: str, code: str, extra: str) -> None:
    program = (
        f"import sys; sys.modules[{blocked!r}] = None\ntry: {code}\nexcept ImportError as error: print(error)"
    )
    shown = subprocess.check_output([sys.executable, "-c", program], text=True)
    assert f"pip install 'lumbung[{extra}]'" in shown, shown
