"""The judge of files: items of text, pictures, sound or anything, and metrics by name or of the owner's own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar

import msgspec
import numpy as np

from lumbung.proving.blocks import deal
from lumbung.proving.case import Case, CaseScore, make_case, score_case
from lumbung.proving.challenge import Challenge, ChallengeError
from lumbung.proving.challenge_picture import barcode, sheet
from lumbung.proving.digest import digest_bytes, digest_data, digest_file
from lumbung.proving.faults import ChallengeFault, SubmissionFault
from lumbung.proving.files.answers import Unfit, as_answer
from lumbung.proving.files.items import Item, ItemReader
from lumbung.proving.files.measures import MEASURES, check_names, compute_all, engines_of
from lumbung.proving.files.owners import ENTRY, score_with
from lumbung.proving.files.schema import MEDIA, FileOptions, OwnMetric, figures_of, read_options
from lumbung.proving.judge import Picture, ScoredRun, Solution
from lumbung.proving.measure import Measure
from lumbung.proving.text import Text

SLACK = 0.75
"""Which part of what a message takes its items may fill: names and lengths come beside them."""
_ANY_ROOM = 2**62
_ROWS, _STROKES = 20, 120
"""Of a picture of items."""


class FilesJudge:
    """Scores answers to items of any kind (registered as ``files.answers``).

    The options are those of `lumbung.proving.files.schema.FileOptions`. A solution is asked ``solve`` with a batch: ``items``
    (a list, each with ``id`` and the fields that are shown, files as bytes), ``answer`` (the kind), ``batch`` and ``batches``.
    It returns a list of answers in that order.
    """

    name = "files.answers"
    version = 1
    metrics: ClassVar[dict[str, Text | Measure]] = {name: named.measure for name, named in MEASURES.items()}

    def metrics_of(self, options: dict[str, Any]) -> Mapping[str, Text | Measure]:
        """Return the metrics of a challenge: those it names, and those its own metric declares."""
        found = read_options(options, FileOptions)
        return {**{name: self.metrics[name] for name in found.metrics}, **figures_of(found.metric)}

    def check_options(self, options: dict[str, Any]) -> dict[str, Any]:
        found = read_options(options, FileOptions)
        if not found.metrics and found.metric is None:
            raise ChallengeError("options.metrics", "none", "metrics by name, or a metric of your own")
        check_names(found.metrics, found.answer)
        both = sorted(set(figures_of(found.metric)) & set(found.metrics))
        if both:
            raise ChallengeError(
                f"options.metric.figures.{both[0]}", "one of options.metrics", "another name"
            )
        complete: dict[str, Any] = msgspec.to_builtins(found)
        return complete

    def cases(self, challenge: Challenge, folder: Path) -> Sequence[Case]:
        return self.cases_beside(challenge, folder, folder)

    def cases_beside(self, challenge: Challenge, folder: Path, own: Path) -> Sequence[Case]:
        """List the cases in *folder*; the owner's metric lies in the challenge's *own*."""
        options = read_options(challenge.options, FileOptions)
        room = int(challenge.limits.message_mb * 2**20 * SLACK)
        reader = ItemReader(folder, options, room)
        items = list(reader.items())
        scoring = _digest_of_metric(options.metric, own)
        cases = []
        for block in deal([item.group for item in items], options.blocks, f"{reader.path}: {options.group}"):
            mine = [items[row] for row in block.rows]
            inputs = {
                "folder": str(folder),
                "batches": [
                    [[item.line, item.offset, item.length] for item in batch]
                    for batch in batches_of(mine, options.batch, room)
                ],
                "own": str(own),
                "metric": scoring,
            }
            content = {"items": digest_bytes(b"".join(item.digest for item in mine)), "metric": scoring}
            cases.append(make_case(block.id, block.group, block.number, inputs, content))
        return cases

    def play(self, case: Case, solution: Solution, options: dict[str, Any]) -> CaseScore:
        read = read_options(options, FileOptions)
        reader = ItemReader(Path(case.inputs["folder"]), read, 0)
        records, answers = [], []
        for number, places in enumerate(case.inputs["batches"]):
            batch = list(reader.read(places))
            asked = {
                "items": [reader.shown(record) for record in batch],
                "answer": read.answer,
                "batch": number,
                "batches": len(case.inputs["batches"]),
            }
            keys = [str(record[read.key]) for record in batch]
            answers += answers_of(solution.solve(asked), keys, read)
            records += batch
        targets = [reader.target(record) for record in records]
        figures = compute_all(read.metrics, targets, answers, languages_of(read, records))
        engines = list(engines_of(read.metrics))
        if read.metric is not None:
            figures |= _own_figures(read, case, records, targets, answers)
            engines.append(f"owner metric {case.inputs['metric'].removeprefix('sha256:')[:16]}")
        return score_case(case, figures, tuple(engines) or f"{self.name} {self.version}", rows=len(records))

    def pictures(self, runs: Sequence[ScoredRun]) -> Sequence[Picture]:
        return ()

    def draw(self, challenge: Challenge, folder: Path) -> str:
        """Draw the public items, a row for each group, a stroke for each item as high as it is large."""
        return drawn_items(ItemReader(folder, read_options(challenge.options, FileOptions), _ANY_ROOM))


def drawn_items(reader: ItemReader) -> str:
    """Draw items by group, evenly thinned where they are too many to be told apart."""
    groups: dict[str, list[float]] = {}
    for item in reader.items():
        groups.setdefault(item.group, []).append(float(item.size))
    shown = dict(list(groups.items())[:_ROWS])
    return sheet(barcode({name: sizes[:: -(-len(sizes) // _STROKES)] for name, sizes in shown.items()}))


def answers_of(given: Any, keys: Sequence[str], options: FileOptions) -> list[Any]:
    """Return a batch's answers, checked.

    Raises
    ------
    SubmissionFault
        Names the item.
    """
    values = given.tolist() if isinstance(given, np.ndarray) and given.ndim else given
    if not isinstance(values, list) or len(values) != len(keys):
        found = f"{len(values)} answers" if isinstance(values, list) else type(given).__name__
        raise SubmissionFault("wrong_format", where="answer", found=found, expected=f"a list of {len(keys)}")
    checked = []
    for key, value in zip(keys, values, strict=True):
        try:
            checked.append(as_answer(options.answer, value, options.longest))
        except Unfit as odd:
            raise SubmissionFault(
                "wrong_format", where=f"item {key[:40]}{odd.where}", found=odd.found, expected=odd.expected
            ) from None
    return checked


def languages_of(options: FileOptions, records: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return the language of each item."""
    if options.language in options.fields:
        return [str(record[options.language]) for record in records]
    return [options.language] * len(records)


def batches_of(items: Sequence[Item], most: int, room: int) -> Iterator[list[Item]]:
    """Yield the items of each message: at most so many, and at most so many bytes."""
    batch: list[Item] = []
    size = 0
    for item in items:
        if batch and (len(batch) == most or size + item.size > room):
            yield batch
            batch, size = [], 0
        batch.append(item)
        size += item.size
    if batch:
        yield batch


def _digest_of_metric(own: OwnMetric | None, folder: Path) -> str:
    """Return the digest of an owner's metric: scores of two of them are not the same."""
    if own is None:
        return ""
    base = folder / own.folder
    if not (base / ENTRY).is_file():
        raise ChallengeError(str(base), f"no {ENTRY}", f"a folder with {ENTRY} (options.metric.folder)")
    files = {
        str(path.relative_to(base)): digest_file(path) for path in sorted(base.rglob("*")) if path.is_file()
    }
    return digest_data(files)


def _own_figures(
    read: FileOptions, case: Case, records: list[dict[str, Any]], targets: list[Any], answers: list[Any]
) -> dict[str, Any]:
    assert read.metric is not None
    plain = {read.key: "id", **{n: n for n, kind in read.fields.items() if kind not in MEDIA}}
    items = [{shown: record[name] for name, shown in plain.items()} for record in records]
    problem = {"truth": targets, "answers": answers, "items": items}
    given = score_with(read.metric, Path(case.inputs["own"]) / read.metric.folder, problem, case.id)
    wanted = set(read.metric.figures)
    if isinstance(given, dict) and set(given) == wanted:
        return given
    found = f"{len(given)} figures" if isinstance(given, dict) else type(given).__name__
    expected = "a dict with " + ", ".join(sorted(wanted))
    raise ChallengeFault(
        "judge_result", judge=ENTRY, case=case.id, field="the result", found=found, expected=expected
    )
