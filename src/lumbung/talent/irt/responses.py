"""Answers as people keep them: arrays with gaps, checked before anything is estimated from them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lumbung.talent.irt.dense import DenseAnswers
from lumbung.talent.irt.sparse import SparseAnswers

_SPARSE_BELOW = 0.35  # share of answers seen below which lists are smaller and faster than packed bytes


class ResponseError(ValueError):
    """A table of answers that cannot be read."""


@dataclass(frozen=True)
class Problem:
    """Something found in the data, and how it was treated."""

    where: str
    found: str
    treatment: str

    def __str__(self) -> str:
        return f"{self.where}: {self.found}; {self.treatment}"


def as_categories(responses: ArrayLike) -> NDArray[np.int16]:
    """Check an array of answers and turn it into categories, missing being -1.

    Raises
    ------
    ResponseError
        If the array is not two-dimensional or a value is not a whole number below 255, naming row and column.
    """
    array = np.asarray(responses)
    if array.ndim != 2 or 0 in array.shape:
        raise ResponseError(f"expected an array of persons × items, found shape {array.shape}")
    if array.dtype.kind == "f":
        with np.errstate(invalid="ignore"):
            wrong = ~np.isnan(array) & ((array != np.floor(array)) | np.isinf(array) | (array > 254))
        if wrong.any():
            row, column = (int(x) for x in np.argwhere(wrong)[0])
            raise ResponseError(
                f"row {row}, column {column}: found {array[row, column]}; expected a category 0, 1, 2, … or NaN"
            )
        array = np.where(np.isnan(array), -1, array)
    elif array.dtype.kind not in "iub":
        raise ResponseError(f"expected numbers, found {array.dtype}")
    elif array.dtype.kind != "b" and array.max(initial=0) > 254:
        row, column = (int(x) for x in np.argwhere(array > 254)[0])
        raise ResponseError(
            f"row {row}, column {column}: found {array[row, column]}; at most 254 is possible"
        )
    return np.maximum(array.astype(np.int16), -1)


def read_array(
    responses: ArrayLike,
    weights: ArrayLike | None = None,
    groups: ArrayLike | None = None,
    group_names: Sequence[str] | None = None,
    item_names: Sequence[str] | None = None,
) -> tuple[list[DenseAnswers | SparseAnswers], tuple[str, ...], list[Problem]]:
    """Pack an array of answers, one set per group.

    Persons without any answer, or of weight zero, are left out and counted. Persons with all answers the same stay:
    they inform the ability distribution, and their own ability stays finite under a prior.

    Returns
    -------
    answers, group labels, problems

    Raises
    ------
    ResponseError
        If a value, a weight or the number of group labels is wrong, or a named group has nobody.
    """
    array = as_categories(responses)
    n_persons = len(array)
    heads = np.ones(n_persons) if weights is None else np.asarray(weights, dtype=np.float64)
    if heads.shape != (n_persons,) or not np.isfinite(heads).all() or (heads < 0).any():
        raise ResponseError(f"expected {n_persons} weights, each a number of at least 0")
    labels = np.zeros(n_persons, dtype=np.int64) if groups is None else np.asarray(groups)
    if labels.shape != (n_persons,):
        raise ResponseError(f"expected {n_persons} group labels, found shape {labels.shape}")

    if item_names is not None and len(item_names) != array.shape[1]:
        raise ResponseError(f"{len(item_names)} item names for {array.shape[1]} columns")
    problems: list[Problem] = []
    answered = array >= 0
    keep = answered.any(axis=1) & (heads > 0)
    if not keep.any():
        raise ResponseError("nobody answered anything")
    silent = float(heads[~keep].sum())
    if silent:
        problems.append(Problem("persons", f"{silent:g} without any answer", "left out"))
    same = (
        (np.where(answered, array, 255).min(axis=1) == array.max(axis=1)) & keep & (answered.sum(axis=1) > 1)
    )
    if same.any():
        problems.append(
            Problem(
                "persons",
                f"{heads[same].sum():g} gave the same answer to every item",
                "kept: they inform the ability distribution; for them only EAP and MAP abilities are finite",
            )
        )
    names = list(dict.fromkeys(labels.tolist()))
    if group_names is not None:
        missing = [name for name in group_names if name not in names]
        if missing:
            raise ResponseError(f"group {missing[0]!r} has no persons; leave it out or bring its answers")
        names = list(group_names)
    categories = np.maximum(array.max(axis=0) + 1, 2).astype(np.int64)
    sparse = answered[keep].mean() < _SPARSE_BELOW and array.shape[1] > 16
    answers: list[DenseAnswers | SparseAnswers] = []
    for name in names:
        chosen = keep & (labels == name)
        if not chosen.any():
            raise ResponseError(
                f"group {name!r} has no persons with answers; leave it out or bring its answers"
            )
        given = None if weights is None else heads[chosen]
        build = SparseAnswers.from_array if sparse else DenseAnswers.from_array
        answers.append(build(array[chosen], given, categories))
    texts = ("all",) if groups is None else tuple(str(name) for name in names)
    return answers, texts, problems
