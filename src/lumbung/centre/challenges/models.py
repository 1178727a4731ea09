"""Challenges as the centre knows them, and the blobs they and submissions consist of."""

from __future__ import annotations

from typing import ClassVar

import msgspec
from django.db import models
from django.utils.translation import gettext_lazy as _

from lumbung.centre.members.models import Country, Organisation, Team, User
from lumbung.proving.challenge import Challenge as Record


class Blob(models.Model):
    """A stored file, named by the digest of its bytes."""

    digest = models.CharField(max_length=71, primary_key=True)
    size = models.BigIntegerField()
    created = models.DateTimeField()  # when it was offered last


class Challenge(models.Model):
    """A problem posed by an organisation. What it says is the record, read from its folder's archive; its words may be
    amended, what a score depends on never: that is a new version, a new row."""

    class State(models.TextChoices):
        DRAFT = "draft", _("draft")
        OPEN = "open", _("open")
        CLOSED = "closed", _("closed")

    class Rows(models.TextChoices):
        CARRIED = "carried", _("carried: they stand on the new board as they are")
        REJUDGED = "rejudged", _("judged anew: each team's best, under the new version")
        ARCHIVED = "archived", _("archived: the new board begins empty")

    slug = models.SlugField(max_length=64)
    version = models.PositiveIntegerField()
    owner = models.ForeignKey(Organisation, models.PROTECT, related_name="challenges")
    state = models.CharField(max_length=8, choices=State.choices, default=State.DRAFT)
    record = models.JSONField()
    digest = models.CharField(max_length=71)
    blob = models.ForeignKey(Blob, models.PROTECT, related_name="+")
    sector = models.CharField(max_length=64)
    home = models.CharField(max_length=2, choices=Country.choices)
    created = models.DateTimeField()
    # The version before, and what its owner had become of the rows there.
    follows = models.ForeignKey("self", models.PROTECT, related_name="followed_by", null=True)
    rows = models.CharField(max_length=8, choices=Rows.choices, blank=True)
    # What its page shows of its folder (see ``shown.py``).
    baselines = models.JSONField(default=dict)
    sample = models.JSONField(default=dict)
    picture = models.ForeignKey(Blob, models.PROTECT, related_name="+", null=True)
    # Whether only its guests know of it; all its versions alike.
    by_invitation = models.BooleanField(default=False)

    class Meta:
        ordering: ClassVar[list[str]] = ["slug", "-version"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["slug", "version"], name="one_version_once")]

    def __str__(self) -> str:
        return f"{self.slug} v{self.version}"

    @property
    def content(self) -> Record:
        """The challenge's own record, typed."""
        return msgspec.convert(self.record, Record)


def shown_to_all(path: str = "") -> models.Q:
    """Return what holds for a challenge that everybody may see; *path* leads to it, as in ``phase__challenge__``."""
    shown = (Challenge.State.OPEN, Challenge.State.CLOSED)
    return models.Q(**{f"{path}state__in": shown, f"{path}by_invitation": False})


class Guest(models.Model):
    """A team or an organisation that a challenge by invitation lets in, whichever of its versions."""

    challenge = models.SlugField(max_length=64, db_index=True)
    team = models.ForeignKey(Team, models.CASCADE, related_name="guest_at", null=True)
    organisation = models.ForeignKey(Organisation, models.CASCADE, related_name="guest_at", null=True)
    since = models.DateTimeField()

    class Meta:
        ordering: ClassVar[list[str]] = ["since", "pk"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(team=None) ^ models.Q(organisation=None), name="a_team_or_an_organisation"
            ),
            models.UniqueConstraint(fields=["challenge", "team"], name="one_team_once_a_guest"),
            models.UniqueConstraint(
                fields=["challenge", "organisation"], name="one_organisation_once_a_guest"
            ),
        ]


class GuestLink(models.Model):
    """A link with which teams come in by themselves, as many as it has places. Only its secret's digest is kept."""

    challenge = models.SlugField(max_length=64, db_index=True)
    digest = models.CharField(max_length=64, unique=True)
    places = models.PositiveIntegerField()
    taken = models.PositiveIntegerField(default=0)
    made_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    expires = models.DateTimeField()

    class Meta:
        ordering: ClassVar[list[str]] = ["expires", "pk"]

    @property
    def left(self) -> int:
        """How many teams may still come in with it."""
        return self.places - self.taken


class Phase(models.Model):
    """A time in which submissions are taken; copied from the record so that the clock can be asked of the database."""

    class Together(models.TextChoices):
        ORGANISATION = "organisation", _("everybody of one organisation")
        DOMAIN = "domain", _("everybody with an address at one domain")

    challenge = models.ForeignKey(Challenge, models.CASCADE, related_name="phases")
    slug = models.SlugField(max_length=64)
    title = models.JSONField()
    private = models.BooleanField()
    opens = models.DateTimeField(null=True)
    closes = models.DateTimeField(null=True)
    daily_limit = models.PositiveIntegerField()
    # Which accounts are counted together, and how many submissions a day and teams they may have in all.
    together = models.CharField(max_length=12, choices=Together.choices, blank=True)
    together_daily = models.PositiveIntegerField(null=True)
    together_teams = models.PositiveIntegerField(null=True)
    embargo = models.BooleanField()
    position = models.PositiveIntegerField()
    # Rises with every evidence taken in: a standing kept at this count is up to date.
    evidence_count = models.PositiveIntegerField(default=0)
    # The phase of the version before whose rows stand here too, since both ask the same question.
    carries = models.ForeignKey("self", models.PROTECT, related_name="carried_by", null=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["challenge", "position"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["challenge", "slug"], name="one_phase_once")]

    def line(self) -> list[int]:
        """Return the keys of this phase and of those whose rows it carries, newest first."""
        found = [self.pk]
        while (
            before := Phase.objects.filter(carried_by=found[-1]).values_list("pk", flat=True).first()
        ) is not None:
            found.append(before)
        return found

    def and_its_carriers(self) -> list[int]:
        """Return the keys of this phase and of those that carry its rows: their standings change with it."""
        found, step = [self.pk], [self.pk]
        while step := list(Phase.objects.filter(carries__in=step).values_list("pk", flat=True)):
            found += step
        return found


class Amendment(models.Model):
    """A change of words, times or limits in place: what stood there before, what stands there now, and why."""

    challenge = models.ForeignKey(Challenge, models.CASCADE, related_name="amendments")
    number = models.PositiveIntegerField()
    made_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    made = models.DateTimeField()
    before = models.JSONField()
    after = models.JSONField()
    why = models.CharField(max_length=500, blank=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["-number"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["challenge", "number"], name="one_amendment_once")
        ]

    @property
    def fields(self) -> list[str]:
        """What was changed, as a page names it."""
        return sorted(self.after)


class Post(models.Model):
    """Something said about a challenge, whichever of its versions: a question, an answer to one, an announcement."""

    class Kind(models.TextChoices):
        QUESTION = "question", _("question")
        ANSWER = "answer", _("answer")
        ANNOUNCEMENT = "announcement", _("announcement")

    challenge = models.ForeignKey(Challenge, models.CASCADE, related_name="posts")
    kind = models.CharField(max_length=12, choices=Kind.choices)
    answers = models.ForeignKey("self", models.CASCADE, related_name="replies", null=True)
    author = models.ForeignKey(User, models.PROTECT, related_name="+")
    # Whether who wrote it managed the challenge then: their word binds.
    binding = models.BooleanField(default=False)
    text = models.TextField(_("text"), max_length=4000)
    created = models.DateTimeField()
    hidden = models.DateTimeField(null=True)
    hidden_by = models.ForeignKey(User, models.PROTECT, related_name="+", null=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["created", "pk"]


class PostReport(models.Model):
    """Somebody says that a post should not stand there; staff look at it."""

    post = models.ForeignKey(Post, models.CASCADE, related_name="reports")
    by = models.ForeignKey(User, models.CASCADE, related_name="+")
    created = models.DateTimeField()
    settled = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["post", "by"], name="one_report_once")]
