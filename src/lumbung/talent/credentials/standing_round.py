"""Badges for all solutions of a standing, in the files of a round: badges, register, status list, rejected rows."""

from __future__ import annotations

import csv
import io
import json
import random
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from lumbung.talent.credentials.badge import BadgeProblem, StandingResult
from lumbung.talent.credentials.from_standing import standing_result
from lumbung.talent.credentials.keys import SigningKey
from lumbung.talent.credentials.mint import issue_badge
from lumbung.talent.credentials.rounds import Round, TableProblem, publish_list, stamp, whole_or_not
from lumbung.talent.credentials.status import MINIMUM_PLACES, StatusList, draw_places

if TYPE_CHECKING:
    from lumbung.proving.standing import Standing


def issue_standing(
    standing: Standing,
    evidence: Mapping[str, Sequence[bytes]],
    title: str,
    decided_on: date,
    key: SigningKey,
    settings: Round,
    out: Path,
) -> dict[str, int]:
    """Issue a badge for each solution of a standing that has an interval.

    Parameters
    ----------
    standing : Standing
    evidence : mapping of name to sequence of bytes
        The evidence envelopes of each solution, as files.
    title : str
        Title of the challenge in the badges' language.
    decided_on : date
    out : Path
        Folder for `badges-N.jsonl`, `register-N.csv`, `status-N.json` and `rejected.csv`, as :func:`issue_round` leaves.

    Returns
    -------
    dict
        Counts: ``issued``, ``rejected``, ``lists``.

    Raises
    ------
    TableProblem
        When the folder holds a list of that number already.
    """
    number = settings.first_list
    register = out / f"register-{number}.csv"
    if register.exists():
        raise TableProblem(f"{out} holds list {number} already; choose another folder or --first-list")
    out.mkdir(parents=True, exist_ok=True)
    good: list[tuple[str, StandingResult]] = []
    bad: list[tuple[str, str]] = [(refusal.name, refusal.reason) for refusal in standing.refused]
    for row in standing.rows:
        try:
            measured = standing_result(
                standing, row.name, title=title, unit=standing.metric, evidence=evidence[row.name], decided_on=decided_on
            )  # fmt: skip
            good.append((row.name, measured))
        except BadgeProblem as fault:
            bad.append((row.name, str(fault)))
    address = f"{settings.status_base}/{number}"
    batch, places = settings.batch(key), draw_places(random.SystemRandom(), places=MINIMUM_PLACES)
    with whole_or_not(register) as rows, whole_or_not(out / f"badges-{number}.jsonl") as lines:
        rows.write(b"row,list,place,badge\n")
        for (name, measured), place in zip(good, places, strict=False):
            badge = issue_badge(
                measured, issuer=batch.issuer, key=key, valid_from=batch.valid_from, valid_until=batch.valid_until,
                language=settings.language, status=(address, place), suite=settings.suite,
            )  # fmt: skip
            lines.write(json.dumps(badge, ensure_ascii=False).encode() + b"\n")
            rows.write(f"{name.replace('/', '-')},{number},{place},{badge['id']}\n".encode())
        publish_list(out / f"status-{number}.json", StatusList(), address, key, stamp(settings.valid_from))
    with whole_or_not(out / "rejected.csv") as reasons:
        text = io.TextIOWrapper(reasons, "utf-8", newline="")
        csv.writer(text).writerows([("row", "reason"), *bad])
        text.detach()
    return {"issued": len(good), "rejected": len(bad), "lists": 1}
