"""Talent: measure AI capability fairly for millions of people, watch over the test, and steer toward the target.

Nothing heavy is imported until a name is used.
"""

from __future__ import annotations

import importlib
from typing import Any

# public name -> module that defines it
_FACES = {
    "calibrate": "lumbung.talent.irt.calibration",
    "Calibration": "lumbung.talent.irt.calibration",
    "DenseAnswers": "lumbung.talent.irt.dense",
    "SparseAnswers": "lumbung.talent.irt.sparse",
    "score": "lumbung.talent.irt.ability",
}
__all__ = list(_FACES)


def __getattr__(name: str) -> Any:
    if name not in _FACES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(_FACES[name]), name)
