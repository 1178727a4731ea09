"""What the options of a challenge of files may say: fields with kinds, the kind of an answer, metrics, an owner's own metric."""

from __future__ import annotations

from typing import Annotated, Any, Literal, TypeVar, get_args

import msgspec

from lumbung.proving.challenge import ChallengeError, Metric, Seconds, Whole
from lumbung.proving.measure import Measure
from lumbung.proving.text import Text
from lumbung.proving.unreadable import UNREADABLE

Kind = Literal["text", "whole", "number", "yes_no", "data", "picture", "audio", "file", "folder", "note"]
"""Of a field: ``data`` is any JSON, ``note`` is for the owner and never sent."""
MEDIA = ("picture", "audio", "file", "folder")
Answer = Literal["text", "label", "number", "probability", "distribution", "boxes", "data", "files"]
"""Of an answer and of the target it is held against."""
PIXELS = 64_000_000
"""The largest picture that is taken unless a challenge says otherwise [pixels]: decoded, 256 MB."""


class Figure(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A figure of an owner's metric.

    Attributes
    ----------
    text : Text
        Its name and unit.
    better : {"lower", "higher"}
    low, high : float, optional
        Bounds that no case can leave; intervals then lie between them too.
    """

    text: Text
    better: Literal["lower", "higher"]
    low: float | None = None
    high: float | None = None


class OwnMetric(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A metric that the challenge brings along.

    Attributes
    ----------
    folder : str
        Below the challenge's: holds ``metric.py`` and what that needs.
    figures : dict of str to Figure
        What it returns, each time all of them.
    seconds : float
        What it may take for a case [s].
    memory_mb : int
        [MiB].
    """

    folder: str
    figures: dict[Metric, Figure]
    seconds: Seconds = 60.0
    memory_mb: Annotated[int, msgspec.Meta(ge=64, le=65536)] = 1024


class FileOptions(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The options of ``files.answers``.

    Attributes
    ----------
    items : str
        JSON Lines in the case folder: an object a line, with `key`, `target`, and every one of `fields`.
    fields : dict of str to Kind
        What else is in a line. All but notes are sent to solutions.
    answer : Answer
    media : str
        Folder, beside `items`, in which the files lie that fields name.
    key, target : str
        Names of these two. The target is never sent.
    group : str
        A field by which cases are grouped; empty for none.
    language : str
        A field with each item's language code (``id``, ``jv``, …), or such a code; empty where it does not matter.
    blocks : int
        Into how many cases each group's items are dealt.
    batch : int
        How many items go in one message, at most.
    longest : int
        Of an answer that is a text [characters].
    pixels : int
        Of the largest picture.
    metrics : list of str
        Of `lumbung.proving.files.measures`.
    metric : OwnMetric, optional
    """

    items: str
    fields: dict[str, Kind]
    answer: Answer
    media: str = ""
    key: str = "id"
    target: str = "target"
    group: str = ""
    language: str = ""
    blocks: Whole = 10
    batch: Whole = 1000
    longest: Annotated[int, msgspec.Meta(ge=1, le=100_000)] = 4000
    pixels: Whole = PIXELS
    metrics: tuple[str, ...] = ()
    metric: OwnMetric | None = None


Options = TypeVar("Options", bound=FileOptions)


def read_options(options: dict[str, Any], kind: type[Options]) -> Options:
    """Read options strictly.

    Parameters
    ----------
    options : dict
    kind : type
        `FileOptions`, or what a judge makes of them.

    Raises
    ------
    ChallengeError
        Names the option.
    """
    try:
        found = msgspec.convert(options, kind)
    except UNREADABLE as error:
        raise ChallengeError("options", str(error), "the options of docs/proving/files.md") from None
    for name in (found.key, found.target):
        if name in found.fields:
            role = "key" if name == found.key else "target"
            raise ChallengeError(f"options.fields.{name}", "a field", f"it as {role} only")
    if found.key == found.target:
        raise ChallengeError("options.target", repr(found.target), "another name than the key's")
    if found.group and found.group not in found.fields:
        raise ChallengeError("options.group", repr(found.group), "one of " + ", ".join(found.fields))
    needs = sorted(name for name, kind in found.fields.items() if kind in MEDIA)
    if found.answer == "files":
        needs.append(found.target)
    if needs and not found.media:
        raise ChallengeError(
            "options.media", "no folder", f"the folder in which the files of {needs[0]!r} lie"
        )
    if found.metric is not None and not found.metric.figures:
        raise ChallengeError("options.metric.figures", "none", "what metric.py returns, by name")
    return found


def figures_of(own: OwnMetric | None) -> dict[str, Measure]:
    """Return what an owner's metric declares.

    Raises
    ------
    ChallengeError
        Bounds that are none.
    """
    measures = {}
    for name, figure in (own.figures if own is not None else {}).items():
        try:
            measures[name] = Measure(figure.text, figure.better, figure.low, figure.high)
        except ValueError as error:
            raise ChallengeError(f"options.metric.figures.{name}", str(error), "low below high") from None
    return measures


ANSWERS: tuple[str, ...] = get_args(Answer)
