"""Submissions, runs in their queue, nodes that judge them, evidence that came back."""

from __future__ import annotations

import secrets
from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from lumbung.centre.challenges.models import Blob, Challenge, Phase
from lumbung.centre.members.models import Country, Organisation, Team, User
from lumbung.proving.faults import Fault, Owner
from lumbung.proving.job import RunState
from lumbung.proving.key_history import KeyTerm


def new_token() -> str:
    """Return an unguessable public name, which on a command line never looks like an option."""
    return secrets.token_hex(10)


class Node(models.Model):
    """One judging machine of an organisation. Its evidence is verified with `public_key`."""

    name = models.SlugField(max_length=40, unique=True)
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="nodes")
    country = models.CharField(max_length=2, choices=Country.choices)
    public_key = models.TextField()
    key_id = models.CharField(max_length=64, unique=True)
    token_digest = models.CharField(max_length=64, unique=True)
    challenges = models.JSONField(default=list)
    holds = models.JSONField(default=dict)  # the digest of each, as it last said
    isolation = models.JSONField(default=dict)
    version = models.CharField(max_length=20, blank=True)
    active = models.BooleanField(default=True)
    joined = models.DateTimeField()
    last_seen = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.name


class NodeKey(models.Model):
    """The life of one key of a node's; `Node.public_key` is the present one."""

    node = models.ForeignKey(Node, models.PROTECT, related_name="keys")
    key_id = models.CharField(max_length=64, unique=True)
    public_key = models.TextField()
    since = models.DateTimeField()
    until = models.DateTimeField(null=True)
    revoked_from = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["-since", "-pk"]

    @property
    def term(self) -> KeyTerm:
        """The key's life as the record that verifiers know."""
        return KeyTerm(self.node.name, self.public_key, self.since, self.until, self.revoked_from)


class NodeApproval(models.Model):
    """The owner of a challenge version lets a node of another organisation judge it. Its own nodes need none."""

    challenge = models.ForeignKey(Challenge, models.CASCADE, related_name="approvals")
    node = models.ForeignKey(Node, models.CASCADE, related_name="approvals")
    made_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    made = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["challenge", "node"], name="one_approval_once")
        ]


class NodeEnrolment(models.Model):
    """A code with which one node may join, made by a node operator of the organisation."""

    organisation = models.ForeignKey(Organisation, models.CASCADE, related_name="+")
    digest = models.CharField(max_length=64, unique=True)
    made_by = models.ForeignKey(User, models.CASCADE, related_name="+")
    expires = models.DateTimeField()
    used = models.BooleanField(default=False)


class Weights(models.Model):
    """A file of weights that a team keeps here. The same bytes are stored once, whoever keeps them."""

    team = models.ForeignKey(Team, models.PROTECT, related_name="weights")
    blob = models.ForeignKey(Blob, models.PROTECT, related_name="+")
    name = models.CharField(_("name"), max_length=100)
    format = models.CharField(max_length=12)
    uploaded_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    created = models.DateTimeField()

    class Meta:
        ordering: ClassVar[list[str]] = ["-created"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["team", "blob"], name="one_file_once")]


class WeightsUpload(models.Model):
    """A file of weights on its way. How much of it came, its file says."""

    token = models.CharField(max_length=20, unique=True, default=new_token)
    team = models.ForeignKey(Team, models.CASCADE, related_name="+")
    digest = models.CharField(max_length=71)
    size = models.BigIntegerField()
    name = models.CharField(max_length=100)
    begun_by = models.ForeignKey(User, models.CASCADE, related_name="+")
    updated = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["team", "digest"], name="one_upload_once")]


class Submission(models.Model):
    """What a team handed in for a phase."""

    token = models.CharField(max_length=20, unique=True, default=new_token)
    team = models.ForeignKey(Team, models.PROTECT, related_name="submissions")
    phase = models.ForeignKey(Phase, models.PROTECT, related_name="submissions")
    name = models.CharField(_("name"), max_length=60)
    blob = models.ForeignKey(Blob, models.PROTECT, related_name="+")
    digest = models.CharField(max_length=71, db_index=True)
    weights: models.ManyToManyField[Weights, models.Model] = models.ManyToManyField(
        Weights, related_name="submissions"
    )
    declared = models.JSONField(null=True, help_text="what its submission.toml says; unknown of older ones")
    handed_in_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    created = models.DateTimeField(db_index=True)
    counts = models.BooleanField(default=True, help_text="against the team's daily limit")
    # Set where the owner had it judged anew under a new version: the one the team handed in.
    stands_for = models.ForeignKey("self", models.PROTECT, related_name="judged_anew", null=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["-created"]


class CountedWith(models.Model):
    """A body, an organisation or a domain, with whose submissions this one is counted: as it was when it was handed in."""

    submission = models.ForeignKey(Submission, models.CASCADE, related_name="counted_with")
    kind = models.CharField(max_length=12)
    key = models.CharField(max_length=255)
    name = models.CharField(max_length=255)

    class Meta:
        ordering: ClassVar[list[str]] = ["pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["kind", "key", "submission"], name="counted_once")
        ]


class Run(models.Model):
    """One submission at one node. See ``lumbung.proving.job.RunState`` for the states."""

    token = models.CharField(max_length=20, unique=True, default=new_token)
    submission = models.ForeignKey(Submission, models.PROTECT, related_name="runs")
    challenge = models.ForeignKey(Challenge, models.PROTECT, related_name="runs")
    node = models.ForeignKey(Node, models.PROTECT, related_name="runs", null=True)
    # Set where only one node can judge it (private cases): nobody else is offered the run.
    bound_to = models.ForeignKey(Node, models.PROTECT, related_name="+", null=True)
    rejudges = models.ForeignKey("self", models.PROTECT, related_name="rejudged_by", null=True)
    # Its evidence fell with its node's key, and this run was queued in its place.
    replaced_by = models.ForeignKey("self", models.PROTECT, related_name="replaces", null=True)
    state = models.CharField(
        max_length=10, choices=[(s.value, s.value) for s in RunState], default=RunState.QUEUED
    )
    turn = models.BigIntegerField()
    attempts = models.PositiveSmallIntegerField(default=0)
    lease = models.CharField(max_length=24, blank=True)
    lease_expires = models.DateTimeField(null=True)
    deadline = models.DateTimeField()
    queued = models.DateTimeField()
    leased = models.DateTimeField(null=True)
    started = models.DateTimeField(null=True)
    held = models.DateTimeField(null=True)
    ended = models.DateTimeField(null=True)
    finished_cases = models.PositiveIntegerField(default=0)
    total_cases = models.PositiveIntegerField(default=0)
    current_case = models.CharField(max_length=64, blank=True)
    fault_owner = models.CharField(max_length=12, blank=True)
    fault_code = models.CharField(max_length=40, blank=True)
    # What its node, or the centre itself, had to say about it: for who must mend a challenge or a node. No private data.
    words = models.TextField(blank=True)
    # What is wrong with the challenge although the run has its score (its pictures): a fault's code.
    finding = models.CharField(max_length=40, blank=True)
    log = models.TextField(blank=True)
    # What its node booked it at in the ledger of its private cases [bit].
    bits = models.FloatField(default=0.0)

    class Meta:
        ordering: ClassVar[list[str]] = ["-queued"]
        indexes: ClassVar = [
            models.Index(fields=["state", "turn", "id"], name="queue_order"),
            models.Index(fields=["state", "lease_expires"], name="lease_expiry"),
            models.Index(fields=["challenge", "state"], name="challenge_state"),
            models.Index(fields=["challenge", "-queued"], name="challenge_newest"),
        ]

    @property
    def over(self) -> bool:
        """Whether nothing more will happen."""
        return RunState(self.state).over

    @property
    def fault(self) -> Fault | None:
        """Why there is no score, if there is none."""
        return Fault(Owner(self.fault_owner), self.fault_code) if self.fault_code else None


class NodeLedger(models.Model):
    """What a node said last of its ledger of a challenge's private cases: what may be told, in bits."""

    node = models.ForeignKey(Node, models.CASCADE, related_name="ledgers")
    challenge = models.SlugField(max_length=64, db_index=True)
    # When its first line was booked; cases of other content begin a new ledger.
    begun = models.DateTimeField(null=True)
    budget = models.JSONField(default=dict)
    told = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["node", "challenge"], name="one_ledger_once")
        ]


class LedgerAccount(models.Model):
    """How much one of those who ask was told by a node, under the name that the centre gave them in jobs."""

    ledger = models.ForeignKey(NodeLedger, models.CASCADE, related_name="accounts")
    scope = models.CharField(max_length=12)
    name = models.CharField(max_length=64, blank=True)
    results = models.PositiveIntegerField()
    figures = models.PositiveIntegerField()
    bits = models.FloatField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["ledger", "scope", "name"], name="one_account_once")
        ]


class Evidences(models.QuerySet["EvidenceRecord"]):
    """Pieces of evidence, and which of them count."""

    def counted(self) -> Evidences:
        """Return what counts: whole, and signed with a key that was trusted then."""
        return self.filter(complete=True, fallen=None)

    def ranked(self) -> Evidences:
        """Return what standings are computed from, node by node (nodes may hold the same cases): no second judgement."""
        return self.counted().filter(run__rejudges=None).order_by("run__node__name", "pk")


class EvidenceRecord(models.Model):
    """A run's evidence as it was signed, and its figures as a standing reads them."""

    objects = Evidences.as_manager()

    run = models.OneToOneField(Run, models.PROTECT, related_name="evidence")
    envelope = models.TextField()
    digest = models.CharField(max_length=71, unique=True)
    figures_digest = models.CharField(max_length=71, db_index=True)
    complete = models.BooleanField()
    key_id = models.CharField(max_length=64, db_index=True, default="")
    # Since when it counts no more: its key was revoked from a day before it came in.
    fallen = models.DateTimeField(null=True)
    # What it is worth alone, on the scale that is averaged, and over how many groups: tells a team's best submission.
    score = models.FloatField(null=True)
    groups = models.PositiveIntegerField(default=0)
    received = models.DateTimeField()
    pictures = models.JSONField(default=list)

    class Meta:
        indexes: ClassVar = [
            models.Index(
                fields=["-received", "-id"], condition=models.Q(complete=True, fallen=None), name="counted"
            )
        ]
