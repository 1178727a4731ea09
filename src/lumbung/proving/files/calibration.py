"""Whether probabilities mean what they say: Brier scores and expected calibration error."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

BINS = 15
"""Of equal width (Guo et al. 2017, "On Calibration of Modern Neural Networks")."""

Distribution = dict[str, float]


def brier(truth: Sequence[float], found: Sequence[float]) -> float:
    """Return the mean squared difference of probabilities and outcomes (0 or 1); from 0 to 1."""
    return float(np.mean((np.asarray(found) - np.asarray(truth)) ** 2))


def brier_classes(truth: Sequence[str], found: Sequence[Distribution]) -> float:
    """Return Brier's own score (1950, eq. 2): squared differences summed over classes; from 0 to 2."""
    missed = [
        sum((p - (label == right)) ** 2 for label, p in one.items()) + (right not in one)
        for right, one in zip(truth, found, strict=True)
    ]
    return float(np.mean(missed))


def log_loss_classes(truth: Sequence[str], found: Sequence[Distribution]) -> float:
    """Return minus the mean logarithm of the probability of what was right [nat]; a probability is at least 1e-15."""
    return float(
        -np.mean([np.log(max(one.get(right, 0.0), 1e-15)) for right, one in zip(truth, found, strict=True)])
    )


def expected_error(confidence: Sequence[float], right: Sequence[float]) -> float:
    """Return the expected calibration error: confidence against share of right ones, in `BINS` bins; from 0 to 1.

    Parameters
    ----------
    confidence : sequence of float
        From 0 to 1.
    right : sequence of float
        0 or 1.
    """
    sure, hit = np.asarray(confidence, float), np.asarray(right, float)
    bins = np.clip(np.ceil(sure * BINS).astype(int) - 1, 0, BINS - 1)  # (k/B, (k+1)/B], as in the paper
    sums = [np.bincount(bins, values, BINS) for values in (sure, hit)]
    return float(np.abs(sums[0] - sums[1]).sum() / len(sure))
