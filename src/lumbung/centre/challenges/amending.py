"""What may change of a challenge while it runs: its words, its times, its limits; never what a score depends on.

The archive that nodes judge with stays as it was posed, so no run under way and no evidence is touched. Every change is
kept with what stood there before and why. Whatever could change a score is a new version instead.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec
from django.db import transaction
from django.utils.translation import gettext as _

from lumbung.centre.challenges.models import Amendment, Challenge, Phase
from lumbung.centre.challenges.selectors import may_manage
from lumbung.centre.members.access import require
from lumbung.centre.members.audit import append
from lumbung.centre.members.models import User
from lumbung.centre.members.services import Refused
from lumbung.proving.text import LANGUAGES, Text

TEXTS = ("title", "summary", "description", "offer", "terms")
OPTIONAL = ("description", "offer", "terms")
MOST = 10_000


class PhaseChange(msgspec.Struct, frozen=True, kw_only=True):
    """What a phase is to be from now on. A field that is UNSET stays as it is; a time that is None is taken away."""

    title: Text | msgspec.UnsetType = msgspec.UNSET
    opens: datetime | msgspec.UnsetType | None = msgspec.UNSET
    closes: datetime | msgspec.UnsetType | None = msgspec.UNSET
    daily_limit: int | msgspec.UnsetType = msgspec.UNSET
    together: str | msgspec.UnsetType = msgspec.UNSET
    together_daily: int | msgspec.UnsetType | None = msgspec.UNSET
    together_teams: int | msgspec.UnsetType | None = msgspec.UNSET


def amend(
    user: User,
    challenge: Challenge,
    *,
    texts: Mapping[str, Text],
    phases: Mapping[str, PhaseChange],
    why: str,
    now: datetime,
) -> Amendment:
    """Change the words, times or limits of a challenge in place.

    Parameters
    ----------
    texts : mapping of str to Text
        New words for one of `TEXTS`, in the languages it has, and more.
    phases : mapping of str to PhaseChange
        By the phase's id.
    why : str
        Shown with the change to everybody.

    Raises
    ------
    NotAllowed
    Refused
        Nothing would change, a text loses a language, a time makes no sense, or a phase cannot be changed so any more.
    """
    require(may_manage(user, challenge))
    with transaction.atomic():
        locked = Challenge.objects.select_for_update().get(pk=challenge.pk)
        before: dict[str, Any] = {}
        after: dict[str, Any] = {}
        _change_texts(locked, texts, before, after)
        known = {phase.slug: phase for phase in locked.phases.select_for_update()}
        for slug, change in phases.items():
            if slug not in known:
                raise Refused(_("There is no phase %(phase)s.") % {"phase": slug})
            _change_phase(known[slug], change, before, after, now)
        if not after:
            raise Refused(_("Nothing was changed."))
        made = Amendment.objects.create(
            challenge=locked, number=locked.amendments.count() + 1, made_by=user, made=now,
            before=before, after=after, why=why.strip()[:500],
        )  # fmt: skip
        append("challenge.amended", str(locked), actor=user, now=now, fields=sorted(after))
    challenge.refresh_from_db()
    return made


def _change_texts(
    challenge: Challenge, texts: Mapping[str, Text], before: dict[str, Any], after: dict[str, Any]
) -> None:
    for name, text in texts.items():
        if name not in TEXTS:
            raise Refused(_("A challenge has no text %(name)s that could be changed.") % {"name": name})
        stood, told = challenge.record.get(name) or {}, msgspec.to_builtins(text)
        if told != (stood or dict.fromkeys(LANGUAGES, "")):
            if name not in OPTIONAL or any(told.values()):  # which may go as a whole
                _check_text(told, stood)
            before[name], after[name] = challenge.record.get(name), told
            challenge.record[name] = told
    challenge.save(update_fields=["record"])


def _check_text(told: Mapping[str, str], stood: Mapping[str, str]) -> None:
    """Refuse a text that lost a language: what was posed in one may gain the others, and never the other way."""
    if any(stood.get(code, "").strip() and not told[code].strip() for code in LANGUAGES):
        raise Refused(_("A text keeps the languages it is written in."))
    if any(len(one) > MOST for one in told.values()):
        raise Refused(_("A text has at most %(count)d characters.") % {"count": MOST})


def _change_phase(
    phase: Phase, change: PhaseChange, before: dict[str, Any], after: dict[str, Any], now: datetime
) -> None:
    wanted = {
        name: value for name, value in msgspec.structs.asdict(change).items() if value is not msgspec.UNSET
    }
    if isinstance(wanted.get("title"), Text):
        wanted["title"] = msgspec.to_builtins(wanted["title"])
        _check_text(wanted["title"], phase.title)
    changed = {name: value for name, value in wanted.items() if value != getattr(phase, name)}
    if not changed:
        return
    _check_times(phase, changed, now)
    if changed.get("daily_limit", 1) < 1:
        raise Refused(_("A daily limit is at least 1."))
    _check_together(phase, changed)
    for name, value in changed.items():
        field = f"phases.{phase.slug}.{name}"
        before[field], after[field] = (msgspec.to_builtins(one) for one in (getattr(phase, name), value))
        setattr(phase, name, value)
    phase.save(update_fields=list(changed))


def _check_together(phase: Phase, changed: Mapping[str, Any]) -> None:
    by, daily, teams = (
        changed.get(name, getattr(phase, name)) for name in ("together", "together_daily", "together_teams")
    )
    if by not in ("", *Phase.Together.values):
        raise Refused(_("Accounts are counted together by organisation, by domain, or not at all."))
    if by and daily is None:
        raise Refused(_("Say how many submissions a day all that are counted together may have."))
    if min(daily or 1, teams or 1) < 1 or 0 in (daily, teams):
        raise Refused(_("A limit is at least 1."))


def _check_times(phase: Phase, changed: Mapping[str, Any], now: datetime) -> None:
    opens, closes = (changed.get(name, getattr(phase, name)) for name in ("opens", "closes"))
    if opens and closes and closes <= opens:
        raise Refused(_("A phase closes after it opens."))
    if "opens" in changed and opens and opens > now and phase.submissions.exists():
        raise Refused(_("The phase has submissions already; it cannot open later than that."))
    if "closes" not in changed:
        return
    if closes is not None and closes < now:
        raise Refused(_("The phase cannot close in the past. Close the challenge instead."))
    if phase.embargo and phase.closes is not None and phase.closes <= now:
        raise Refused(_("The embargo is over and the scores are public: this phase cannot open again."))
