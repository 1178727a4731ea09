"""A challenge made from a table in the browser: what its host chose becomes the folder that anybody could write by hand.

The table was split before anything was sent: what comes here is the part everybody may see. The private rows stay with the
host, who hands them to a node (``docs/decisions/0086-a-studio-for-hosts.md``). The judge is ``tables.predictions``.
"""

from __future__ import annotations

import csv
import io
import json
import math
import tempfile
from collections import Counter
from datetime import datetime
from pathlib import Path
from statistics import fmean, median

import msgspec
from django.utils.translation import gettext as _

from lumbung.centre.challenges.amending import TEXTS
from lumbung.centre.challenges.models import Challenge
from lumbung.centre.challenges.proving import prove_folder
from lumbung.centre.challenges.services import pose_folder
from lumbung.centre.members.access import Role, has_role, require
from lumbung.centre.members.models import Organisation, User
from lumbung.centre.members.names import address_of
from lumbung.centre.members.services import Refused
from lumbung.proving.scaffold import write_folder
from lumbung.proving.tables import METRICS
from lumbung.proving.text import LANGUAGES, Text

FEWEST_ROWS = 20  # of each part: no figure over fewer rows leaves a node
MOST_BLOCKS, FEWEST_BLOCKS = 10, 5
# The one answer that a metric likes best where nothing is known of a row.
_MIDDLE = {"mae": median, "median_ae": median, "mape": median}

_CHALLENGE = """\
schema = 1
id = {id}
version = 1
sector = {sector}
judge = "tables.predictions"
judge_version = 2
home = {home}
licence = {licence}

[title]
{title}
[summary]
{summary}
[description]
{description}
[offer]
{offer}
[terms]
{terms}
[options]
truth = "truth.csv"
inputs = "inputs.csv"
key = {key}
target = {target}
metrics = [{metric}]
blocks = {blocks}

[ranking]
metric = {metric}
better = {better}

[egress]
rule = "aggregate"
min_cases = {least}
min_rows = {rows}
legal_basis = {legal_basis}

[[phases]]
id = "practice"
daily_limit = {practice_limit}
closes = {closes}
title = {{ en = "Practice", id = "Latihan", zh = "练习" }}

[[phases]]
id = "final"
cases = "private"
daily_limit = {daily_limit}
closes = {closes}
title = {{ en = "Final", id = "Final", zh = "决赛" }}
"""
_STARTER = '''\
"""A start: one answer for every row. Make it better; print() goes to your log."""

ANSWER = {answer!r}


def solve(problem):
    """Return one prediction for each key; problem["inputs"] holds the columns you may look at."""
    return {{problem["key"]: problem["keys"], problem["prediction"]: [ANSWER] * len(problem["keys"])}}
'''


class TableChallenge(msgspec.Struct, frozen=True, kw_only=True):
    """What a host chose.

    Attributes
    ----------
    title, summary, description, offer, terms : Text
        In one language at least; the others may be empty until they are written.
    sector, home, licence, legal_basis : str
        As in ``challenge.toml``.
    key, target : str
        Columns: what names a row, and what is predicted.
    metric : str
        Of `lumbung.proving.tables.METRICS`.
    blocks : int
        Into how many cases the rows of each part are dealt.
    daily_limit : int
        Submissions a team may have judged a day on the private rows; ten times as many on the public ones.
    closes : datetime
        When both phases close, and the scores of the final come out.
    inputs, truth : str
        The public part: two CSV tables with a header line and the same keys.
    by_invitation : bool
        Whether only guests know of it.
    """

    title: Text
    summary: Text
    description: Text
    sector: str
    home: str
    licence: str
    legal_basis: str
    key: str
    target: str
    metric: str
    blocks: int
    daily_limit: int
    closes: datetime
    inputs: str
    truth: str
    by_invitation: bool = False
    offer: Text = Text("", "", "")
    terms: Text = Text("", "", "")


def pose_table(user: User, organisation: Organisation, wanted: TableChallenge, *, now: datetime) -> Challenge:
    """Write a challenge from a table's public part, let it prove itself, and pose it as a draft.

    Raises
    ------
    NotAllowed
    Refused
        The tables do not fit each other, or the challenge does not prove itself: says where and why.
    """
    require(has_role(user, organisation, Role.CHALLENGE_OWNER))
    if not FEWEST_BLOCKS <= wanted.blocks <= MOST_BLOCKS or wanted.closes <= now:
        raise Refused(_("The challenge closes in the future, and its rows are dealt into 5 to 10 cases."))
    targets = _check_tables(wanted)
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "challenge"
        write_folder(folder, _files(wanted, targets))
        prove_folder(folder)
        return pose_folder(user, organisation, folder, now=now, by_invitation=wanted.by_invitation)


def _check_tables(wanted: TableChallenge) -> list[str]:
    """Hold the two tables against each other; returns the targets."""
    truth, inputs = (
        _read(text, name) for text, name in ((wanted.truth, "truth.csv"), (wanted.inputs, "inputs.csv"))
    )
    if truth[0] != [wanted.key, wanted.target]:
        raise Refused(_("The table of truth has the columns %(key)s and %(target)s, and no other.")
                      % {"key": wanted.key, "target": wanted.target})  # fmt: skip
    if wanted.key not in inputs[0] or wanted.target in inputs[0] or len(inputs[0]) < 2:
        raise Refused(
            _("What teams see has the column %(key)s, at least one more, and never %(target)s.")
            % {"key": wanted.key, "target": wanted.target}
        )
    place = inputs[0].index(wanted.key)
    if [row[0] for row in truth[1:]] != [row[place] for row in inputs[1:]]:
        raise Refused(_("The two parts of the table do not have the same rows."))
    if len(truth) - 1 < FEWEST_ROWS:
        raise Refused(
            _("The public part has %(count)d rows; at least %(least)d are needed.")
            % {"count": len(truth) - 1, "least": FEWEST_ROWS}
        )
    return [row[1] for row in truth[1:]]


def _read(text: str, name: str) -> list[list[str]]:
    try:
        rows = list(csv.reader(io.StringIO(text, newline="")))
    except csv.Error as error:
        raise Refused(_("%(name)s cannot be read: %(reason)s") % {"name": name, "reason": error}) from None
    if not rows or len(set(rows[0])) < len(rows[0]) or not all(rows[0]):
        raise Refused(_("%(name)s needs a header line that names each column once.") % {"name": name})
    for number, row in enumerate(rows[1:], start=2):
        if len(row) != len(rows[0]):
            raise Refused(
                _("%(name)s, line %(number)d: %(found)d fields, where the header has %(expected)d.")
                % {"name": name, "number": number, "found": len(row), "expected": len(rows[0])}
            )
    return rows


def _files(wanted: TableChallenge, targets: list[str]) -> dict[str, str]:
    measure = METRICS[wanted.metric][2]
    said = {name: _text(getattr(wanted, name)) for name in TEXTS}
    toml = _CHALLENGE.format(
        id=_quoted(_free_id(wanted.title)),
        **{name: _quoted(getattr(wanted, name)) for name in
           ("sector", "home", "licence", "legal_basis", "key", "target", "metric")},
        **said,
        better=_quoted(measure.better or "lower"),
        blocks=wanted.blocks,
        least=FEWEST_BLOCKS,
        rows=FEWEST_ROWS,
        daily_limit=wanted.daily_limit,
        practice_limit=10 * wanted.daily_limit,
        closes=wanted.closes.isoformat(timespec="seconds"),
    )  # fmt: skip
    starter = _STARTER.format(answer=_same_for_all(wanted.metric, targets))
    return {
        "challenge.toml": toml,
        "inputs.csv": wanted.inputs,
        "truth.csv": wanted.truth,
        "submissions/accepted/one-answer/solution.py": starter,
        "submissions/accepted/one-answer/expected.toml": "starter = true   # what a team begins with\n",
    }


def _same_for_all(metric: str, targets: list[str]) -> str | float:
    """Return the answer that scores best where every row gets the same."""
    if METRICS[metric][1] == "label":
        return Counter(targets).most_common(1)[0][0]
    numbers = [_number(value, line) for line, value in enumerate(targets, start=2)]
    return float(f"{_MIDDLE.get(metric, fmean)(numbers):.6g}")


def _number(value: str, line: int) -> float:
    try:
        number = float(value)
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise Refused(
            _("truth.csv, line %(number)d: %(found)s is no number, and this metric needs numbers.")
            % {"number": line, "found": repr(value[:40])}
        )
    return number


def _text(text: Text) -> str:
    return "".join(f"{code} = {_quoted(text.in_language(code))}\n" for code in LANGUAGES)


def _quoted(text: str) -> str:
    """Return a basic string of TOML, which is JSON's but for one character."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _free_id(title: Text) -> str:
    written = next(text for code in LANGUAGES if (text := title.in_language(code)))
    base = address_of(written, 40) or "table"
    taken = set(Challenge.objects.filter(slug__startswith=base).values_list("slug", flat=True))
    return next(
        each for each in (base, *(f"{base}-{n}" for n in range(2, len(taken) + 3))) if each not in taken
    )
