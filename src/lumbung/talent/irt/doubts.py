"""What a calibration should say against itself: numbers that came out but are not to be believed.

Maximum likelihood always gives a number. With 65 answers an item it gives slopes from -0.8 to the bound of 15 and calls
the iteration settled; somebody has to say that this is not a calibration.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from lumbung.talent.irt.design import Design
from lumbung.talent.irt.maximisation import LARGEST_SLOPE
from lumbung.talent.irt.responses import Problem

# Answers an item below which plain maximum likelihood is not to be trusted: 200 to 500 are asked for two parameters and a
# thousand for three (de Ayala 2009, section 5 and 6); half of that is where estimates begin to run away.
_FEW = {"1pl": 50.0, "2pl": 200.0, "3pl": 500.0, "grm": 200.0}
_STEEP = 5.0
_SHOWN = 10


def _one_or_many(found: Sequence[str], what: str, treatment: str) -> list[Problem]:
    shown = [Problem(name, what, treatment) for name in found[:_SHOWN]]
    if len(found) > _SHOWN:
        shown.append(Problem(f"{len(found) - _SHOWN} more items", what, treatment))
    return shown


def reversed_keys(names: Sequence[str]) -> list[Problem]:
    """Say which items able people get wrong more often than others do."""
    return _one_or_many(
        [f"item {name}" for name in names],
        "abler people answer it rightly less often",
        "look at its key first, it is probably wrong; then at its text",
    )


def doubts(
    design: Design, pars: NDArray[np.float64], people: NDArray[np.float64], names: Sequence[str]
) -> list[Problem]:
    """Say which estimates are not to be believed.

    Parameters
    ----------
    pars : float64 [virtual items, places]
    people : float64 [virtual items]
        Answers to each.
    names : sequence of str
        Names of the items, which come first among the virtual ones.
    """
    real = np.arange(len(names))
    known = design.active[real]
    slopes, answered = pars[real, 0], people[real]
    problems = reversed_keys([names[j] for j in real[known & (slopes < 0)]])
    steep = [f"item {names[j]}" for j in real[known & (slopes > _STEEP)]]
    problems += _one_or_many(
        steep,
        f"its slope ran away (above {_STEEP:g}; the bound is {LARGEST_SLOPE:g})",
        "not to be believed; give priors, or wait for more answers",
    )
    few = known & (answered < _FEW[design.model])
    if few.any():
        problems.append(
            Problem(
                f"{int(few.sum())} of {int(known.sum())} items",
                f"fewer than {_FEW[design.model]:g} answers (the median has {np.median(answered[few]):.0f}), too few for "
                f"{design.model} by maximum likelihood",
                "shown as they stand; calibrate with priors instead: --prior estimated",
            )
        )
    return problems
