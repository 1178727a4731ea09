"""People who sit the test, for the tests: finished sittings, badges, a programme."""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import Any

from lumbung.centre.credentials.badges import issue
from lumbung.centre.credentials.bank import TEST, bank, items
from lumbung.centre.credentials.models import Answer, Sitting
from lumbung.centre.credentials.programmes import create_programme, join_cohort, open_cohort
from lumbung.centre.credentials.sittings import start_sitting
from lumbung.centre.members.models import Organisation, User
from lumbung.talent.adaptive.one_person import estimate
from small_league import NOW


def finished_sitting(user: User, *, right: float = 0.6, count: int = 16, **changes: Any) -> Sitting:
    """A sitting with so many answers, a share of them right."""
    names = [item.id for item in list(bank())[:: 300 // count]][:count]
    given = [(name, k < right * count) for k, name in enumerate(names)]
    found = estimate(items(), given)
    values = {
        "token": secrets.token_urlsafe(16), "language": "id", "test": TEST, "seed": 1, "started": NOW - timedelta(hours=2),
        "served": NOW, "deadline": NOW, "finished": NOW - timedelta(hours=1), "stopped": "precise", "answered": count,
        "seconds": 900.0, "theta": found.theta, "standard_error": found.standard_error,
    }  # fmt: skip
    sitting = Sitting.objects.create(user=user, **{**values, **changes})
    Answer.objects.bulk_create(
        Answer(sitting=sitting, step=k, item=name, response="A", right=hit, seconds=50.0)
        for k, (name, hit) in enumerate(given)
    )
    return sitting


def talent_of(member: User, stranger: User, admin: User, home: Organisation) -> dict[str, Any]:
    """What the addresses of talent may name: a result with a badge of one's own, an open badge, an open test, a cohort."""
    sitting, other = finished_sitting(member), finished_sitting(stranger)
    badge = issue(member, sitting, language="id", name="", shared=False, now=NOW)
    open_badge = issue(stranger, other, language="zh", name="Sari Wu", shared=True, now=NOW)
    start_sitting(admin, language="en", now=NOW)
    programme = create_programme(admin, home, title="Rice school", about="", now=NOW)
    cohort = open_cohort(admin, programme, name="2026-A", now=NOW)
    join_cohort(member, cohort.code, now=NOW)
    return {
        "sitting": sitting.token, "badge": badge.token, "open_badge": open_badge.token, "cohort": cohort.code,
        "participant": member.participations.get().pk,
    }  # fmt: skip
