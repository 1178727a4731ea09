"""Who asks, as nodes are told: names that mean nothing outside the challenge, and nothing to who lacks the centre's secret.

A node keeps account of what each was told of its private cases.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.crypto import salted_hmac

from lumbung.centre.runs.models import Submission

MOST_ORGANISATIONS = 64


@dataclass(frozen=True)
class Asker:
    """Who handed something in, by the names their accounts have at nodes."""

    team: str
    person: str
    organisations: tuple[str, ...]


def alias(challenge: str, kind: str, key: int | str) -> str:
    """Return the name of a ``team``, ``person``, ``organisation`` or ``domain`` (by its key) at the nodes of a challenge."""
    return salted_hmac("lumbung.asker", f"{challenge}/{kind}/{key}", algorithm="sha256").hexdigest()[:24]


def asker_of(submission: Submission) -> Asker:
    """Return who handed a submission in."""
    slug = submission.phase.challenge.slug
    bodies = {
        ("organisation", str(key)): None
        for key in submission.team.organisations.order_by("pk").values_list("pk", flat=True)
    }
    bodies |= dict.fromkeys((submission.stands_for or submission).counted_with.values_list("kind", "key"))
    return Asker(
        alias(slug, "team", submission.team_id),
        alias(slug, "person", submission.handed_in_by_id),
        tuple(alias(slug, kind, key) for kind, key in list(bodies)[:MOST_ORGANISATIONS]),
    )
