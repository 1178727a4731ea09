"""Sitting the test: start, the question that waits, an answer, the end.

Every answer is in the database before the next question is shown, so a cut line costs nothing; an answer that arrives
twice counts once. Nothing that leaves here holds a key, an item's name or whether an answer was right.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import get_args

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from lumbung.centre.credentials.bank import LOT, SHORT, SUPERVISED, TEST, bank, columns, items
from lumbung.centre.credentials.models import Answer, Sitting
from lumbung.centre.credentials.seats import find_seat
from lumbung.centre.members.access import NotFound
from lumbung.centre.members.models import User
from lumbung.centre.members.services import Refused
from lumbung.talent.adaptive.one_person import Given, estimate, follow, order_seed, person_fit
from lumbung.talent.bank import Face, ItemError, score
from lumbung.talent.bank.item import Language
from lumbung.talent.road.provinces import PROVINCES
from lumbung.talent.security.retake import Attempt, Decision, may_retake

DAY = timedelta(hours=24)
WATCHED = timedelta(hours=2)
# More than this per question does not count: a line that was cut for an hour costs three minutes of the test's time.
LONGEST_ANSWER_S = 180.0
# An answer within this many seconds can hardly have followed from reading the question (Wise and Ma 2012 use at most 10).
RAPID_S = 3.0


@dataclass(frozen=True)
class Question:
    """What waits for an answer: its place in the test and its face."""

    step: int
    face: Face


def history_of(person: User) -> list[Attempt]:
    """Return a person's closed sittings as attempts; one that was left counts too, or questions could be fished for."""
    closed = person.sittings.exclude(finished=None).prefetch_related("answers")
    return [
        Attempt(s.started, s.finished, s.theta, s.standard_error, tuple(a.item for a in s.answers.all()))
        for s in closed
        if s.finished is not None
    ]


def retake_of(person: User, now: datetime) -> Decision:
    """Return whether a person may sit the test now, else when."""
    return may_retake(history_of(person), now)


def open_sitting(person: User, now: datetime) -> Sitting | None:
    """Return the sitting a person is in; one whose time ran out is closed first."""
    found = person.sittings.filter(finished=None).first()
    if found is not None and now > found.deadline:
        _close(found, "expired", found.deadline)
        return None
    return found


def start_sitting(
    person: User, *, language: str, province: str = "", code: str = "", now: datetime
) -> Sitting:
    """Start the test, or give back the sitting that is open.

    Raises
    ------
    Refused
        For an unknown language, province or code, and where a retake is too early.
    """
    if (found := open_sitting(person, now)) is not None:
        return found
    if language not in get_args(Language):
        raise Refused(_("There is no test in this language."))
    if province and province not in {number for number, _name, _people in PROVINCES}:
        raise Refused(_("There is no such province."))
    decision = retake_of(person, now)
    if not decision.allowed:
        raise Refused(_("You may take the test again from a later day; your result so far stays."))
    seat = find_seat(code, now) if code.strip() else None
    site = seat.site if seat else None
    seed = secrets.randbits(63)
    first = follow(items(), seed, (), SUPERVISED if site else SHORT, candidates=LOT, closed=decision.hidden)
    try:
        with transaction.atomic():
            return Sitting.objects.create(
                token=secrets.token_urlsafe(16), user=person, language=language, province=province, site=site, seat=seat,
                test=TEST, seed=seed, closed=[*decision.hidden, *first.set_aside], started=now, served=now,
                deadline=now + (WATCHED if site else DAY), pending=first.pending or "",
            )  # fmt: skip
    except IntegrityError:  # two clicks at once: the other one started it; or another person took the seat
        found = person.sittings.filter(finished=None).first()
        if found is None:
            raise Refused(_("Somebody else has just taken this seat. Ask for another code.")) from None
        return found


def find_open(person: User, now: datetime) -> Sitting:
    """Return the sitting a person is in.

    Raises
    ------
    NotFound
    """
    found = open_sitting(person, now)
    if found is None:
        raise NotFound
    return found


def question_of(sitting: Sitting) -> Question:
    """Return the question that waits; asking again does not change it."""
    item = bank()[sitting.pending]
    seed = order_seed(sitting.seed, sitting.answered)
    return Question(sitting.answered, item.face(sitting.language, seed))  # type: ignore[arg-type]


def take_answer(sitting: Sitting, step: int, response: str, *, now: datetime) -> Sitting:
    """Keep an answer and choose what comes next.

    An answer to an earlier question is one that was sent twice: nothing happens.

    Raises
    ------
    Refused
        When the answer cannot be read, or belongs to a question that was not asked yet.
    """
    with transaction.atomic():
        held = Sitting.objects.select_for_update().get(pk=sitting.pk)
        if held.finished is not None or step < held.answered:
            return held
        if step > held.answered:
            raise Refused(_("That question has not been asked yet."))
        item = bank()[held.pending]
        if item.kind == "order" and response and len(response) != len(item.texts["en"].options):
            raise Refused(_not_readable("order"))
        try:
            right = bool(score(item, response, order_seed(held.seed, step)))
        except ItemError:
            raise Refused(_not_readable(item.kind)) from None
        took = min(max((now - held.served).total_seconds(), 0.0), LONGEST_ANSWER_S)
        before = estimate(items(), given(held))
        Answer.objects.create(
            sitting=held, step=step, item=item.id, response=response[:60], right=right, seconds=took,
            expected=before.chance(items(), item.id),
        )  # fmt: skip
        held.answered, held.seconds, held.served = step + 1, held.seconds + took, now
        held.rapid += took < RAPID_S
        _go_on(held, now)
        held.save()
    return held


def _not_readable(kind: str) -> str:
    return {
        "choice": _("Choose one of the options."),
        "multiple": _("Choose the options that are right."),
        "order": _("Give every place another option."),
        "number": _("Write a number, for instance 12.5."),
    }[kind]


def given(sitting: Sitting) -> list[Given]:
    """Return a sitting's answers as the estimation takes them.

    "I do not know" earns what guessing would have earned on average, so that to say so never costs.
    """
    rows = sitting.answers.values_list("item", "right", "response")
    return [
        (item, float(right) if right or response else items().chance(item)) for item, right, response in rows
    ]


def _go_on(sitting: Sitting, now: datetime) -> None:
    rule = SUPERVISED if sitting.site_id else SHORT
    answers = given(sitting)
    found = follow(
        items(),
        sitting.seed,
        answers,
        rule,
        seconds=sitting.seconds,
        candidates=LOT,
        closed=frozenset(sitting.closed),
    )
    sitting.theta, sitting.standard_error = found.estimate.theta, found.estimate.standard_error
    sitting.pending, sitting.closed = found.pending or "", [*sitting.closed, *found.set_aside]
    if found.stopped is not None:
        _end(sitting, found.stopped, now, answers)


def _end(sitting: Sitting, reason: str, now: datetime, answers: list[Given]) -> None:
    fit = person_fit(items(), columns(), answers)
    sitting.stopped, sitting.finished, sitting.pending = reason, now, ""
    sitting.fit = fit if fit == fit else None  # no number: too few answers to say


def _close(sitting: Sitting, reason: str, now: datetime) -> None:
    with transaction.atomic():
        held = Sitting.objects.select_for_update().get(pk=sitting.pk)
        if held.finished is None:
            _end(held, reason, now, given(held))
            held.save()


def finish_early(sitting: Sitting, *, now: datetime) -> None:
    """End a sitting at the person's wish."""
    _close(sitting, "ended", now)
