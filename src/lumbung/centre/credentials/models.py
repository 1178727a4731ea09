"""Sittings of the test with every answer as it came, badges, programmes with their cohorts."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.db.models.signals import post_delete
from django.dispatch import receiver
from django.utils.translation import gettext_lazy as _

from lumbung.centre.members.models import Organisation, User
from lumbung.centre.runs.models import Submission


class Seat(models.Model):
    """A place in a supervised room: its code opens one sitting of one account."""

    site = models.ForeignKey(Organisation, models.CASCADE, related_name="seats")
    code = models.CharField(max_length=8, unique=True)
    opened = models.DateTimeField()
    opened_by = models.ForeignKey(User, models.SET_NULL, related_name="+", null=True)


class Sitting(models.Model):
    """One person's test. The seed and the answers are the whole state; any web process goes on from them.

    `pending` is the question that waits, so that asking again, from anywhere, shows the same one.
    """

    class Stopped(models.TextChoices):
        PRECISE = "precise", _("precise enough")
        LONGEST = "longest", _("longest test reached")
        TIME = "time", _("time was up")
        EXHAUSTED = "exhausted", _("no question was left")
        EXPIRED = "expired", _("not finished in time")
        ENDED = "ended", _("ended early")

    token = models.CharField(max_length=22, unique=True)
    user = models.ForeignKey(User, models.CASCADE, related_name="sittings")
    language = models.CharField(max_length=2)
    province = models.CharField(max_length=2, blank=True)
    site = models.ForeignKey(Organisation, models.SET_NULL, related_name="sittings", null=True)
    test = models.CharField(max_length=40)
    seed = models.BigIntegerField()
    closed = models.JSONField(default=list)
    started = models.DateTimeField()
    deadline = models.DateTimeField()
    finished = models.DateTimeField(null=True)
    stopped = models.CharField(max_length=10, choices=Stopped.choices, blank=True)
    pending = models.CharField(max_length=60, blank=True)
    served = models.DateTimeField()
    answered = models.PositiveSmallIntegerField(default=0)
    seconds = models.FloatField(default=0.0)
    theta = models.FloatField(default=0.0)
    standard_error = models.FloatField(default=1.0)
    fit = models.FloatField(null=True)
    rapid = models.PositiveSmallIntegerField(default=0)
    seat = models.OneToOneField(Seat, models.SET_NULL, related_name="sitting", null=True)
    confirmed = models.DateTimeField(null=True)
    voided = models.DateTimeField(null=True)
    void_reason = models.CharField(max_length=200, blank=True)
    judged_by = models.ForeignKey(User, models.SET_NULL, related_name="+", null=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["-started"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["user"], condition=models.Q(finished=None), name="one_open_sitting"
            )
        ]

    @property
    def proctored(self) -> bool:
        """Whether a proctor confirmed it."""
        return self.site_id is not None and self.confirmed is not None and self.voided is None


class Answer(models.Model):
    """What was answered to the question at a step, as it was shown; kept once and never changed.

    `expected` is the chance of a right answer as the answers before it gave it: what drift is told from.
    """

    sitting = models.ForeignKey(Sitting, models.CASCADE, related_name="answers")
    step = models.PositiveSmallIntegerField()
    item = models.CharField(max_length=60)
    response = models.CharField(max_length=60, blank=True)
    right = models.BooleanField()
    expected = models.FloatField(null=True)
    seconds = models.FloatField()

    class Meta:
        ordering: ClassVar[list[str]] = ["step"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["sitting", "step"], name="one_answer_a_step")
        ]


class StatusPlace(models.Model):
    """A place in a list of revoked badges that was given out. It outlives its badge: a place is never used twice."""

    list_number = models.PositiveIntegerField()
    place = models.PositiveIntegerField()
    revoked = models.BooleanField(default=False)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["list_number", "place"], name="a_status_place_once")
        ]


class Badge(models.Model):
    """A badge as it was signed, over a sitting or over a submission's standing.

    Its page is open to others only while the holder wants it so. `level` is the level it names, if any.
    """

    token = models.CharField(max_length=22, unique=True)
    user = models.ForeignKey(User, models.CASCADE, related_name="badges")
    sitting = models.ForeignKey(Sitting, models.CASCADE, related_name="badges", null=True)
    submission = models.ForeignKey(Submission, models.CASCADE, related_name="badges", null=True)
    level = models.CharField(max_length=12, blank=True)
    status = models.OneToOneField(StatusPlace, models.PROTECT, related_name="badge")
    document = models.JSONField()
    shared = models.BooleanField(default=False)
    created = models.DateTimeField()
    revoked = models.DateTimeField(null=True)
    reason = models.CharField(max_length=200, blank=True)

    FELL = "evidence_fell"
    """The reason of a badge that was taken back by itself, since evidence that it names counts no more."""

    class Meta:
        ordering: ClassVar[list[str]] = ["-created"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(sitting=None) ^ models.Q(submission=None), name="a_badge_is_over_one_thing"
            )
        ]


@receiver(post_delete, sender=Badge)
def _revoke_with_its_badge(instance: Badge, **_more: Any) -> None:
    """Revoke the place of a badge that goes with its holder's account: files handed on must not outlive it."""
    StatusPlace.objects.filter(pk=instance.status_id).update(revoked=True)


class Programme(models.Model):
    """An organisation's training programme."""

    slug = models.SlugField(max_length=40, unique=True)
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="programmes")
    title = models.CharField(_("title"), max_length=120)
    about = models.TextField(_("about"), max_length=2000, blank=True)
    created = models.DateTimeField()

    class Meta:
        ordering: ClassVar[list[str]] = ["title"]


class Cohort(models.Model):
    """One intake of a programme, joined with a code."""

    programme = models.ForeignKey(Programme, models.CASCADE, related_name="cohorts")
    name = models.CharField(_("name"), max_length=80)
    code = models.CharField(max_length=12, unique=True)
    created = models.DateTimeField()

    class Meta:
        ordering: ClassVar[list[str]] = ["-created"]


class Participant(models.Model):
    """A person who joined a cohort. What they score reaches the organisation only in figures over many."""

    cohort = models.ForeignKey(Cohort, models.CASCADE, related_name="participants")
    user = models.ForeignKey(User, models.CASCADE, related_name="participations")
    joined = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["cohort", "user"], name="join_once")]
