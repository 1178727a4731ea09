"""Mean average precision of boxes, as COCO defines it (Lin et al. 2014; interpolated at 101 recalls)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

RECALLS = np.linspace(0, 1, 101)
COCO_OVERLAPS = tuple(np.round(np.arange(0.5, 1.0, 0.05), 2).tolist())
MOST_DETECTIONS = 100
"""How many boxes of a label count in one picture: the highest scores, as COCO's maxDets."""

Boxes = Sequence[dict[str, Any]]


def mean_average_precision(
    truth: Sequence[Boxes], found: Sequence[Boxes], overlaps: Sequence[float] = COCO_OVERLAPS
) -> float:
    """Return the mean over labels and overlaps of average precision.

    Parameters
    ----------
    truth, found : sequence of lists of box
        One list a picture; a box has ``label``, ``box`` (x0, y0, x1, y1) and, where found, ``score``.
    overlaps : sequence of float
        From which intersection over union on a box is found.

    Returns
    -------
    float
        From 0 to 1. Labels that no truth has do not count; 1 where there is no truth and nothing is found, 0 where there is
        no truth and something is.
    """
    labels = sorted({box["label"] for boxes in truth for box in boxes})
    if not labels:
        return 0.0 if any(found) else 1.0
    return float(np.mean([_average_precisions(truth, found, label, overlaps) for label in labels]))


def _average_precisions(
    truth: Sequence[Boxes], found: Sequence[Boxes], label: str, overlaps: Sequence[float]
) -> list[float]:
    there, scores, hits = 0, [], []
    for theirs, ours in zip(truth, found, strict=True):
        wanted = np.array([box["box"] for box in theirs if box["label"] == label]).reshape(-1, 4)
        mine = sorted((b for b in ours if b["label"] == label), key=lambda b: -b["score"])[:MOST_DETECTIONS]
        there += len(wanted)
        if mine:
            scores += [box["score"] for box in mine]
            shared = _overlap(np.array([box["box"] for box in mine]), wanted)
            hits.append(np.array([_matched(shared, least) for least in overlaps]))
    if not scores:
        return [0.0] * len(overlaps)
    order = np.argsort(-np.array(scores), kind="stable")
    right = np.concatenate(hits, axis=1)[:, order]
    return [_area(row, there) for row in right]


def _overlap(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Return intersection over union of each of *one* with each of *other*."""
    one, other = one.astype(float), other.astype(float)
    low = np.maximum(one[:, None, :2], other[None, :, :2])
    high = np.minimum(one[:, None, 2:], other[None, :, 2:])
    shared = np.prod(np.clip(high - low, 0, None), axis=2)
    areas = [np.prod(boxes[:, 2:] - boxes[:, :2], axis=1) for boxes in (one, other)]
    union = areas[0][:, None] + areas[1][None, :] - shared
    found: np.ndarray = np.divide(shared, union, out=np.zeros_like(shared), where=union > 0)
    return found


def _matched(shared: np.ndarray, least: float) -> list[bool]:
    """Give each box, best score first, the free one of the truth that it overlaps most."""
    free = np.ones(shared.shape[1], bool)
    right = []
    for row in shared:
        candidates = np.where(free, row, -1.0)
        best = int(candidates.argmax()) if candidates.size else -1
        right.append(best >= 0 and candidates[best] >= least)
        if right[-1]:
            free[best] = False
    return right


def _area(right: np.ndarray, there: int) -> float:
    hits = np.cumsum(right)
    recall, precision = hits / there, hits / np.arange(1, len(right) + 1)
    envelope = np.maximum.accumulate(precision[::-1])[::-1]
    places = np.searchsorted(recall, RECALLS, side="left")
    return float(
        np.mean(np.where(places < len(envelope), envelope[np.minimum(places, len(envelope) - 1)], 0.0))
    )
