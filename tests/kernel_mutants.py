"""A changed formula under a warm cache, played in forked processes that share nothing but the compiler's import.

``python kernel_mutants.py FOLDER`` works on a copy of the package in FOLDER and prints what it saw as JSON; see
tests/kernels/test_kept_code.py. The compiler is imported once, before the forks: that is what costs seconds.
"""

from __future__ import annotations

import ast
import contextlib
import importlib
import json
import os
import sys
from collections.abc import Callable
from itertools import zip_longest
from pathlib import Path
from types import FunctionType
from typing import Any

import numba  # noqa: F401  (before the forks)
import numpy as np
from numba.core.dispatcher import Dispatcher

COMPILED = {"kernel", "step", "inlined"}


def kernel_modules(root: Path) -> list[str]:
    """Every module of the package in which a function is compiled, found by its decorators."""
    found = []
    for path in sorted((root / "lumbung").rglob("*.py")):
        if "lumbung.kernels" in path.read_text() and _compiled_functions(ast.parse(path.read_text())):
            found.append(".".join(path.relative_to(root).with_suffix("").parts))
    return found


def _compiled_functions(tree: ast.Module) -> list[ast.FunctionDef]:
    def name(decorator: ast.expr) -> str:
        inner = decorator.func if isinstance(decorator, ast.Call) else decorator
        return inner.id if isinstance(inner, ast.Name) else ""

    return [
        node
        for node in tree.body
        if isinstance(node, ast.FunctionDef) and {name(d) for d in node.decorator_list} & COMPILED
    ]


def mutant(source: str) -> tuple[str, str]:
    """Change the first number or sum in a compiled function; return the function's name and the source."""
    tree = ast.parse(source)
    for function in _compiled_functions(tree):
        for node in (node for statement in function.body for node in ast.walk(statement)):
            if isinstance(node, ast.Constant) and type(node.value) in (int, float):
                node.value = node.value * 3 + 1  # type: ignore[operator]
            elif isinstance(node, ast.BinOp | ast.AugAssign) and isinstance(node.op, ast.Add | ast.Mult):
                node.op = ast.Sub()
            else:
                continue
            return function.name, ast.unparse(tree)
    raise SystemExit(f"nothing to change in {source[:200]}")


def forked(work: Callable[[], Any]) -> Any:
    """Do some work in a fork of this process and return its result."""
    readable, writable = os.pipe()
    child = os.fork()
    if child == 0:
        status = 1
        try:
            with os.fdopen(writable, "w") as pipe:
                json.dump(work(), pipe)
            status = 0
        finally:
            os._exit(status)
    os.close(writable)
    with os.fdopen(readable) as pipe:
        answer = pipe.read()
    os.waitpid(child, 0)
    return json.loads(answer)


def digests(modules: list[str]) -> dict[str, str]:
    """The digest of every compiled function, after importing the modules in this order."""
    from lumbung.kernels import reach

    found = {}
    for name in modules:
        importlib.import_module(name)
    for name in modules:
        for value in vars(sys.modules[name]).values():
            if isinstance(value, Dispatcher) and value.py_func.__module__ == name:
                found[f"{name}:{value.py_func.__name__}"] = reach.digest(value)
    return found


def callers(modules: list[str]) -> dict[str, list[str]]:
    """For each compiled function, all that reach it, by the names in their code alone."""
    names = {}
    for module in modules:
        for value in vars(importlib.import_module(module)).values():
            if isinstance(value, Dispatcher) and value.py_func.__module__ == module:
                names[f"{module}:{value.py_func.__name__}"] = _called(value.py_func)
    reached = {name: set(called) for name, called in names.items()}
    while True:
        wider = {
            name: set().union(called, *(reached.get(c, set()) for c in called))
            for name, called in reached.items()
        }
        if wider == reached:
            return {name: sorted(n for n, called in reached.items() if name in called) for name in names}
        reached = wider


def _called(function: FunctionType) -> set[str]:
    found = set()
    for name in function.__code__.co_names:
        value = function.__globals__.get(name)
        candidates = [value, getattr(value, "single", None), getattr(value, "double", None)]
        found |= {
            f"{c.py_func.__module__}:{c.py_func.__name__}" for c in candidates if isinstance(c, Dispatcher)
        }
    return found


def _with(sources: dict[Path, str], work: Callable[[], Any]) -> Any:
    """Do some work in a fork while files hold other sources."""
    before = {path: (path.read_text(), path.stat()) for path in sources}
    for path, source in sources.items():
        path.write_text(source)
        later = path.stat().st_mtime + 10  # so that no bytecode of the other source is taken for its own
        os.utime(path, (later, later))
    try:
        return forked(work)
    finally:
        for path, (original, times) in before.items():
            path.write_text(original)
            os.utime(path, (times.st_atime, times.st_mtime))


def _batches(modules: list[str]) -> list[list[str]]:
    """One module of each room at a time: rooms do not reach each other, so each is seen, and there are few forks."""
    rooms: dict[str, list[str]] = {}
    for module in modules:
        rooms.setdefault(module.split(".")[1], []).append(module)
    shared = rooms.pop("kernels")
    return [[module] for module in shared] + [
        [module for module in batch if module] for batch in zip_longest(*rooms.values())
    ]


def _load_libraries(modules: list[str]) -> None:
    """Import here what the modules import of others, and leave their bytecode behind, so that forks start quickly."""

    def loaded() -> list[str]:
        for name in modules:
            importlib.import_module(name)
        return [name for name in sys.modules if name.partition(".")[0] not in ("lumbung", "__main__")]

    for name in forked(loaded):
        with contextlib.suppress(ImportError):
            importlib.import_module(name)
    sys.dont_write_bytecode = True


def keys_of_mutants(root: Path) -> dict[str, Any]:
    """Digests as they are (in two orders), and those that each mutant changes."""
    modules = kernel_modules(root)
    _load_libraries(modules)
    report: dict[str, Any] = {
        "modules": modules,
        "forwards": forked(lambda: digests(modules)),
        "backwards": forked(lambda: digests(modules[::-1])),
        "callers": forked(lambda: callers(modules)),
        "changed": [],
    }
    for number, batch in enumerate(_batches(modules)):
        paths = {module: root / (module.replace(".", "/") + ".py") for module in batch}
        changed = {module: mutant(path.read_text()) for module, path in paths.items()}
        order = modules if number % 2 else modules[::-1]
        sources = {paths[module]: source for module, (_, source) in changed.items()}
        after = _with(sources, lambda order=order: digests(order))  # type: ignore[misc]
        report["changed"].append(
            {
                "mutants": [f"{module}:{name}" for module, (name, _) in changed.items()],
                "keys": sorted(n for n, digest in after.items() if digest != report["forwards"][n]),
            }
        )
    return report


# --- results -------------------------------------------------------------------------------------------------------


def _talent() -> list[float]:
    from lumbung.talent.irt.expectation import posteriors_dense

    tables = -np.random.default_rng(1).exponential(2.0, (2, 4, 16))
    posterior = np.empty((3, 16))
    posteriors_dense(np.array([[0, 1], [2, 3], [1, 1]], np.uint8), tables, posterior)
    return [float(value) for value in posterior[:, :3].ravel()]


def _farm() -> list[float]:
    from lumbung.farm.engine.daily_terms import reference_evapotranspiration

    one = np.ones(2)
    out = np.empty((3, 2))
    reference_evapotranspiration(
        np.array([100, 200]),
        10.0,
        20.0,
        22 * one,
        31 * one,
        18e6 * one,
        24 * one,
        2 * one,
        0.29,
        0.42,
        False,
        out,
    )
    return [float(value) for value in out.ravel()]


def _cooperation() -> list[float]:
    from lumbung.cooperation.assignment.kernels import teams_propose

    starts, lists = np.array([0, 2, 4]), np.array([0, 1, 0, 1], np.int32)
    return [float(value) for value in teams_propose(starts, lists, starts, lists, np.array([1, 1]))]


ROOMS = {"talent": _talent, "farm": _farm, "cooperation": _cooperation}
# A file, a number in it, and another: none of them is in the file of the kernel that is called.
CHANGES = {
    "talent": ("lumbung/kernels/elementary.py", "0.1666666666666668", "0.17"),
    "farm": ("lumbung/farm/engine/evapotranspiration.py", "6.10588", "6.2"),
}


def results(order: list[str]) -> dict[str, Any]:
    """What each room computes, imported in this order."""
    found: dict[str, Any] = {room: ROOMS[room]() for room in order}
    found["environment"] = os.environ.get("NUMBA_CACHE_DIR")
    return found


def results_of_mutants(root: Path) -> dict[str, Any]:
    """Results before any change, with a warm store, and after each change, in both orders."""
    order = list(ROOMS)
    report = {"cold": forked(lambda: results(order)), "warm": forked(lambda: results(order[::-1]))}
    for room, (name, old, new) in CHANGES.items():
        path = root / name
        source = path.read_text()
        if source.count(old) != 1:
            raise SystemExit(f"{name} no longer holds {old!r} once")
        other = {path: source.replace(old, new)}
        report[room] = _with(other, lambda: results(order[::-1]))
        report[f"{room} forwards"] = _with(other, lambda: results(order))
    return report


if __name__ == "__main__":
    folder = Path(sys.argv[1])
    sys.path.insert(0, str(folder))
    print(json.dumps({"keys": keys_of_mutants(folder), "results": results_of_mutants(folder)}))
