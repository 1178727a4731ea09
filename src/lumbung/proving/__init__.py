"""Challenge, submission, judge protocol, run, evidence and standing: the story every sector shares.

>>> from lumbung import proving
>>> fingers = proving.Ranking("fingers", "higher")
>>> fingers.metric
'fingers'
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from lumbung.faces import face

if TYPE_CHECKING:
    from lumbung.proving.case import Case, CaseScore
    from lumbung.proving.catalogue import find_challenge
    from lumbung.proving.challenge import Challenge, ChallengeError, Ranking, read_challenge
    from lumbung.proving.checker import check_judge, check_solution
    from lumbung.proving.evidence import Evidence, EvidenceError, open_evidence, read_envelope, sign
    from lumbung.proving.judge import Judge, find_judge
    from lumbung.proving.keys import load_or_make_key, read_public_key
    from lumbung.proving.run import RunPlan, conclude, plan_run, play_runs
    from lumbung.proving.session import judge_run
    from lumbung.proving.standing import Standing, StandingError, compute_standing
    from lumbung.proving.submission import Submission, SubmissionNotFound, find_submission, read_submission

__all__ = [
    "Case",
    "CaseScore",
    "Challenge",
    "ChallengeError",
    "Evidence",
    "EvidenceError",
    "Judge",
    "Ranking",
    "RunPlan",
    "Standing",
    "StandingError",
    "Submission",
    "SubmissionNotFound",
    "check_judge",
    "check_solution",
    "compute_standing",
    "conclude",
    "find_challenge",
    "find_judge",
    "find_submission",
    "judge_run",
    "load_or_make_key",
    "open_evidence",
    "plan_run",
    "play_runs",
    "read_challenge",
    "read_envelope",
    "read_public_key",
    "read_submission",
    "sign",
]

__getattr__, __dir__ = face(
    __name__,
    {
        "case": (
            "Case",
            "CaseScore",
        ),
        "catalogue": ("find_challenge",),
        "challenge": (
            "Challenge",
            "ChallengeError",
            "Ranking",
            "read_challenge",
        ),
        "checker": (
            "check_judge",
            "check_solution",
        ),
        "evidence": (
            "Evidence",
            "EvidenceError",
            "open_evidence",
            "read_envelope",
            "sign",
        ),
        "judge": (
            "Judge",
            "find_judge",
        ),
        "keys": (
            "load_or_make_key",
            "read_public_key",
        ),
        "run": (
            "RunPlan",
            "conclude",
            "plan_run",
            "play_runs",
        ),
        "session": ("judge_run",),
        "standing": (
            "Standing",
            "StandingError",
            "compute_standing",
        ),
        "submission": (
            "Submission",
            "SubmissionNotFound",
            "find_submission",
            "read_submission",
        ),
    },
)
