"""Public checkers: turn them on your judge or your solution in your own tests.

    from lumbung.proving.checker import check_judge, check_solution
    assert check_judge(MyJudge(), challenge_folder, play) == []

Each returns findings: sentences that say what is wrong, where, and what is expected. No finding means it passed.
"""

from __future__ import annotations

import math
import pickle
import re
from collections.abc import Callable, Mapping
from pathlib import Path

import msgspec

from lumbung.proving.boundary import CASE_ID, ENGINE, METRIC
from lumbung.proving.case import Case, CaseScore, engines_of
from lumbung.proving.challenge import ChallengeError, ChallengeFolder
from lumbung.proving.faults import Owner
from lumbung.proving.judge import Judge, ScoredRun
from lumbung.proving.measure import Measure, bounds_among, outside, text_of
from lumbung.proving.run import Outcome
from lumbung.proving.text import LANGUAGES, Text

Play = Callable[[Case], CaseScore]
NOT_IN_THREE = "is not written in three languages"
"""How the one finding ends that speaks of words alone."""


def check_judge(
    judge: Judge, challenge: ChallengeFolder, play: Play | None = None, *, cases: int = 2
) -> list[str]:
    """Check a judge on a challenge.

    Parameters
    ----------
    judge : Judge
    challenge : ChallengeFolder
        One the judge is meant for, with public cases.
    play : callable, optional
        Plays a case with some accepted solution. It is called twice per case, to see that scores repeat bit by bit.
    cases : int
        How many cases are played.

    Returns
    -------
    list of str
        What is wrong; empty when nothing is.

    Examples
    --------
    >>> from pathlib import Path
    >>> from lumbung import proving
    >>> from lumbung.proving.scaffold import new_challenge
    >>> _ = new_challenge(Path("toy"))
    >>> challenge = proving.read_challenge(Path("toy"))
    >>> proving.check_judge(proving.find_judge(challenge.challenge.judge), challenge)
    []
    """
    if not isinstance(judge, Judge):
        return [f"{judge!r} lacks methods or attributes of the protocol lumbung.proving.judge.Judge"]
    findings = _check_face(judge)
    try:
        options = judge.check_options(dict(challenge.challenge.options))
        found = list(judge.cases(challenge.challenge, challenge.folder))
    except ChallengeError as error:
        return [*findings, f"the challenge does not fit the judge: {error}"]
    if judge.check_options(dict(options)) != options:
        findings.append("check_options: completing completed options again changes them; expected the same")
    findings += _check_unknown_option(judge, options)
    findings += _check_cases(found, list(judge.cases(challenge.challenge, challenge.folder)))
    if play is not None and not findings:
        findings += _check_play(judge, found[:cases], play)
    return findings


def _check_face(judge: Judge) -> list[str]:
    findings = []
    if not re.fullmatch(r"[a-z0-9_]+(\.[a-z0-9_]+)+", judge.name):
        findings.append(f"name: found {judge.name!r}, expected sector.problem in lower case")
    if not isinstance(judge.version, int) or judge.version < 1:
        findings.append(f"version: found {judge.version!r}, expected a whole number from 1 on")
    for name, metric in judge.metrics.items():
        if not METRIC.fullmatch(name):
            findings.append(f"metrics: {name!r} is no metric name, expected lower case, digits and _")
        written = isinstance(metric, Text | Measure)
        if not written or not all(text_of(metric).in_language(code) for code in LANGUAGES):
            findings.append(f"metrics[{name!r}]: expected a Text with all three languages filled")
    return findings


def _check_unknown_option(judge: Judge, options: Mapping[str, object]) -> list[str]:
    try:
        judge.check_options({**options, "no_such_option_": 1})
    except ChallengeError:
        return []
    return [
        "check_options: accepted an unknown option; expected a ChallengeError, since a typo must not pass silently"
    ]


def _check_cases(first: list[Case], second: list[Case]) -> list[str]:
    findings = []
    if not first:
        findings.append("cases: found none in the challenge's own folder, expected at least one")
    if first != second:
        findings.append("cases: listing them twice gives two different lists; expected the same")
    for name, values in (("id", [c.id for c in first]), ("digest", [c.digest for c in first])):
        if len(set(values)) < len(values):
            findings.append(f"cases: two cases share a {name}")
    for case in first:
        if not CASE_ID.fullmatch(case.id) or not CASE_ID.fullmatch(case.group):
            findings.append(
                f"case {case.id!r} of group {case.group!r}: ids are lower case, digits and ._/-, at most 64"
            )
        if pickle.loads(pickle.dumps(case)) != case:  # noqa: S301 - our own pickle, to see that it travels
            findings.append(f"case {case.id}: does not survive the way to a worker process")
    return findings


def _check_play(judge: Judge, cases: list[Case], play: Play) -> list[str]:
    findings, scores = [], []
    bounds = bounds_among(judge.metrics)
    for case in cases:
        score, again = play(case), play(case)
        scores.append(score)
        if (score.case, score.group, score.seed, score.digest) != (
            case.id,
            case.group,
            case.seed,
            case.digest,
        ):
            findings.append(
                f"play({case.id}): the score speaks of case {score.case}; expected the case it was given"
            )
        if score.metrics != again.metrics:
            findings.append(f"play({case.id}): two plays gave different metrics; expected the same bits")
        if set(score.metrics) != set(judge.metrics):
            odd = sorted(set(score.metrics) ^ set(judge.metrics))
            findings.append(f"play({case.id}): declared and returned metrics differ in {', '.join(odd)}")
        for name, value in score.metrics.items():
            if not isinstance(value, float) or not math.isfinite(value):
                findings.append(f"play({case.id}): {name} is {value!r}, expected a finite float")
            elif outside(value, bounds.get(name, (None, None))):
                findings.append(
                    f"play({case.id}): {name} is {value!r}, outside its declared bounds {bounds[name]}"
                )
        if not all(ENGINE.fullmatch(engine) for engine in engines_of(score)):
            findings.append(f"play({case.id}): engine {score.engine!r}, expected a name and version")
        if not _reads_back(score):
            findings.append(f"play({case.id}): the series do not survive JSON; expected plain data")
    for picture in judge.pictures([ScoredRun("a", tuple(scores))]):
        if not picture.svg.lstrip().startswith("<svg"):
            findings.append(f"pictures: {picture.title.en!r} does not begin with <svg")
        if re.search(r"(?:href|src)\s*=\s*[\"']?https?:|<script", picture.svg):
            findings.append(f"pictures: {picture.title.en!r} needs something from outside, or runs a script")
    return findings


def _reads_back(score: CaseScore) -> bool:
    try:
        return msgspec.json.decode(msgspec.json.encode(score), type=CaseScore) == score
    except (
        TypeError,
        ValueError,
    ):  # JSON knows no such thing, or reads another for it: infinity comes back as nothing
        return False


def check_solution(outcomes: Mapping[str, Outcome], again: Mapping[str, Outcome]) -> list[str]:
    """Check a solution from two playings of the same cases (see `play_runs`).

    Returns
    -------
    list of str
        Faults of its own, and cases whose figures do not repeat: evidence of such a solution cannot be re-judged.

    Examples
    --------
    >>> from pathlib import Path
    >>> from lumbung import proving
    >>> from lumbung.proving.executors import Serial
    >>> from lumbung.proving.scaffold import new_challenge
    >>> _ = new_challenge(Path("toy"))
    >>> submission = proving.read_submission(Path("toy/submissions/accepted/straight-line"))
    >>> plan = proving.plan_run(proving.read_challenge(Path("toy")), submission, trust=True)
    >>> proving.check_solution(*proving.play_runs([plan, plan], Serial()))
    []
    """
    findings = []
    for case, outcome in outcomes.items():
        if outcome.fault is not None and outcome.fault.owner is Owner.SUBMISSION:
            findings.append(f"case {case}: {outcome.fault.reason()}")
        elif outcome.score is not None and case in again:
            other = again[case].score
            if other is None or other.metrics != outcome.score.metrics:
                findings.append(
                    f"case {case}: two plays gave different figures; seed your randomness with problem data"
                )
    return findings


def challenge_texts(folder: Path, challenge: ChallengeFolder) -> list[str]:
    """Return which texts of a challenge are missing or the same in two languages."""
    findings = []
    record = challenge.challenge
    texts = {"title": record.title, "summary": record.summary, "description": record.description}
    texts |= {f"phases[{number}].title": phase.title for number, phase in enumerate(record.phases)}
    for name, text in texts.items():
        values = [text.in_language(code) for code in LANGUAGES]
        if any(values) and (not all(values) or len(set(values)) < len(values)):
            findings.append(f"{folder / 'challenge.toml'}: {name} {NOT_IN_THREE}")
    return findings
