"""Standings kept ready to show, and adoptions: an owner puts a solution to work."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from lumbung.centre.challenges.models import Blob, Phase
from lumbung.centre.members.models import Organisation, User
from lumbung.centre.runs.models import EvidenceRecord, Submission


class KeptStanding(models.Model):
    """The standing of a phase as last computed. `evidence_count` says from how much evidence."""

    phase = models.OneToOneField(Phase, models.CASCADE, related_name="standing")
    evidence_count = models.PositiveIntegerField()
    content = models.TextField()  # JSON, as typed records are read from
    # The same as a leaderboard shows it, with teams and runs by name: reading a page costs one row, not a join, and
    # the API hands the text on as it lies.
    board = models.TextField(default="{}")
    computed = models.DateTimeField()


class Adoption(models.Model):
    """A challenge's owner puts a solution to work: on which evidence, on what terms, whom to ask."""

    class State(models.TextChoices):
        PROPOSED = "proposed", _("proposed")
        AGREED = "agreed", _("agreed by the team")
        DECLINED = "declined", _("declined by the team")
        DELIVERED = "delivered", _("delivered")

    submission = models.ForeignKey(Submission, models.PROTECT, related_name="adoptions")
    adopter = models.ForeignKey(Organisation, models.PROTECT, related_name="adoptions")
    evidence = models.ForeignKey(EvidenceRecord, models.PROTECT, related_name="+")
    terms = models.TextField(_("terms"), max_length=4000)
    contact = models.EmailField(_("contact"))
    state = models.CharField(max_length=10, choices=State.choices, default=State.PROPOSED)
    deliverable = models.ForeignKey(Blob, models.PROTECT, related_name="+", null=True)
    made_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    created = models.DateTimeField()

    class Meta:
        ordering: ClassVar[list[str]] = ["-created"]
