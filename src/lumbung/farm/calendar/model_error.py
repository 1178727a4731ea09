"""How wrong the model itself is: the error on trials it has not seen, by crop. Every band and every chance carries it.

Parity with a published model is not truth. Years differ, which an ensemble shows; that the model is off by several hundred
kilograms in any year, it does not. The figure is what `lumbung farm calibrate` prints for trials left out of the fitting.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from math import erf
from statistics import NormalDist

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]
STAND_IN = "rice"
NODES = 21  # equally likely errors by which a band is made


@dataclass(frozen=True)
class ModelError:
    """The error of the model for a crop.

    Attributes
    ----------
    rmse
        Standard deviation of measured minus simulated yield [kg/ha].
    trials, plots
        Behind it.
    source
    borrowed
        Whether it is another crop's, because no trials of this one were at hand.
    """

    rmse: float
    trials: int
    plots: int
    source: str
    borrowed: bool = False

    def below(self, yields: Array, threshold: float | Array) -> Array:
        """Return the chance of less than ``threshold`` where the model says ``yields`` [kg/ha]; NaN stays NaN."""
        chance: Array = _normal_share((threshold - yields) / self.rmse)
        return chance

    def nodes(self) -> Array:
        """Return equally likely errors [kg/ha], shape (NODES,)."""
        normal = NormalDist(0.0, self.rmse)
        return np.array([normal.inv_cdf((k + 0.5) / NODES) for k in range(NODES)])


_normal_share = np.vectorize(lambda z: 0.5 * (1.0 + erf(z / 2.0**0.5)), otypes=[np.float64])


@cache
def model_error(crop: str) -> ModelError:
    """Return the error for a crop; rice's where no trials of the crop were at hand."""
    table = tomllib.loads((files("lumbung.farm") / "tables" / "model_error.toml").read_text(encoding="utf-8"))
    entry = table.get(crop) or table[STAND_IN]
    return ModelError(
        float(entry["rmse"]), int(entry["trials"]), int(entry["plots"]), entry["source"], crop not in table
    )
