"""How kernels are compiled: three decorators, and the rules of arithmetic they state.

``kernel`` is what Python calls: compiled at its first call, its machine code kept between processes (`store`).
``step`` and ``inlined`` are what kernels call: a function of its own, or one merged into each of its callers so that
a loop over it becomes vector code.

Arithmetic is said with each of them. What is not said, numba takes from whichever caller is compiled first, and then
a formula on which a date hangs may be fused today and not tomorrow; so nothing is left unsaid here.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Set
from typing import Any, TypeVar, cast, overload

import numba
from numba import prange

from lumbung.kernels.store import KernelStore

__all__ = [
    "EXACT",
    "FINITE",
    "FUSED",
    "REORDERED",
    "available_processors",
    "inlined",
    "kernel",
    "prange",
    "step",
    "use_threads",
]

Function = TypeVar("Function", bound=Callable[..., Any])
Rules = Set[str]

EXACT: Rules = frozenset()
"""Every operation in the order it is written, each rounded."""
FUSED: Rules = frozenset({"contract"})
"""A product may be fused with the sum it enters: where a quantity hangs on the result, not a date or a choice."""
FINITE: Rules = FUSED | {"nnan", "ninf", "nsz"}
"""Fused, and NaN, infinity and the sign of zero do not occur: faces check what comes in."""
REORDERED: Rules = FUSED | {"nsz", "reassoc"}
"""Fused, and sums may be taken in any order, many at a time."""


@overload
def kernel(function: Function, /) -> Function: ...
@overload
def kernel(*, arithmetic: Rules = ..., parallel: bool = ...) -> Callable[[Function], Function]: ...
def kernel(
    function: Function | None = None, /, *, arithmetic: Rules = EXACT, parallel: bool = False
) -> Function | Callable[[Function], Function]:
    """Compile a function at its first call with each kind of argument, and keep the machine code between processes.

    Parameters
    ----------
    arithmetic
        EXACT, FUSED, FINITE, REORDERED, or a set of LLVM's fast-math flags.
    parallel
        Share ``prange`` loops out over threads. Costs much compile time: only where a loop is worth it.
    """

    def compiled(function: Function) -> Function:
        dispatcher = _compiled(function, arithmetic, parallel=parallel, nogil=True)
        # In place of numba's own cache, which watches the file of the kernel alone and looks for its folder once,
        # while numba is imported.
        dispatcher._cache = KernelStore(dispatcher)
        return cast(Function, dispatcher)

    return compiled if function is None else compiled(function)


@overload
def step(function: Function, /) -> Function: ...
@overload
def step(*, arithmetic: Rules = ...) -> Callable[[Function], Function]: ...
def step(
    function: Function | None = None, /, *, arithmetic: Rules = EXACT
) -> Function | Callable[[Function], Function]:
    """Compile a function that kernels call, once for all of them."""

    def compiled(function: Function) -> Function:
        return cast(Function, _compiled(function, arithmetic, nogil=True))

    return compiled if function is None else compiled(function)


@overload
def inlined(function: Function, /) -> Function: ...
@overload
def inlined(*, arithmetic: Rules = ...) -> Callable[[Function], Function]: ...
def inlined(
    function: Function | None = None, /, *, arithmetic: Rules = EXACT
) -> Function | Callable[[Function], Function]:
    """Merge a function into each of its callers."""

    def compiled(function: Function) -> Function:
        return cast(Function, _compiled(function, arithmetic, nogil=True, forceinline=True))

    return compiled if function is None else compiled(function)


def _compiled(function: Callable[..., Any], arithmetic: Rules, **options: bool) -> Any:
    # Division follows IEEE 754: a check for zero is a branch, and a branch ends vectorisation.
    decorate: Any = numba.njit
    return decorate(function, error_model="numpy", fastmath=set(arithmetic) or False, **options)


def use_threads(threads: int | None = None) -> int:
    """Set how many threads ``prange`` loops share their work over, in this process; returns the number taken.

    By default as many as this process may run on. Not more than numba started (its NUMBA_NUM_THREADS), and not less
    than one.
    """
    config: Any = numba.config
    count = max(1, min(threads or available_processors(), int(config.NUMBA_NUM_THREADS)))
    numba.set_num_threads(count)
    return count


def available_processors() -> int:
    """Return how many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
