"""A challenge proves itself: its ``submissions/`` folder holds submissions whose verdict is known.

    submissions/accepted/greedy/solution.py
    submissions/timed_out/sleeps/solution.py
    submissions/illegal_action/returns-nan/solution.py

The folder's name is the verdict: ``accepted`` or a fault code. An accepted one may hold ``expected.toml`` with
``at_least`` or ``at_most`` for the ranking metric, so that a cheat that runs through is seen not to pay; and
``starter = true``, which makes it what ``lumbung new submission --challenge`` gives a team to begin with.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec

from lumbung.proving.case import CaseScore
from lumbung.proving.challenge import ChallengeError, ChallengeFolder
from lumbung.proving.faults import REASONS, Fault
from lumbung.proving.submission import TABLE_ENDINGS
from lumbung.proving.unreadable import UNREADABLE


class Expectation(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Bounds of the mean of the ranking metric over the checked cases, and whether teams start from it."""

    at_least: float | None = None
    at_most: float | None = None
    starter: bool = False


class KnownSubmission(msgspec.Struct, frozen=True):
    """A submission and the verdict it must get."""

    name: str
    path: Path
    verdict: str
    expectation: Expectation


class VerdictCheck(msgspec.Struct, frozen=True):
    """Whether a known submission got its verdict."""

    name: str
    expected: str
    found: str
    right: bool
    detail: str


def known_submissions(challenge: ChallengeFolder) -> list[KnownSubmission]:
    """List the submissions of known verdict.

    Raises
    ------
    ChallengeError
        There are none, none is accepted, or a folder's name is no verdict.
    """
    base = challenge.folder / "submissions"
    found = list(_walk(base))
    if not any(known.verdict == "accepted" for known in found):
        raise ChallengeError(
            str(base), "no accepted submission", "submissions/accepted/NAME/solution.py at least"
        )
    return found


def starter_of(challenge: ChallengeFolder) -> Path | None:
    """Return the accepted submission from which the challenge's owner lets teams start, if one is named.

    Raises
    ------
    ChallengeError
        Several are named, one is not an accepted folder, or a folder's name is no verdict.
    """
    named = [known for known in _walk(challenge.folder / "submissions") if known.expectation.starter]
    for known in named:
        if known.verdict != "accepted" or not known.path.is_dir():
            raise ChallengeError(
                str(known.path), "starter = true", "it only in folders below submissions/accepted"
            )
    if len(named) > 1:
        raise ChallengeError(
            str(challenge.folder / "submissions"), ", ".join(known.name for known in named), "one starter"
        )
    return named[0].path if named else None


def _walk(base: Path) -> Iterator[KnownSubmission]:
    for folder in sorted(base.iterdir() if base.is_dir() else ()):
        verdict = folder.name.replace("-", "_")
        if verdict != "accepted" and verdict not in REASONS:
            raise ChallengeError(str(folder), "an unknown verdict", "accepted, " + ", ".join(REASONS))
        for path in sorted(folder.iterdir()):
            if path.is_dir() or path.suffix in TABLE_ENDINGS:
                yield KnownSubmission(f"{folder.name}/{path.name}", path, verdict, _expectation(path))


def _expectation(path: Path) -> Expectation:
    file = path / "expected.toml" if path.is_dir() else path.with_suffix(".expected.toml")
    if not file.is_file():
        return Expectation()
    try:
        return msgspec.convert(tomllib.loads(file.read_text(encoding="utf-8")), Expectation)
    except UNREADABLE as error:
        raise ChallengeError(str(file), str(error), "at_least, at_most and starter") from None


def compare(
    known: KnownSubmission, fault: Fault | None, scores: Sequence[CaseScore], *, ranking: str
) -> VerdictCheck:
    """Hold what happened against what must happen.

    Parameters
    ----------
    known : KnownSubmission
    fault : Fault, optional
        What ended its run.
    scores : sequence of CaseScore
        Of the cases that were finished.
    ranking : str
        The metric that ranks.
    """
    found = fault.code if fault else "accepted"
    detail = fault.reason() if fault else ""
    right = found == known.verdict
    if right and fault is None:
        figures = [score.metrics[ranking] for score in scores]
        mean = sum(figures) / len(figures)
        detail = f"{ranking} {mean:.6g}"
        low, high = known.expectation.at_least, known.expectation.at_most
        if (low is not None and mean < low) or (high is not None and mean > high):
            right, detail = (
                False,
                f"{detail}, expected {'' if low is None else f'at least {low:g} '}{'' if high is None else f'at most {high:g}'}",
            )
    return VerdictCheck(known.name, known.verdict, found, right, detail.strip())
