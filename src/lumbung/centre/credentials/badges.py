"""Badges of the centre: its key and DID, issuing to a holder, sharing, taking back, and the lists of what was taken back."""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlparse

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from lumbung.centre.challenges.models import Challenge
from lumbung.centre.credentials.bank import CUTS, TEST
from lumbung.centre.credentials.models import Badge, Sitting, StatusPlace
from lumbung.centre.credentials.results import has_result, result_of
from lumbung.centre.members.access import NotFound, in_team, is_staff, known, require
from lumbung.centre.members.audit import append
from lumbung.centre.members.models import User
from lumbung.centre.members.services import Refused
from lumbung.centre.runs.models import EvidenceRecord
from lumbung.centre.standings.selectors import Place
from lumbung.talent.credentials import (
    Ability,
    BadgeProblem,
    Holder,
    Issuer,
    SigningKey,
    StandingResult,
    StatusList,
    integrity,
    issue_badge,
    status_credential,
)
from lumbung.talent.credentials.badge import ability_achievement, achievement_address
from lumbung.talent.credentials.from_standing import standing_result
from lumbung.talent.credentials.keys import did_document
from lumbung.talent.credentials.status import MINIMUM_PLACES
from lumbung.talent.credentials.wording import LANGUAGES

if TYPE_CHECKING:
    from lumbung.centre.members.access import Visitor

VALID = timedelta(days=3 * 365)  # skills fade
FRESH = timedelta(days=1)  # how long a reader may rely on a list of revoked badges
_KEY = "badges.pem"
_LOOPBACK = {"localhost", "127.0.0.1", "::1"}


def did() -> str:
    """Return the centre's name as an issuer: the did:web of its own address."""
    parts = urlparse(settings.PUBLIC_URL)
    return f"did:web:{quote(parts.netloc, safe='')}"


def _keys() -> Path:
    folder = Path(settings.HOME) / "keys"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder


def signing_key() -> SigningKey:
    """Return the key that signs badges, made at first use; mode 600."""
    path = _keys() / _KEY
    if not path.exists():
        draft = path.with_name(f".{_KEY}.{os.getpid()}")
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(SigningKey.generate().pem())
        try:
            os.link(draft, path)  # unlike a rename, this never replaces a key another process has just made
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return SigningKey.from_pem(path.read_bytes(), did())


def own_document() -> dict[str, Any]:
    """Return the DID document: the present key, and former ones (``badges-*.pem``) so that old badges stay valid."""
    former = [SigningKey.from_pem(path.read_bytes(), did()) for path in sorted(_keys().glob("badges-*.pem"))]
    return did_document(did(), [key.multikey for key in (signing_key(), *former)])


def _issuer() -> Issuer:
    return Issuer(did(), settings.ISSUER_NAME, settings.PUBLIC_URL)


def check_address(reached: str) -> None:
    """Refuse to issue where the address people reach the centre at is not the one badges name for years.

    Parameters
    ----------
    reached : str
        Scheme-less address of the request, such as ``lumbung.example:8771``.

    Raises
    ------
    Refused
    """
    own = urlparse(settings.PUBLIC_URL)
    default = {"https": 443, "http": 80}.get(own.scheme)
    here = urlparse(f"//{reached}")
    same_name = here.hostname == own.hostname or {here.hostname, own.hostname} <= _LOOPBACK
    if not same_name or (here.port or default) != (own.port or default):
        raise Refused(
            _(
                "Badges of this centre would name %(own)s, but it is reached at %(here)s: nobody could verify them. Whoever "
                "runs the centre sets LUMBUNG_URL to its address."
            )
            % {"own": settings.PUBLIC_URL, "here": reached}
        )


def list_address(number: int) -> str:
    """Return where a list of revoked badges is published."""
    return f"{settings.PUBLIC_URL}/status/{number}"


def verify_address() -> str:
    """Return the page that verifies a badge in the reader's browser."""
    return f"{settings.PUBLIC_URL}/badges/verify/"


def _stamp(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def issue(person: User, sitting: Sitting, *, language: str, name: str, shared: bool, now: datetime) -> Badge:
    """Issue a badge over one's own result; it shows of the holder what the holder gives as *name*, nothing by default.

    Raises
    ------
    Refused
        When the result is too thin, or a badge for it is in force already.
    """
    if sitting.user_id != person.pk:
        raise NotFound
    if not has_result(sitting):
        raise Refused(_("This test ended too early to say anything."))
    if sitting.site_id and sitting.confirmed is None:
        raise Refused(_("Whoever supervised the test has not confirmed it yet. They have a week; ask them."))
    result = result_of(sitting)
    measured = Ability(
        result.whole.mean, result.whole.error, sitting.answered, sitting.language, sitting.test,
        sitting.finished.date(), sitting.proctored,  # type: ignore[union-attr]
        sitting.site.name if sitting.proctored and sitting.site else None,
        result.level or None, dict(result.levels)[result.level] if result.level else None,
    )  # fmt: skip
    badge = Badge(sitting=sitting, level=result.level, shared=shared)
    return _signed(person, badge, measured, language, name, now)


def issue_over_standing(
    person: User, place: Place, *, language: str, name: str, shared: bool, now: datetime
) -> Badge:
    """Issue a badge over the place of one's team in a standing.

    Each person of the team may hold one of their own. It names the evidence by its digests and dates the standing: a
    later standing changes nothing on it.

    Raises
    ------
    Refused
        When the standing gives no 95 % interval, or the person holds a badge over it already.
    """
    if not in_team(person, place.submission.team):
        raise NotFound
    challenge = place.submission.phase.challenge
    titles, phases = challenge.record["title"], place.submission.phase.title
    title = f"{titles.get(language) or titles['en']} ({phases.get(language) or phases['en']})"
    try:
        measured = standing_result(
            place.standing, place.row.name, title=title, unit=place.standing.metric, evidence=place.evidence(),
            decided_on=now.date(),
        )  # fmt: skip
    except BadgeProblem:
        raise Refused(
            _("This standing gives no 95 % interval, and a badge shows no score without one.")
        ) from None
    badge = Badge(submission=place.submission, shared=shared)
    return _signed(person, badge, measured, language, name, now)


def _signed(
    person: User, badge: Badge, measured: Ability | StandingResult, language: str, name: str, now: datetime
) -> Badge:
    with transaction.atomic():
        User.objects.select_for_update().get(pk=person.pk)
        if person.badges.filter(sitting=badge.sitting, submission=badge.submission, revoked=None).exists():
            raise Refused(
                _("There is a badge for this result already. Take it back first to get another one.")
            )
        badge.status = _free_place()
        badge.document = issue_badge(
            measured,
            issuer=_issuer(),
            key=signing_key(),
            valid_from=_stamp(now),
            valid_until=_stamp(now + VALID),
            holder=Holder(name=name.strip()[:80] or None),
            language=language,
            status=(list_address(badge.status.list_number), badge.status.place),
            suite=integrity.BOTH,
        )
        badge.token, badge.user, badge.created = secrets.token_urlsafe(16), person, now
        badge.save()
        append("badge.issued", badge.token, actor=person, now=now)
    return badge


def _free_place() -> StatusPlace:
    """Take a random place of the list in use; a list counts as full at nine tenths, and the next one begins."""
    last = StatusPlace.objects.order_by("-list_number").values_list("list_number", flat=True).first() or 1
    full = StatusPlace.objects.filter(list_number=last).count() >= MINIMUM_PLACES * 9 // 10
    number = last + 1 if full else last
    while True:
        try:
            with transaction.atomic():
                return StatusPlace.objects.create(list_number=number, place=secrets.randbelow(MINIMUM_PLACES))
        except IntegrityError:
            continue


def status_list(number: int, now: datetime) -> Mapping[str, Any]:
    """Return a signed list of revoked badges.

    Raises
    ------
    NotFound
    """
    if number != 1 and not StatusPlace.objects.filter(list_number=number).exists():
        raise NotFound
    bits = StatusList()
    for place in StatusPlace.objects.filter(list_number=number, revoked=True).values_list("place", flat=True):
        bits.set(place)
    key = signing_key()
    document = status_credential(bits, list_address(number), did(), _stamp(now), _stamp(now + FRESH))
    return integrity.add_proofs(document, key, _stamp(now), integrity.BOTH)


def status_lists(now: datetime) -> list[Mapping[str, Any]]:
    """Return all lists there are."""
    numbers = StatusPlace.objects.order_by("list_number").values_list("list_number", flat=True).distinct()
    return [status_list(number, now) for number in numbers]


def achievement(name: str) -> Mapping[str, Any]:
    """Return what a badge of this centre names as achieved, by the end of its address.

    Parameters
    ----------
    name : str
        ``TEST/LEVEL/LANGUAGE`` for the test, with ``ability`` where no level is named; else as on a badge over a standing.

    Raises
    ------
    NotFound
    """
    test, _, rest = name.rpartition("/")[0].rpartition("/")
    language, level = name.rpartition("/")[2], rest
    if test == TEST and language in LANGUAGES and level in ("ability", *CUTS):
        return ability_achievement(_issuer(), test, None if level == "ability" else level, language)
    address = achievement_address(_issuer(), name)
    found = (
        Badge.objects.exclude(submission=None)
        .filter(document__credentialSubject__achievement__id=address)
        .first()
    )
    if found is None:
        raise NotFound
    return dict(found.document["credentialSubject"]["achievement"])


def badges_of(person: User) -> QuerySet[Badge]:
    """Return one's own badges, newest first."""
    return person.badges.all()


def find_badge(person: Visitor, token: str) -> Badge:
    """Return a badge to its holder, to staff, and to everybody while its page is open.

    Raises
    ------
    NotFound
    """
    found = Badge.objects.select_related("status").filter(token=token).first()
    if found is None or not (
        found.shared or is_staff(person) or (known(person) and found.user_id == person.pk)
    ):
        raise NotFound
    return found


def share(person: User, badge: Badge, *, shared: bool) -> None:
    """Open or close a badge's page, as its holder wants."""
    if badge.user_id != person.pk:
        raise NotFound
    Badge.objects.filter(pk=badge.pk).update(shared=shared)


def take_back_fallen(
    sender: object, records: Sequence[EvidenceRecord], now: datetime, **_more: object
) -> None:
    """Revoke the badges over standings that name evidence which counts no more: its node's key was revoked.

    A badge that names other evidence stays: it dates its standing, and a later one changes nothing on it.
    """
    fell = {f"urn:{record.digest}" for record in records}
    over = Badge.objects.filter(submission__in={record.run.submission_id for record in records}, revoked=None)
    for badge in over.select_for_update():
        if fell.isdisjoint(piece["id"] for piece in badge.document["evidence"]):
            continue
        Badge.objects.filter(pk=badge.pk).update(revoked=now, reason=Badge.FELL)
        StatusPlace.objects.filter(pk=badge.status_id).update(revoked=True)
        append("badge.revoked", badge.token, actor="centre", now=now, why=Badge.FELL)


def newer_version(badge: Badge) -> Challenge | None:
    """Return the newest version of the challenge that a badge over a standing is of, where it is another than the badge's."""
    if badge.submission is None:
        return None
    own = badge.submission.phase.challenge
    newer = Challenge.objects.filter(slug=own.slug, version__gt=own.version).exclude(
        state=Challenge.State.DRAFT
    )
    return newer.order_by("-version").first()


def take_back(person: User, badge: Badge, *, reason: str, now: datetime) -> None:
    """Revoke a badge: its holder at will, staff with a reason."""
    require(badge.user_id == person.pk or is_staff(person))
    if badge.user_id != person.pk and not reason.strip():
        raise Refused(_("Say why: the holder reads it."))
    with transaction.atomic():
        changed = Badge.objects.filter(pk=badge.pk, revoked=None).update(
            revoked=now, reason=reason.strip()[:200]
        )
        if changed:
            StatusPlace.objects.filter(pk=badge.status_id).update(revoked=True)
            append("badge.revoked", badge.token, actor=person, now=now)
