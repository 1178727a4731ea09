"""What a kernel's machine code depends on, as a digest.

A kernel is compiled from its own bytecode and from everything its names reach: functions in other files, the
functions those call, and global numbers and arrays, which the compiler takes as constants. numba's cache watches the
file of the kernel only. Here the digest is taken over what the compiler reads, at the moment it would read it: the
bytecode, the constants and the options of everything reached, as they stand in memory. So it does not matter which file
a formula came from, whether files have changed since they were imported, in which order they were, or whether there are
files at all; a comment changes nothing, a number changes the digest.

What this module does not understand it refuses, by name: a digest that leaves something out would be worse than none.
"""

from __future__ import annotations

import builtins
import dis
import enum
import hashlib
import sys
from collections.abc import Iterator
from functools import lru_cache
from types import BuiltinFunctionType, CodeType, FunctionType, ModuleType
from typing import Any

import numba
import numpy as np
from numba.core.dispatcher import Dispatcher
from numba.core.extending import _Intrinsic

# Whose functions a kernel knows by name alone: their versions enter the key of the store.
LIBRARIES = frozenset({"numba", "numpy", "llvmlite", "builtins"}) | sys.stdlib_module_names
_ABSENT = object()


class ReachError(TypeError):
    """A kernel reaches something whose content cannot be told, so its machine code cannot be kept safely."""


def digest(dispatcher: Any) -> str:
    """Return 32 hexadecimal digits over everything a compiled function reaches.

    Parameters
    ----------
    dispatcher
        What ``kernel``, ``step`` or ``inlined`` returned, or numba's ``njit``.

    Raises
    ------
    ReachError
        Something it reaches is neither code, a number, text, an array, nor a collection or a module of these.
    """
    walk = _Walk()
    walk.value(dispatcher, dispatcher.py_func.__qualname__)
    return walk.hash.hexdigest()


def fields(types: Any) -> tuple[tuple[str, ...], ...]:
    """Return the names of the fields of all named tuples among numba's types of arguments.

    A type prints as its class's name and what the fields hold: two fields that change places print alike, and a
    kernel that was compiled before reads the wrong one.
    """
    return tuple(_fields(getattr(types, "args", types)))


def _fields(kind: Any) -> Iterator[tuple[str, ...]]:
    if isinstance(kind, numba.types.BaseNamedTuple):
        named: Any = kind
        yield tuple(named.fields)
    if isinstance(kind, tuple):
        parts: Any = kind
    else:
        inner = (getattr(kind, name, None) for name in ("dtype", "type", "key_type", "value_type"))
        parts = (*getattr(kind, "types", ()), *(one for one in inner if isinstance(one, numba.types.Type)))
    for part in parts:
        yield from _fields(part)


class _Walk:
    """One depth-first visit of all that is reached; each function is entered once."""

    def __init__(self) -> None:
        self.hash = hashlib.blake2b(digest_size=16)
        self.seen: dict[int, int] = {}

    def add(self, *words: str | bytes) -> None:
        for word in words:
            data = word if isinstance(word, bytes) else word.encode()
            self.hash.update(len(data).to_bytes(8, "little") + data)

    def value(self, value: Any, path: str) -> None:
        """Add one value; ``path`` says to the reader of an error how it was reached."""
        if isinstance(value, enum.Enum):  # somebody's own repr may leave the value out
            self.add(f"{type(value).__module__}.{type(value).__qualname__}", value.name, repr(value.value))
        elif value is None or isinstance(value, bool | int | float | complex | str | bytes):
            self.add(f"{type(value).__module__}.{type(value).__qualname__}", repr(value))
        elif isinstance(value, np.ndarray | np.generic):
            self._array(np.asarray(value), path)
        elif isinstance(value, tuple | list):
            self.add(type(value).__qualname__, str(len(value)), *getattr(value, "_fields", ()))
            for k, item in enumerate(value):
                self.value(item, f"{path}[{k}]")
        elif isinstance(value, set | frozenset):
            self.add(type(value).__qualname__, *sorted(map(repr, value)))
        elif isinstance(value, numba.types.Type):
            self.add("numba type", str(value))
        elif isinstance(value, CodeType):
            self._code(value, path)
        else:
            self._made_of_code(value, path)

    def _made_of_code(self, value: Any, path: str) -> None:
        name = _library_name(value)
        if name is not None:
            self.add("library", name)
        elif self._met(value):
            return
        elif isinstance(value, Dispatcher):
            self.add("compiled")
            self.value(tuple(sorted(value.targetoptions.items())), f"{path}'s options")
            self._function(value.py_func, path)
        elif isinstance(value, _Intrinsic):
            self.add("intrinsic")
            self._function(value._defn, path)
        elif isinstance(value, FunctionType):
            self.add("function")
            self._function(value, path)
        elif isinstance(value, type) and issubclass(value, tuple) and hasattr(value, "_fields"):
            self.add("named tuple", value.__qualname__, *value._fields)
        elif isinstance(value, type) and issubclass(value, enum.Enum):
            self.add("enum", value.__qualname__, *(f"{member.name}={member.value!r}" for member in value))
        else:
            raise ReachError(
                f"{path} is a {type(value).__module__}.{type(value).__qualname__}; a kernel may reach functions, numbers, "
                "text, arrays, tuples of these, and modules that hold them. Pass it as an argument instead"
            )

    def _met(self, value: Any) -> bool:
        """Whether a value was visited before; if so, which one it is stands for its content."""
        number = self.seen.get(id(value))
        if number is None:
            self.seen[id(value)] = len(self.seen)
            return False
        self.add("again", str(number))
        return True

    def _array(self, array: np.ndarray[Any, Any], path: str) -> None:
        if array.dtype.hasobject:
            raise ReachError(f"{path} is an array of Python objects; a kernel may reach arrays of numbers")
        self.add("array", array.dtype.str, str(array.shape), np.ascontiguousarray(array).tobytes())

    def _function(self, function: FunctionType, path: str) -> None:
        self._code(function.__code__, path)
        self.value(function.__defaults__, f"{path}'s defaults")
        self.value(tuple(sorted((function.__kwdefaults__ or {}).items())), f"{path}'s defaults")
        for name, cell in zip(function.__code__.co_freevars, function.__closure__ or (), strict=True):
            self.value(cell.cell_contents, f"{name} in {path}")
        # Written on a function by `elementary.either`: what stands behind it for each type.
        for name, attribute in sorted(vars(function).items()):
            self.add(name)
            self.value(attribute, f"{path}.{name}")
        self._globals(function.__code__, function.__globals__, path)

    def _globals(self, code: CodeType, names: dict[str, Any], path: str) -> None:
        for chain in _global_chains(code):
            self.add(".".join(chain))
            value = names.get(chain[0], _ABSENT)
            if value is _ABSENT:
                value = getattr(builtins, chain[0], None)
            for name in chain[1:]:
                if not isinstance(value, ModuleType) or _library_name(value) is not None:
                    break
                value = getattr(value, name, None)
            if isinstance(value, ModuleType) and _library_name(value) is None:
                raise ReachError(
                    f"{path} takes the module {value.__name__} without naming at once what it reads there; write "
                    f"{value.__name__.rpartition('.')[2]}.NAME wherever it is used"
                )
            if not isinstance(value, ModuleType):
                self.value(value, f"{chain[-1]} in {path}")
        for constant in code.co_consts:
            if isinstance(constant, CodeType):
                self._globals(constant, names, path)

    def _code(self, code: CodeType, path: str) -> None:
        # Not the line numbers, not the file: a moved function compiles to the same code.
        self.add(
            "code", code.co_name, code.co_code, code.co_exceptiontable, str(code.co_flags),
            str((code.co_argcount, code.co_posonlyargcount, code.co_kwonlyargcount)),
            *code.co_names, "|", *code.co_varnames, "|", *code.co_freevars, "|", *code.co_cellvars,
        )  # fmt: skip
        for constant in code.co_consts:
            self.value(constant, f"a constant of {path}")


def _library_name(value: Any) -> str | None:
    """The full name of something out of a library, or None for what is someone's own."""
    if isinstance(value, np.ufunc):
        return f"numpy.{value.__name__}"
    if isinstance(value, ModuleType):
        module, name = value.__name__, ""
    elif isinstance(value, FunctionType | BuiltinFunctionType | type):
        module, name = value.__module__ or "builtins", value.__qualname__
    else:  # objects of a library: what its names stand for differs from object to object
        return None
    return f"{module}.{name}" if module.partition(".")[0] in LIBRARIES else None


@lru_cache(maxsize=4096)
def _global_chains(code: CodeType) -> tuple[tuple[str, ...], ...]:
    """The global names a code object reads, each with the attributes read from it at once (``rows``, ``LANES``)."""
    return tuple(dict.fromkeys(_read_chains(code)))


def _read_chains(code: CodeType) -> Iterator[tuple[str, ...]]:
    chain: tuple[str, ...] = ()
    for instruction in dis.get_instructions(code):
        if chain and instruction.opname in ("LOAD_ATTR", "LOAD_METHOD"):
            chain = (*chain, instruction.argval)
        elif instruction.opname != "EXTENDED_ARG":  # only the number of the name that follows is large
            if chain:
                yield chain
            chain = (instruction.argval,) if instruction.opname in ("LOAD_GLOBAL", "LOAD_NAME") else ()
    if chain:
        yield chain
