"""A model's passport: what signed evidence says of one submission, and nothing else.

Each evidence is shown by itself, with the interval that a standing would give it, so that a reader sees who judged what
and how sure that is. Nothing is chosen or pooled here: a failed run stands beside a scored one, and two judgings of the
same question that differ are both shown and named as contradicting (docs/decisions/0169-model-passport.md).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from lumbung.proving.challenge import Challenge, Ranking
from lumbung.proving.digest import digest_bytes, digest_data
from lumbung.proving.evidence import EnvironmentMark, Evidence, FaultMark, Isolation, open_evidence
from lumbung.proving.standing import StandingError, compute_standing
from lumbung.proving.text import Text


class PassportError(ValueError):
    """Evidence that makes no passport: of two submissions, of a challenge that is not at hand, or given twice."""


class Question(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a challenge asked, as far as its figures need it to be read.

    Attributes
    ----------
    challenge, version, digest
        Which challenge; the digest is over its whole folder, and evidence names it.
    title : Text
    licence : str
        Of the challenge, not of the model.
    ranking : Ranking
    """

    challenge: str
    version: int
    digest: str
    title: Text
    licence: str
    ranking: Ranking


class GroupMean(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The mean over one group of cases, such as a language."""

    group: str
    mean: float


class Tested(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What one evidence says.

    Attributes
    ----------
    evidence : str
        Digest of the signed envelope.
    signer : str
        Id of the node's key.
    averaged : str
        How the mean is taken, ``arithmetic`` or ``geometric``.
    groups_named : bool
        False where the owner's rule hides what the groups are: they are then numbers.
    mean, low, high : float or None
        In the metric's unit, and the interval at the ranking's confidence; None where there is no full score, or too
        few cases for an interval.
    few : bool
        Whether there are too few cases to tell how sure the mean is.
    worst : float or None
        The worst case's figure; None where the owner's rule keeps it.
    weakest : str
        The group with the worst mean; empty where there is but one.
    uncounted : str
        Why there is no figure: a fault's code, ``incomplete``, ``no_isolation`` or ``unrankable``; empty where there is one.
    agrees, contradicts : tuple of str
        Digests of other evidence on the same question that found the same, or something else.
    """

    evidence: str
    signer: str
    challenge: str
    version: int
    challenge_digest: str
    options_digest: str
    phase: str
    judge: str
    judge_version: int
    engines: tuple[str, ...]
    country: str
    private: bool
    rule: str
    cases_digest: str
    case_count: int
    finished_count: int
    groups_named: bool
    metric: str
    better: str
    averaged: str
    confidence: float
    mean: float | None = None
    low: float | None = None
    high: float | None = None
    few: bool = False
    worst: float | None = None
    groups: tuple[GroupMean, ...] = ()
    weakest: str = ""
    fault: FaultMark | None = None
    uncounted: str = ""
    wall_s: float
    cpu_s: float
    peak_memory_bytes: int
    isolation: Isolation
    environment: EnvironmentMark | None = None
    started: datetime
    finished: datetime
    agrees: tuple[str, ...] = ()
    contradicts: tuple[str, ...] = ()


class Passport(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What all given evidence says of one submission.

    Attributes
    ----------
    submission : str
        Digest of the submission.
    questions : tuple of Question
        What the challenges asked, in the order of their ids.
    tests : tuple of Tested
        One for each evidence: by challenge, version, phase, then the time of judging.
    """

    submission: str
    questions: tuple[Question, ...]
    tests: tuple[Tested, ...]


def question_of(challenge: Challenge, digest: str) -> Question:
    """Return what a challenge asks, with the digest of its folder."""
    return Question(
        challenge.id, challenge.version, digest, challenge.title, challenge.licence, challenge.ranking
    )


def make_passport(
    envelopes: Sequence[bytes], keys: Sequence[Ed25519PublicKey], questions: Mapping[str, Question]
) -> Passport:
    """Compute a passport from signed evidence.

    Parameters
    ----------
    envelopes : sequence of bytes
        DSSE envelopes of evidence, all on one submission, in any order.
    keys : sequence of Ed25519PublicKey
        The nodes' keys that are trusted.
    questions : mapping of str to Question
        By the digest of the challenge's folder.

    Raises
    ------
    EvidenceError
        An envelope is malformed, altered, or signed by a key that is not trusted.
    PassportError
        There is no evidence, it is of two submissions, one stands twice, or a challenge is not among the questions.
    """
    opened = [(digest_bytes(envelope), *open_evidence(envelope, keys)) for envelope in envelopes]
    if not opened:
        raise PassportError("no evidence: a passport needs at least one; give the files that nodes signed")
    submission = opened[0][1].submission_digest
    held: dict[str, str] = {}
    for name, piece, _signer in opened:
        if piece.submission_digest != submission:
            raise PassportError(
                f"evidence {name} is of submission {piece.submission_digest}, the first of {submission}: "
                "a passport is of one submission; make one for each"
            )
        first = held.setdefault(digest_data(piece), name)
        if first != name or [digest for digest, *_ in opened].count(name) > 1:
            raise PassportError(f"evidence {name} stands twice, also as {first}; give it once")
        if piece.challenge_digest not in questions:
            raise PassportError(
                f"evidence {name} is on {piece.challenge} version {piece.challenge_version} "
                f"({piece.challenge_digest}), which is not at hand; name its folder with --challenge"
            )
        asked_as = questions[piece.challenge_digest]
        if (asked_as.challenge, asked_as.version) != (piece.challenge, piece.challenge_version):
            raise PassportError(
                f"evidence {name} is on {piece.challenge} version {piece.challenge_version}, and the question of the same "
                f"digest says {asked_as.challenge} version {asked_as.version}"
            )
    opened.sort(key=lambda one: (*_question(one[1]), one[1].finished, one[0]))
    asked = {piece.challenge_digest: questions[piece.challenge_digest] for _, piece, _ in opened}
    tests = tuple(
        _tested(name, piece, signer, asked[piece.challenge_digest].ranking, opened)
        for name, piece, signer in opened
    )
    return Passport(submission, tuple(asked.values()), tests)


class Compared(msgspec.Struct, frozen=True):
    """One question and what each passport's evidence says to it.

    Attributes
    ----------
    challenge, version, phase, judge, judge_version, cases_digest, case_count, metric, better
        The question: the figures below it answer this and no other, on the very same cases.
    answers : tuple of tuple of Tested
        For each passport, in the order given; empty where it was not tested on this.
    """

    challenge: str
    version: int
    phase: str
    judge: str
    judge_version: int
    cases_digest: str
    case_count: int
    metric: str
    better: str
    answers: tuple[tuple[Tested, ...], ...]

    @property
    def comparable(self) -> bool:
        """Whether at least two passports answer the question."""
        return sum(map(bool, self.answers)) > 1


def compare(passports: Sequence[Passport]) -> tuple[Compared, ...]:
    """Lay passports side by side, question by question.

    Figures stand in one row only where challenge version, phase, options, judge, its version, the cases and the ranking
    are the very same.
    """
    keys = sorted({_asked(test) for passport in passports for test in passport.tests}, key=repr)
    rows = []
    for key in keys:
        answers = tuple(
            tuple(test for test in passport.tests if _asked(test) == key) for passport in passports
        )
        first = next(test for tests in answers for test in tests)
        rows.append(
            Compared(
                first.challenge,
                first.version,
                first.phase,
                first.judge,
                first.judge_version,
                first.cases_digest,
                first.case_count,
                first.metric,
                first.better,
                answers,
            )
        )
    return tuple(rows)


def _asked(test: Tested) -> tuple[object, ...]:
    return (
        test.challenge, test.version, test.phase, test.challenge_digest, test.options_digest, test.judge,
        test.judge_version, test.cases_digest, test.case_count, test.metric, test.better, test.averaged, test.confidence,
    )  # fmt: skip


def _question(piece: Evidence) -> tuple[object, ...]:
    return (
        piece.challenge, piece.challenge_version, piece.phase, piece.challenge_digest, piece.options_digest, piece.judge,
        piece.judge_version, piece.cases_digest, piece.case_count,
    )  # fmt: skip


def _tested(
    name: str, piece: Evidence, signer: str, ranking: Ranking, all_given: Sequence[tuple[str, Evidence, str]]
) -> Tested:
    same = [
        (digest, other)
        for digest, other, _ in all_given
        if digest != name and _question(other) == _question(piece)
    ]
    agrees = tuple(digest for digest, other in same if other.figures_digest == piece.figures_digest)
    bare = Tested(
        evidence=name,
        signer=signer,
        challenge=piece.challenge,
        version=piece.challenge_version,
        challenge_digest=piece.challenge_digest,
        options_digest=piece.options_digest,
        phase=piece.phase,
        judge=piece.judge,
        judge_version=piece.judge_version,
        engines=piece.engines,
        country=piece.country,
        private=piece.private,
        rule=piece.rule,
        cases_digest=piece.cases_digest,
        case_count=piece.case_count,
        finished_count=piece.finished_count,
        groups_named=not piece.private,
        metric=ranking.metric,
        better=ranking.better,
        averaged=ranking.mean,
        confidence=ranking.confidence,
        fault=piece.fault,
        wall_s=piece.wall_s,
        cpu_s=piece.cpu_s,
        peak_memory_bytes=piece.peak_memory_bytes,
        isolation=piece.isolation,
        environment=piece.environment,
        started=piece.started,
        finished=piece.finished,
        agrees=agrees,
        contradicts=tuple(digest for digest, _ in same if digest not in agrees),
    )
    return _with_figures(bare, piece, ranking)


def _with_figures(bare: Tested, piece: Evidence, ranking: Ranking) -> Tested:
    try:
        standing = compute_standing(
            {"": [piece]}, ranking, seed=0, resamples=1
        )  # one solution: no pair to resample
    except (StandingError, KeyError):
        return msgspec.structs.replace(bare, uncounted="unrankable")
    if not standing.rows:
        return msgspec.structs.replace(bare, uncounted=standing.refused[0].reason)
    (row,) = standing.rows
    return msgspec.structs.replace(
        bare,
        mean=row.mean,
        low=row.low,
        high=row.high,
        few=row.few,
        worst=row.worst,
        groups=tuple(GroupMean(group, mean) for group, mean in row.groups.items()),
        weakest=row.weakest,
    )
