"""Item parameters as a JSON document: what ``lumbung talent calibrate --json`` prints and the other commands read."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np

from lumbung.talent.irt.calibration import Calibration
from lumbung.talent.irt.curves import THREE_PL
from lumbung.talent.irt.item_fit import ItemFit
from lumbung.talent.irt.model_fit import ModelFit
from lumbung.talent.irt.parameters import ItemParameters


class ItemFileError(ValueError):
    """A document that holds no item parameters."""


def _number(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None


def _numbers(values: np.ndarray) -> list[float | None]:
    return [_number(value) for value in values if not math.isnan(value)]


def to_document(
    found: Calibration, item_fit: ItemFit | None = None, model_fit: ModelFit | None = None
) -> dict[str, Any]:
    """Everything a calibration says, as plain data; None stands where there is no number."""
    items = found.items
    rows = []
    for j, name in enumerate(items.names):
        row: dict[str, Any] = {
            "name": name,
            "a": _number(items.slopes[j]),
            "a_se": _number(found.standard_errors[j, 0]),
            "d": _numbers(items.intercepts[j]),
            "d_se": _numbers(found.standard_errors[j, 1 : 1 + items.intercepts.shape[1]]),
            "b": _numbers(items.difficulties[j]),
            "b_se": _numbers(found.difficulty_errors[j]),
        }
        if items.family == THREE_PL:
            row["c"] = _number(items.guessing[j])
        if item_fit is not None:
            row["s_x2"] = {
                "statistic": _number(item_fit.statistic[j]),
                "df": _number(item_fit.degrees[j]),
                "p": _number(item_fit.p_value[j]),
            }
        rows.append(row)
    document: dict[str, Any] = {
        "model": found.model,
        "persons": found.n_persons,
        "log_likelihood": found.log_likelihood,
        "parameters": found.n_parameters,
        "aic": found.aic,
        "bic": found.bic,
        "iterations": found.iterations,
        "converged": found.converged,
        "standard_errors": found.error_method,
        "groups": [
            {"name": name, "mean": float(mean), "sd": float(sd)}
            for name, mean, sd in zip(found.group_names, found.group_means, found.group_sds, strict=True)
        ],
        "items": rows,
        "problems": [str(problem) for problem in found.problems],
    }
    if model_fit is not None:
        document["fit"] = {
            "m2": model_fit.m2,
            "df": model_fit.degrees,
            "p": model_fit.p_value,
            "rmsea": model_fit.rmsea,
            "rmsea_90": list(model_fit.rmsea_interval),
            "srmsr": model_fit.srmsr,
            "persons": model_fit.persons,
        }
    return document


def from_document(document: dict[str, Any]) -> ItemParameters:
    """Item parameters from what :func:`to_document` gave.

    Raises
    ------
    ItemFileError
        If a field is missing or of the wrong kind, naming the item.
    """
    rows = document.get("items")
    if not isinstance(rows, list) or not rows:
        raise ItemFileError("expected a list `items` with at least one item")
    names, slopes, intercepts, guessing = [], [], [], []
    for place, row in enumerate(rows):
        try:
            names.append(str(row["name"]))
            slopes.append(math.nan if row["a"] is None else float(row["a"]))
            found = [math.nan if d is None else float(d) for d in row["d"]] or [0.0]
            intercepts.append(found)
            guessing.append(0.0 if row.get("c") is None else float(row["c"]))
        except (KeyError, TypeError, ValueError) as error:
            raise ItemFileError(f"items[{place}]: expected name, a and d (a list); {error!r}") from error
    if any(guessing):
        return ItemParameters.logistic(
            slopes, intercepts=[d[0] for d in intercepts], guessing=guessing, names=names
        )
    width = max(len(d) for d in intercepts)
    padded = [d + [math.nan] * (width - len(d)) for d in intercepts]
    return ItemParameters.graded(slopes, padded, names)


def read_items(path: Path) -> ItemParameters:
    """Item parameters from a JSON file; see :func:`from_document`."""
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except json.JSONDecodeError as error:
        raise ItemFileError(f"{path}, line {error.lineno}: not JSON ({error.msg})") from error
    if not isinstance(document, dict):
        raise ItemFileError(f"{path}: expected an object with a list `items`")
    try:
        return from_document(document)
    except ItemFileError as error:
        raise ItemFileError(f"{path}: {error}") from error
