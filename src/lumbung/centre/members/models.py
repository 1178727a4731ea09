"""People, organisations, teams, tokens, and the hash-chained log of what they did."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.auth.models import AbstractUser, BaseUserManager
from django.db import models
from django.utils.translation import gettext_lazy as _

from lumbung.centre.members.names import skeleton


class Country(models.TextChoices):
    """The eleven ASEAN members and China (ISO 3166-1 alpha-2)."""

    BN = "BN", _("Brunei Darussalam")
    KH = "KH", _("Cambodia")
    CN = "CN", _("China")
    ID = "ID", _("Indonesia")
    LA = "LA", _("Laos")
    MY = "MY", _("Malaysia")
    MM = "MM", _("Myanmar")
    PH = "PH", _("Philippines")
    SG = "SG", _("Singapore")
    TH = "TH", _("Thailand")
    TL = "TL", _("Timor-Leste")
    VN = "VN", _("Viet Nam")


class UserManager(BaseUserManager["User"]):
    """Makes users known by their e-mail address."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> User:
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> User:
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)


class User(AbstractUser):
    """A person. `is_staff` is centre staff; `is_auditor` reads everything that may be audited and changes nothing."""

    username = None  # type: ignore[assignment]
    first_name = None  # type: ignore[assignment]
    last_name = None  # type: ignore[assignment]
    email = models.EmailField(_("e-mail address"), unique=True)
    name = models.CharField(_("name"), max_length=80, blank=True)
    language = models.CharField(max_length=10, default="en")
    is_auditor = models.BooleanField(default=False)
    wants_answers = models.BooleanField(default=True)
    wants_digest = models.BooleanField(default=True)

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []
    objects = UserManager()  # type: ignore[misc,assignment]

    def __str__(self) -> str:
        return self.name or self.email.partition("@")[0]


class Named(models.Model):
    """What people tell apart by its name: no two look alike, whoever saves them."""

    name: models.CharField[str, str]
    looks = models.CharField(max_length=400, unique=True, editable=False)

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.looks = skeleton(self.name)
        super().save(*args, **kwargs)


class Organisation(Named):
    """A company, university or public body. It takes part once the centre's staff approved it."""

    class Kind(models.TextChoices):
        COMPANY = "company", _("company")
        UNIVERSITY = "university", _("university")
        PUBLIC = "public", _("public body")
        OTHER = "other", _("other")

    class Size(models.TextChoices):
        MICRO = "micro", _("up to 9 people")
        SMALL = "small", _("10 to 49 people")
        MEDIUM = "medium", _("50 to 249 people")
        LARGE = "large", _("250 people or more")

    slug = models.SlugField(max_length=40, unique=True)
    name = models.CharField(_("name"), max_length=120)
    country = models.CharField(_("country"), max_length=2, choices=Country.choices)
    kind = models.CharField(_("kind"), max_length=12, choices=Kind.choices)
    size = models.CharField(_("size"), max_length=8, choices=Size.choices, default=Size.SMALL)
    about = models.TextField(_("about"), max_length=2000, blank=True)
    approved = models.BooleanField(default=False)
    created = models.DateTimeField()

    class Meta:
        ordering: ClassVar[list[str]] = ["name"]

    def __str__(self) -> str:
        return self.name


class Word(models.Model):
    """What was said while an organisation waits for approval: by staff, and by those who registered it."""

    class Kind(models.TextChoices):
        QUESTION = "question", _("question")
        DECLINED = "declined", _("declined")
        ANSWER = "answer", _("answer")

    organisation = models.ForeignKey(Organisation, models.CASCADE, related_name="words")
    author = models.ForeignKey(User, models.SET_NULL, related_name="+", null=True)
    kind = models.CharField(max_length=8, choices=Kind.choices)
    text = models.TextField(max_length=2000)
    said = models.DateTimeField()

    class Meta:
        ordering: ClassVar[list[str]] = ["pk"]


class Membership(models.Model):
    """A person's role in an organisation."""

    class Role(models.TextChoices):
        MEMBER = "member", _("member")
        ADMINISTRATOR = "administrator", _("administrator")
        CHALLENGE_OWNER = "challenge_owner", _("challenge owner")
        NODE_OPERATOR = "node_operator", _("node operator")

    user = models.ForeignKey(User, models.CASCADE, related_name="memberships")
    organisation = models.ForeignKey(Organisation, models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=16, choices=Role.choices)
    accepted = models.BooleanField(default=False)
    created = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["user", "organisation", "role"], name="one_role_once")
        ]


class Team(Named):
    """People who hand in together, from one organisation or several."""

    slug = models.SlugField(max_length=40, unique=True)
    name = models.CharField(_("name"), max_length=80)
    organisations: models.ManyToManyField[Organisation, models.Model] = models.ManyToManyField(
        Organisation, related_name="teams", blank=True
    )
    members: models.ManyToManyField[User, models.Model] = models.ManyToManyField(User, related_name="teams")
    captain = models.ForeignKey(User, models.PROTECT, related_name="captain_of")
    founder = models.ForeignKey(User, models.PROTECT, related_name="+", null=True)
    # The team it joined; it has no members since, and its name stays taken.
    merged_into = models.ForeignKey("self", models.PROTECT, related_name="+", null=True)
    created = models.DateTimeField()

    class Meta:
        ordering: ClassVar[list[str]] = ["name"]

    def __str__(self) -> str:
        return self.name


class TeamMerger(models.Model):
    """One team asks another to take it in; its captain has agreed by asking, the other's agrees or declines."""

    joining = models.ForeignKey(Team, models.CASCADE, related_name="mergers_asked")
    into = models.ForeignKey(Team, models.CASCADE, related_name="mergers")
    asked_by = models.ForeignKey(User, models.CASCADE, related_name="+")
    created = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["joining", "into"], name="one_merger_once")]


class TeamInvitation(models.Model):
    """A person asked to join a team; nothing is shared before they accept."""

    team = models.ForeignKey(Team, models.CASCADE, related_name="invitations")
    email = models.EmailField()
    token = models.CharField(max_length=43, unique=True)
    created = models.DateTimeField()
    accepted = models.BooleanField(default=False)


class Suspension(models.Model):
    """Staff let a person in no more, or a team hand nothing in, until it is lifted."""

    person = models.ForeignKey(User, models.CASCADE, related_name="suspensions", null=True)
    team = models.ForeignKey(Team, models.CASCADE, related_name="suspensions", null=True)
    why = models.TextField(max_length=1000)
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    since = models.DateTimeField()
    lifted = models.DateTimeField(null=True)
    lifted_by = models.ForeignKey(User, models.PROTECT, related_name="+", null=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(person=None) ^ models.Q(team=None), name="a_person_or_a_team"
            )
        ]


class Notice(models.Model):
    """Something that happened and concerns a person: what, and where it stands (see ``members/notices.py``)."""

    person = models.ForeignKey(User, models.CASCADE, related_name="notices")
    kind = models.CharField(max_length=16)
    said = models.JSONField(default=dict)
    address = models.CharField(max_length=200)
    created = models.DateTimeField()
    read = models.DateTimeField(null=True)
    # When a letter told of it, its own or a digest.
    lettered = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["-pk"]
        indexes: ClassVar = [
            models.Index(fields=["person"], condition=models.Q(read=None), name="unread"),
            models.Index(
                fields=["created"], condition=models.Q(read=None, lettered=None), name="for_a_digest"
            ),
        ]


class ApiToken(models.Model):
    """A key for programs. Only its digest is kept; it is shown once, when made."""

    class Scope(models.TextChoices):
        READ = "read", _("read")
        SUBMIT = "submit", _("hand in and withdraw submissions")
        MANAGE = "manage", _("manage challenges and organisations")

    user = models.ForeignKey(User, models.CASCADE, related_name="api_tokens")
    name = models.CharField(_("name"), max_length=60)
    digest = models.CharField(max_length=64, unique=True)
    scopes = models.CharField(max_length=60)
    created = models.DateTimeField()
    expires = models.DateTimeField(null=True)
    last_used = models.DateTimeField(null=True)

    def allows(self, scope: str) -> bool:
        """Tell whether the token may do what *scope* names."""
        return scope in self.scopes.split()


class AuditEntry(models.Model):
    """One act that mattered. Each entry's hash covers the one before it: no entry can change, go or move unseen."""

    number = models.BigIntegerField(primary_key=True)
    time = models.DateTimeField()
    actor = models.CharField(max_length=80)
    act = models.CharField(max_length=40, db_index=True)
    subject = models.CharField(max_length=120)
    details = models.JSONField(default=dict)
    previous = models.CharField(max_length=64)
    hash = models.CharField(max_length=64)

    class Meta:
        ordering: ClassVar[list[str]] = ["number"]


class AuditCheckpoint(models.Model):
    """A signature over the log's head, so that its whole past cannot be written anew."""

    number = models.BigIntegerField(primary_key=True)
    hash = models.CharField(max_length=64)
    key = models.CharField(max_length=64)
    signature = models.CharField(max_length=120)
    time = models.DateTimeField()
    # The same head over a Merkle tree of the entries, as a signed note; heads older than the tree have none.
    note = models.TextField(blank=True)


class CentreKey(models.Model):
    """The life of one key of the centre's. The private half of the present one lies in ``LUMBUNG_HOME/keys``."""

    key_id = models.CharField(max_length=64, unique=True)
    public_key = models.TextField()
    since = models.DateTimeField()
    until = models.DateTimeField(null=True)
    revoked_from = models.DateTimeField(null=True)
    # The signature of the key before it, for who trusts that one.
    endorsement = models.CharField(max_length=120, blank=True)
    before = models.CharField(max_length=64, blank=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["since", "pk"]


class AuditTile(models.Model):
    """The head of a complete run of entries, kept so that proofs of a long log read few of them."""

    number = models.BigIntegerField(primary_key=True)
    head = models.CharField(max_length=64)


class AuditCosignature(models.Model):
    """A node's line under a signed head: it saw this head, and it continued what it had seen before."""

    checkpoint = models.ForeignKey(AuditCheckpoint, models.PROTECT, related_name="cosignatures")
    witness = models.CharField(max_length=40)
    key = models.TextField()
    line = models.CharField(max_length=240)
    time = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["checkpoint", "witness"], name="one_line_a_witness")
        ]


class SearchEntry(models.Model):
    """Something that everybody may find: where it is, and what it is found by (see ``members/searching.py``)."""

    kind = models.CharField(max_length=16)
    key = models.CharField(max_length=80)
    title = models.JSONField()
    address = models.CharField(max_length=200)
    text = models.CharField(max_length=400, blank=True)
    digest = models.CharField(max_length=32)
    # What it is found by, for PostgreSQL; SQLite keeps it in a table of its own kind (migration 0007).
    words = models.TextField(blank=True)
    changed = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["kind", "key"], name="one_entry_once")]
