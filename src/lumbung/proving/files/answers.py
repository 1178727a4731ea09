"""What an answer of each kind must be, and what it is held against.

The same forms are asked of an owner's targets and of a solution's answers; who is at fault is for the caller to say.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

MOST_BOXES = 10_000
MOST_CLASSES = 10_000


class Unfit(ValueError):
    """A value that has not the form asked for. Says where in it, what was found and what was expected."""

    def __init__(self, found: str, expected: str, where: str = "") -> None:
        self.where, self.found, self.expected = where, found, expected
        super().__init__(f"{where}: found {found}, expected {expected}")


def as_answer(kind: str, value: Any, longest: int) -> Any:
    """Return an answer in the form that measures take.

    Parameters
    ----------
    kind : str
        One of `lumbung.proving.files.schema.ANSWERS`.
    value
        What a solution sent.
    longest : int
        Of a text [characters]: what compares texts takes their product.

    Raises
    ------
    Unfit
    """
    found = _ANSWERS[kind](value)
    if kind == "text" and len(found) > longest:
        raise Unfit(f"{len(found)} characters", f"at most {longest} (options.longest)")
    return found


def as_target(kind: str, value: Any) -> Any:
    """Return a target in the form that measures take: texts as a list of references.

    Raises
    ------
    Unfit
    """
    return _TARGETS[kind](value)


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise Unfit(repr(value)[:40], "text")
    return value


def _texts(value: Any) -> list[str]:
    found = value if isinstance(value, list) else [value]
    if not found:
        raise Unfit("an empty list", "at least one text")
    return [_text(one) for one in found]


def _label(value: Any) -> str:
    if isinstance(value, str | int) and not isinstance(value, bool):
        return str(value)
    raise Unfit(repr(value)[:40], "a label: text or a whole number")


def _number(value: Any) -> float:
    if isinstance(value, int | float | np.integer | np.floating) and not isinstance(value, bool):
        number = float(value)
        if math.isfinite(number):
            return number
    raise Unfit(repr(value)[:40], "a finite number")


def _probability(value: Any) -> float:
    number = _number(value)
    if not 0 <= number <= 1:
        raise Unfit(f"{number:g}", "a probability from 0 to 1")
    return number


def _yes_or_no(value: Any) -> float:
    if value in (0, 1):
        return float(value)
    raise Unfit(repr(value)[:40], "0 or 1")


def _distribution(value: Any) -> dict[str, float]:
    if not isinstance(value, dict) or not 0 < len(value) <= MOST_CLASSES:
        raise Unfit(repr(value)[:40], "a probability for each label, by name")
    found = {str(label): _probability(one) for label, one in value.items()}
    total = sum(found.values())
    if not abs(total - 1) <= 1e-3:
        raise Unfit(f"probabilities that sum to {total:.6g}", "1")
    return {label: one / total for label, one in found.items()}


def _boxes(value: Any, *, scored: bool) -> list[dict[str, Any]]:
    if not isinstance(value, list) or len(value) > MOST_BOXES:
        raise Unfit(repr(value)[:40], f"a list of at most {MOST_BOXES} boxes")
    names = {"label", "box", "score"} if scored else {"label", "box"}
    boxes = []
    for place, one in enumerate(value):
        try:
            if not isinstance(one, dict) or set(one) != names:
                raise Unfit(repr(one)[:60], "an object with " + ", ".join(sorted(names)))
            corners = one["box"].tolist() if isinstance(one["box"], np.ndarray) else one["box"]
            if not isinstance(corners, list) or len(corners) != 4:
                raise Unfit(repr(corners)[:40], "[x0, y0, x1, y1]", ", box")
            x0, y0, x1, y1 = map(_number, corners)
            if x1 < x0 or y1 < y0:
                raise Unfit(repr(corners)[:60], "x0 ≤ x1 and y0 ≤ y1", ", box")
            score = {"score": _number(one["score"])} if scored else {}
            boxes.append({"label": _label(one["label"]), "box": (x0, y0, x1, y1), **score})
        except Unfit as odd:
            raise Unfit(odd.found, odd.expected, f"[{place}]{odd.where}") from None
    return boxes


def _files(value: Any) -> dict[str, bytes]:
    if not isinstance(value, dict):
        raise Unfit(type(value).__name__, "files: bytes or text by name")
    files = {}
    for name, content in value.items():
        parts = name.split("/") if isinstance(name, str) else [""]
        if not all(part and part not in (".", "..") and part.isprintable() for part in parts):
            raise Unfit(repr(name)[:60], "a plain path such as predictions.csv")
        if not isinstance(content, bytes | str):
            raise Unfit(type(content).__name__, "bytes or text", f", {name[:40]}")
        files[str(name)] = content.encode() if isinstance(content, str) else content
    return files


def _anything(value: Any) -> Any:
    return value.tolist() if isinstance(value, np.ndarray) else value


_ANSWERS: dict[str, Callable[[Any], Any]] = {
    "text": _text,
    "label": _label,
    "number": _number,
    "probability": _probability,
    "distribution": _distribution,
    "boxes": lambda value: _boxes(value, scored=True),
    "data": _anything,
    "files": _files,
}
_TARGETS: dict[str, Callable[[Any], Any]] = {
    "text": _texts,
    "label": _label,
    "number": _number,
    "probability": _yes_or_no,
    "distribution": _label,
    "boxes": lambda value: _boxes(value, scored=False),
    "data": _anything,
}
