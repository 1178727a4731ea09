"""How finely a private figure is told: in steps of its own standard error.

A mean that is told to its last digit is a question about single rows: change the answer to one row, and the difference
of two means is that row's truth. So a private mean leaves no finer than its standard error. That costs the honest
nothing they could have relied on, and it covers every single case, whatever the judge and whatever was submitted:

    of B figures with mean m and sample deviation s, let d be how far one of them lies from the mean of the others.
    Then s² ≥ d²/B, and without that one the mean would be |d|/B away. The standard error s/√B is never less.

So no single case, and no row in it, moves a figure by more than one step; hence it never reaches beyond the neighbouring
value. The deviation leaves rounded up to a power of √2, and the step follows from it alone.

Where two deviations are equal the step tells nothing of how they came about, and the values a figure may take are a grid:
how many bits one costs is the length of its place on that grid in a code fixed beforehand (`code_length`).

Source
------
P. Elias, "Universal codeword sets and representations of the integers", IEEE Transactions on Information Theory 21 (1975),
194-203: the gamma code.
"""

from __future__ import annotations

import math


def round_to(value: float, digits: int) -> float:
    """Return a figure with so many significant digits; 17 are all there are."""
    return float(f"{value:.{digits - 1}e}") if digits < 17 else float(value)


def class_of(deviation: float) -> int | None:
    """Return the place of a deviation among the powers of √2, rounded up; None for one of zero."""
    return None if deviation <= 0 else math.ceil(2 * math.log2(deviation) - 1e-9)


def deviation_in(place: int | None) -> float:
    """Return the deviation that a class stands for."""
    if place is None:
        return 0.0
    return math.ldexp(math.sqrt(2.0) if place % 2 else 1.0, place // 2)  # the same double on every machine


def step_of(deviation: float, cases: int) -> float:
    """Return the step of a mean over *cases* figures with this deviation: the standard error of its class."""
    return deviation_in(class_of(deviation)) / math.sqrt(cases)


def place_on(value: float, step: float) -> int | None:
    """Return a figure's place on the grid of a step; None where the step is finer than a double can tell."""
    return None if step <= abs(value) * 2.0**-52 else round(value / step)


def to_step(value: float, step: float, digits: int) -> float:
    """Return a figure on the grid of its step, with so many significant digits; told again it stays the same."""
    place = place_on(value, step)
    return round_to(value if place is None else place * step, digits)


def code_length(place: int) -> float:
    """Return how many bits a place on a grid takes in Elias's gamma code with a sign [bit]."""
    return 2.0 * math.floor(math.log2(abs(place) + 1)) + (2.0 if place else 1.0)
