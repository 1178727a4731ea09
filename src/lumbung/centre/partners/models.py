"""What cooperation keeps: needs and offers, projects, facilities with bookings and grants, seasons."""

from __future__ import annotations

from typing import Any, ClassVar

import msgspec
from django.db import models
from django.utils.translation import gettext_lazy as _

from lumbung.centre.challenges.models import Challenge, shown_to_all
from lumbung.centre.members.models import Organisation, Team, User
from lumbung.centre.runs.models import Node, Run, new_token
from lumbung.cooperation import league, projects
from lumbung.cooperation.facilities import bookings as booking_records
from lumbung.cooperation.facilities import grants
from lumbung.cooperation.facilities.calendars import Calendar, Hours, Span
from lumbung.proving.text import Text


class Spoken(models.TextChoices):
    """In which language somebody writes; the interface itself has three."""

    EN = "en", _("English")
    ID = "id", _("Indonesian")
    ZH = "zh", _("Chinese")
    MS = "ms", _("Malay")
    TH = "th", _("Thai")
    VI = "vi", _("Vietnamese")
    FIL = "fil", _("Filipino")
    KM = "km", _("Khmer")
    LO = "lo", _("Lao")
    MY = "my", _("Burmese")


class Listing(models.Model):
    """What needs and offers have in common."""

    words = models.TextField(max_length=1200)
    language = models.CharField(max_length=4, choices=Spoken.choices)
    countries = models.JSONField(default=list)
    places = models.PositiveSmallIntegerField(default=1)
    is_open = models.BooleanField(default=True)
    made_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    created = models.DateTimeField()

    class Meta:
        abstract = True
        ordering: ClassVar[list[str]] = ["-created", "-pk"]


class Needs(models.Manager["Need"]):
    """Needs, each with whether a challenge that everybody may see has it ``stated``."""

    def get_queryset(self) -> models.QuerySet[Need]:
        stated = Challenge.objects.filter(shown_to_all(), slug=models.OuterRef("challenge"))
        return super().get_queryset().annotate(stated=models.Exists(stated))


class Need(Listing):
    """What an organisation looks for."""

    objects = Needs()

    organisation = models.ForeignKey(Organisation, models.CASCADE, related_name="needs")
    sector = models.CharField(max_length=32)
    requires = models.JSONField(default=list)
    budget = models.PositiveBigIntegerField(default=0)
    # The challenge of the proving ground that states the same problem, if any.
    challenge = models.SlugField(max_length=64, blank=True)


class Offer(Listing):
    """What an organisation brings."""

    organisation = models.ForeignKey(Organisation, models.CASCADE, related_name="offers")
    sectors = models.JSONField(default=list)
    provides = models.JSONField(default=list)
    price = models.PositiveBigIntegerField(default=0)


class Conflict(models.Model):
    """A conflict of interest one organisation declares with another: they are never matched."""

    organisation = models.ForeignKey(Organisation, models.CASCADE, related_name="conflicts")
    other = models.ForeignKey(Organisation, models.CASCADE, related_name="+")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["organisation", "other"], name="one_conflict_once")
        ]


class TextVector(models.Model):
    """A model's vector of one text, made by the housekeeper; keyed by the digest of model, language and text."""

    digest = models.CharField(max_length=64, primary_key=True)
    row = models.BinaryField()


class Project(models.Model):
    """A match at work. What it says is the record; the columns beside it are for finding."""

    token = models.CharField(max_length=20, unique=True, default=new_token)
    need = models.ForeignKey(Need, models.PROTECT, related_name="projects")
    offer = models.ForeignKey(Offer, models.PROTECT, related_name="projects")
    partners: models.ManyToManyField[Organisation, models.Model] = models.ManyToManyField(
        Organisation, related_name="projects"
    )
    stage = models.CharField(max_length=12, choices=[(stage, stage) for stage in projects.STAGES])
    content = models.JSONField()
    changed = models.DateTimeField()

    class Meta:
        ordering: ClassVar[list[str]] = ["-changed"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["need", "offer"], name="one_match_once")]

    @property
    def record(self) -> projects.Project:
        """The project as cooperation knows it."""
        return msgspec.convert(self.content, projects.Project)


class Note(models.Model):
    """What staff wrote down while following up; only staff read it."""

    project = models.ForeignKey(Project, models.CASCADE, related_name="notes")
    author = models.ForeignKey(User, models.PROTECT, related_name="+")
    text = models.TextField(max_length=2000)
    created = models.DateTimeField()

    class Meta:
        ordering: ClassVar[list[str]] = ["-created", "-pk"]


class Facility(models.Model):
    """Something to book. With a node, the node's own runs draw on the same grants."""

    slug = models.SlugField(max_length=40, unique=True)
    name = models.JSONField()
    host = models.ForeignKey(Organisation, models.PROTECT, related_name="facilities")
    units = models.PositiveSmallIntegerField(default=1)
    zone = models.CharField(max_length=40, default="UTC")
    week = models.JSONField(default=list)
    # Which grants pay for it; empty where none is asked for.
    resource = models.SlugField(max_length=32, blank=True)
    node = models.OneToOneField(Node, models.PROTECT, related_name="facility", null=True)
    run_hours = models.FloatField(
        default=1.0, help_text="set aside for a run until its evidence says what it used"
    )

    class Meta:
        ordering: ClassVar[list[str]] = ["slug"]

    @property
    def record(self) -> booking_records.Facility:
        """The facility as cooperation knows it, with its closures."""
        week = tuple(msgspec.convert(each, Hours) for each in self.week)
        closed = tuple(Span(each.start, each.end) for each in self.closures.all())
        return booking_records.Facility(
            self.slug, msgspec.convert(self.name, Text), self.units, Calendar(self.zone, week, closed),
            self.resource or None,
        )  # fmt: skip


class Closure(models.Model):
    """A time when a facility cannot be used."""

    facility = models.ForeignKey(Facility, models.CASCADE, related_name="closures")
    start = models.DateTimeField()
    end = models.DateTimeField()


class Booking(models.Model):
    """Units of a facility held from start to end."""

    token = models.CharField(max_length=20, unique=True, default=new_token)
    facility = models.ForeignKey(Facility, models.PROTECT, related_name="bookings")
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="bookings")
    start = models.DateTimeField(db_index=True)
    end = models.DateTimeField()
    made_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    created = models.DateTimeField()

    class Meta:
        ordering: ClassVar[list[str]] = ["start", "pk"]

    @property
    def record(self) -> booking_records.Booking:
        """The booking as cooperation knows it."""
        units = tuple(sorted(each.unit for each in self.held.all()))
        return booking_records.Booking(
            self.token, self.facility.slug, self.organisation.slug, Span(self.start, self.end), units
        )


class HeldUnit(models.Model):
    """One unit of a booking. The database refuses a second row of the same unit and moment (migration 0002)."""

    booking = models.ForeignKey(Booking, models.CASCADE, related_name="held")
    facility = models.ForeignKey(Facility, models.PROTECT, related_name="+")
    unit = models.PositiveSmallIntegerField()
    start = models.DateTimeField()
    end = models.DateTimeField()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["facility", "unit", "start"], name="unit_by_time")]


class Grant(models.Model):
    """Hours of a resource granted to an organisation: half at award, half once its report is accepted."""

    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="grants")
    resource = models.SlugField(max_length=32)
    hours = models.FloatField()
    awarded = models.DateTimeField()
    expires = models.DateTimeField()
    project = models.ForeignKey(Project, models.PROTECT, related_name="grants", null=True)
    report = models.TextField(max_length=8000, blank=True)
    report_sent = models.DateTimeField(null=True)
    reported = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["-awarded", "-pk"]

    @property
    def record(self) -> grants.Grant:
        """The grant as cooperation knows it."""
        return grants.Grant(
            str(self.pk), self.organisation.slug, self.resource, self.hours, self.awarded, self.expires, self.reported
        )  # fmt: skip


class RunCharge(models.Model):
    """Who pays for a run on a node that asks for grants: hours set aside, then what its evidence says."""

    run = models.OneToOneField(Run, models.CASCADE, related_name="charge")
    node = models.ForeignKey(Node, models.PROTECT, related_name="+")
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    resource = models.SlugField(max_length=32)
    hours = models.FloatField()
    ended = models.DateTimeField(null=True)
    evidence = models.CharField(max_length=71, blank=True)


class Season(models.Model):
    """A league's year: tracks of challenges, and the teams that entered."""

    slug = models.SlugField(max_length=40, unique=True)
    title = models.JSONField()
    opens = models.DateField()
    closes = models.DateField()
    joint_only = models.BooleanField(default=False)
    tracks = models.JSONField(default=list)
    teams: models.ManyToManyField[Team, models.Model] = models.ManyToManyField(Team, related_name="seasons")

    class Meta:
        ordering: ClassVar[list[str]] = ["-opens"]

    @property
    def record(self) -> league.Season:
        """The season as cooperation knows it."""
        entered = self.teams.prefetch_related("organisations")
        return league.Season(
            self.slug, msgspec.convert(self.title, Text), self.opens, self.closes,
            tuple(msgspec.convert(each, league.Track) for each in self.tracks),
            tuple(team_record(team) for team in entered), self.joint_only,
        )  # fmt: skip


class Agreement(models.Model):
    """What organisations signed with each other or with the centre (a memorandum of understanding), for how long."""

    slug = models.SlugField(max_length=40, unique=True)
    title = models.JSONField()
    parties: models.ManyToManyField[Organisation, models.Model] = models.ManyToManyField(
        Organisation, related_name="agreements"
    )
    signed = models.DateField()
    until = models.DateField(null=True)
    # Where the text itself can be read, if anywhere.
    address = models.URLField(max_length=300, blank=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["-signed", "slug"]


class AgreementMilestone(models.Model):
    """What an agreement promises by a day, and on which day it was done."""

    agreement = models.ForeignKey(Agreement, models.CASCADE, related_name="milestones")
    title = models.JSONField()
    due = models.DateField()
    done = models.DateField(null=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["due", "pk"]


def team_record(team: Team) -> league.Team:
    """A team as cooperation knows it: its approved organisations and their countries."""
    members = tuple(
        league.Member(each.slug, each.country) for each in team.organisations.all() if each.approved
    )
    return league.Team(team.slug, team.name, members)


def plain(record: Any) -> Any:
    """A record as JSON keeps it."""
    return msgspec.to_builtins(record)


def challenge_named(slug: str) -> Challenge | None:
    """The newest version of a challenge that everybody may see."""
    return Challenge.objects.filter(shown_to_all(), slug=slug).order_by("-version").first()
