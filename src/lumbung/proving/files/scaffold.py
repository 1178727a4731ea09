"""A challenge of files written from a data set that somebody has: it passes ``lumbung check`` as it stands."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from lumbung.proving.challenge import ChallengeError

MOST_LABELS = 50
"""With more different answers than this they are texts, not labels."""


@dataclass(frozen=True)
class DataSet:
    """Records of which one field is to be answered.

    Attributes
    ----------
    title, licence : str
        As its owner calls it.
    rows : list of dict
    fields : dict of str to str
        Kind of each field that a solution sees.
    key : str
        The field that names records; empty for none, then they are counted.
    target : str
    media : dict of str to bytes
        Files that fields name, by path.
    """

    title: str
    licence: str
    rows: list[dict[str, Any]]
    fields: dict[str, str]
    key: str
    target: str
    media: Mapping[str, bytes]


TOML = """\
schema = 1
id = "{{id}}"
version = 1
sector = "files"
judge = "files.answers"
judge_version = 1
home = "ID"
licence = {licence}

[title]
en = {en}
id = {id}
zh = {zh}

[summary]
en = "One sentence that says what is wanted and why it matters."
id = "Satu kalimat tentang apa yang dicari dan mengapa itu penting."
zh = "用一句话说明需要什么，以及为何重要。"

[options]
items = "items.jsonl"      # private items: the same file{beside}, in the node's own folder
{media}answer = "{answer}"
key = {key}
target = {target}
language = ""              # a field with language codes, or one code for all
blocks = {blocks}                 # items are dealt into so many cases, so that the standing can say how sure it is
metrics = {metrics}

[options.fields]           # what a solution sees of an item; kind "note" is for you alone
{fields}

[ranking]
metric = "{rank}"
better = "{better}"

[egress]
rule = "aggregate"
min_cases = {blocks}
min_rows = 20              # no figure over fewer items
legal_basis = ""

[[phases]]
id = "practice"
daily_limit = 20
title = {{ en = "Practice", id = "Latihan", zh = "练习" }}
"""
STARTER = '''\
"""Your start: the same answer to everything. Make it better; print() goes to your log."""


def solve(problem):
    """Return one answer for each item."""
    return [{answer!r}] * len(problem["items"])
'''
RAISES = """\
def solve(problem):
    raise RuntimeError("this submission always fails")
"""
_METRICS = {
    "label": (["accuracy", "f1_macro"], "accuracy", "higher"),
    "text": (["exact_match", "f1_tokens"], "f1_tokens", "higher"),
    "number": (["mae", "rmse"], "mae", "lower"),
}


def files_of(data: DataSet) -> dict[str, str | bytes]:
    """Return the files of a challenge, by path; ``challenge.toml`` has ``{id}`` where the challenge's id goes.

    Raises
    ------
    ChallengeError
        The target's values are of no kind that can be answered.
    """
    answer = _answer_kind(data)
    metrics, rank, better = _METRICS[answer]
    toml = TOML.format(
        licence=_text(data.licence or "not stated"),
        en=_text(f"Data set {data.title}"), id=_text(f"Kumpulan data {data.title}"), zh=_text(f"数据集 {data.title}"),
        beside=" and folder" if data.media else "", media='media = "media"\n' if data.media else "", answer=answer,
        key=_text(data.key or "id"), target=_text(data.target), blocks=min(5, len(data.rows)), metrics=json.dumps(metrics),
        fields="\n".join(f"{_text(name)} = {_text(kind)}" for name, kind in data.fields.items()), rank=rank, better=better,
    )  # fmt: skip
    kept = [data.key or "id", *data.fields, data.target]
    lines = []
    for number, row in enumerate(data.rows, start=1):
        named = {**({} if data.key else {"id": number}), **row}
        lines.append(json.dumps({name: named[name] for name in kept}, ensure_ascii=False, default=str))
    return {
        "challenge.toml": toml,
        "items.jsonl": "\n".join(lines) + "\n",
        **{f"media/{name}": content for name, content in data.media.items()},
        "submissions/accepted/one-answer/solution.py": STARTER.format(answer=_commonest(data, answer)),
        "submissions/accepted/one-answer/expected.toml": "starter = true   # what a team begins with\n",
        "submissions/raised/always-fails/solution.py": RAISES,
    }


def _answer_kind(data: DataSet) -> str:
    values = [row.get(data.target) for row in data.rows]
    if all(isinstance(value, bool) for value in values):
        for row in data.rows:
            row[data.target] = str(row[data.target]).lower()
        return "label"
    different = {str(value) for value in values}
    repeats = len(different) <= min(MOST_LABELS, len(values) / 2)
    if all(isinstance(value, str | int) for value in values) and repeats:
        return "label"
    if all(isinstance(value, int | float) and not isinstance(value, bool) for value in values):
        return "number"
    if all(
        isinstance(value, str) or (isinstance(value, list) and all(isinstance(v, str) for v in value))
        for value in values
    ):
        return "text"
    odd = next(value for value in values if not isinstance(value, str))
    raise ChallengeError(data.target, repr(odd)[:60], "texts, labels or numbers in every record")


def _commonest(data: DataSet, answer: str) -> Any:
    values = [row[data.target] for row in data.rows]
    if answer == "number":
        return sorted(values)[len(values) // 2]
    return Counter(str(value[0]) if isinstance(value, list) else str(value) for value in values).most_common(
        1
    )[0][0]


def _text(value: str) -> str:
    """Return a text as TOML writes it."""
    return json.dumps(value, ensure_ascii=False)
