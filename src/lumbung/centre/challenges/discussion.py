"""What is said about a challenge: questions and answers of anybody who signed in, announcements of who manages it.

A post that was reported stays until staff or who manages the challenge hides it; what is hidden keeps its place and its
answers, without its words. The log has who hid what.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Count, Prefetch, Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from lumbung.centre.challenges.models import Challenge, Post, PostReport
from lumbung.centre.challenges.selectors import knowing, may_manage, visible_challenges
from lumbung.centre.members.access import NotFound, Role, is_staff, require
from lumbung.centre.members.audit import append
from lumbung.centre.members.models import Team, User
from lumbung.centre.members.notices import take_back, tell
from lumbung.centre.members.selectors import people_with
from lumbung.centre.members.services import Refused

if TYPE_CHECKING:
    from lumbung.centre.members.access import Visitor

POSTS_A_DAY = 20
LONGEST = 4000
TWICE = timedelta(minutes=10)
"""Within which the same words at the same place are a second click, and stand there once."""


def questions(slug: str) -> QuerySet[Post]:
    """Return the questions on a challenge, of all its versions, the newest first, with their answers."""
    replies = Post.objects.select_related("author").order_by("created", "pk")
    found = Post.objects.filter(challenge__slug=slug, kind=Post.Kind.QUESTION).select_related("author")
    return found.prefetch_related(Prefetch("replies", queryset=replies)).order_by("-created", "-pk")


def announcements(slug: str) -> QuerySet[Post]:
    """Return what was announced on a challenge, the newest first."""
    found = Post.objects.filter(challenge__slug=slug, kind=Post.Kind.ANNOUNCEMENT, hidden=None)
    return found.select_related("author").order_by("-created", "-pk")


def find_post(person: Visitor, number: int) -> Post:
    """Return a post on a challenge that one may see.

    Raises
    ------
    NotFound
    """
    found = Post.objects.select_related("challenge__owner", "author")
    post = found.filter(pk=number, challenge__in=visible_challenges(person).values("pk")).first()
    if post is None:
        raise NotFound
    return post


def ask(user: User, challenge: Challenge, text: str, *, now: datetime) -> Post:
    """Ask a question everybody can read.

    Raises
    ------
    Refused
        It is empty, or this person has written as much today as one may.
    """
    return _write(user, challenge, Post.Kind.QUESTION, text, now)


def answer(user: User, question: Post, text: str, *, now: datetime) -> Post:
    """Answer a question; the word of who manages the challenge is marked as binding."""
    if not Post.objects.filter(pk=question.pk, kind=Post.Kind.QUESTION, hidden=None).exists():
        raise NotFound
    return _write(user, question.challenge, Post.Kind.ANSWER, text, now, question)


def announce(user: User, challenge: Challenge, text: str, *, now: datetime) -> Post:
    """Say something to all teams; it stands on the challenge's page."""
    require(may_manage(user, challenge))
    return _write(user, challenge, Post.Kind.ANNOUNCEMENT, text, now)


def _write(
    user: User, challenge: Challenge, kind: str, text: str, now: datetime, question: Post | None = None
) -> Post:
    said = text.strip()
    if not said:
        raise Refused(_("Nothing was written."))
    if len(said) > LONGEST:
        raise Refused(_("At most %(count)d characters.") % {"count": LONGEST})
    with transaction.atomic():
        User.objects.select_for_update().get(pk=user.pk)  # a second click waits until the first is done
        own = Post.objects.filter(author=user)
        twin = own.filter(
            challenge=challenge, kind=kind, answers=question, text=said, hidden=None, created__gt=now - TWICE
        ).first()
        if twin is not None:
            return twin
        lately = own.filter(created__gt=now - timedelta(days=1)).count()
        if lately >= POSTS_A_DAY and not is_staff(user):
            raise Refused(
                _("You wrote %(count)d posts within a day. Write more tomorrow.") % {"count": POSTS_A_DAY}
            )
        made = Post.objects.create(
            challenge=challenge, kind=kind, answers=question, author=user, binding=may_manage(user, challenge),
            text=said, created=now,
        )  # fmt: skip
        append(f"post.{kind}", f"{challenge.slug}:{made.pk}", actor=user, now=now)
        _tell(made, now)
    return made


def _tell(post: Post, now: datetime) -> None:
    """Leave a notice with whom a post concerns, its author left out."""
    challenge = post.challenge
    told: Iterable[User]
    if post.kind == Post.Kind.ANNOUNCEMENT:
        kind, told = "announced", _taking_part(challenge)
    elif post.kind == Post.Kind.ANSWER:
        kind, told = "answered", [post.answers.author] if post.answers else []
    else:
        kind, told = "asked", people_with(challenge.owner, Role.CHALLENGE_OWNER, Role.ADMINISTRATOR)
    tell(
        [each for each in knowing(told, challenge) if each.pk != post.author_id],
        kind,
        _page(challenge),
        now=now,
        lettered=kind != "announced",
        title=challenge.record["title"],
        text=post.text,
    )


def _page(challenge: Challenge) -> str:
    return reverse("portal:discussion", args=[challenge.slug])


def _taking_part(challenge: Challenge) -> QuerySet[User]:
    teams = Team.objects.filter(submissions__phase__challenge__slug=challenge.slug)
    return User.objects.filter(teams__in=teams).distinct()


def report(user: User, post: Post, *, now: datetime) -> None:
    """Say that a post should not stand there; said twice is said once."""
    PostReport.objects.get_or_create(post=post, by=user, defaults={"created": now})


def may_hide(user: User, post: Post) -> bool:
    """Whether *user* may take a post's words away: their own, or as who manages the challenge."""
    return post.author_id == user.pk or may_manage(user, post.challenge)


def hide(user: User, post: Post, *, now: datetime) -> None:
    """Take a post's words away from the page; its reports are settled with it."""
    require(may_hide(user, post))
    with transaction.atomic():
        if Post.objects.filter(pk=post.pk, hidden=None).update(hidden=now, hidden_by=user):
            take_back(_page(post.challenge), post.text)
            append("post.hidden", f"{post.challenge.slug}:{post.pk}", actor=user, now=now)
        post.reports.filter(settled=None).update(settled=now)


def let_stand(user: User, post: Post, *, now: datetime) -> None:
    """Settle the reports of a post that may stay."""
    require(is_staff(user))
    with transaction.atomic():
        if post.reports.filter(settled=None).update(settled=now):
            append("post.let_stand", f"{post.challenge.slug}:{post.pk}", actor=user, now=now)


def reported() -> QuerySet[Post]:
    """Return posts whose reports wait for staff, the most reported first."""
    waiting = Count("reports", filter=Q(reports__settled=None))
    found = Post.objects.filter(hidden=None, reports__settled=None, reports__isnull=False)
    return (
        found.annotate(waiting=waiting)
        .select_related("challenge", "author")
        .order_by("-waiting", "pk")
        .distinct()
    )
