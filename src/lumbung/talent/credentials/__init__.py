"""Badges that anyone can verify offline: Open Badges 3.0 as W3C Verifiable Credentials 2.0.

Issue with :func:`issue_badge` (or :class:`Batch` for a round of many), verify with :func:`verify_badge`. A badge states
what was measured and how sure that is; see docs/talent/badges.md.
"""

from __future__ import annotations

from lumbung.talent.credentials.badge import Ability, BadgeProblem, Holder, Issuer, StandingResult
from lumbung.talent.credentials.keys import SigningKey
from lumbung.talent.credentials.mint import Award, Batch, issue_badge, issue_token
from lumbung.talent.credentials.status import StatusList, status_credential
from lumbung.talent.credentials.verdict import Verdict
from lumbung.talent.credentials.verify import verify_badge

__all__ = [
    "Ability",
    "Award",
    "BadgeProblem",
    "Batch",
    "Holder",
    "Issuer",
    "SigningKey",
    "StandingResult",
    "StatusList",
    "Verdict",
    "issue_badge",
    "issue_token",
    "status_credential",
    "verify_badge",
]
