"""The centre's own key, which signs the heads of the log and the list of the league's keys; how it is replaced.

A new key is endorsed by the one before, so that whoever pinned that one (each node did) follows by itself. A key that was
stolen or lost endorses nobody: the new one is then made known by another way, and nodes take it by their owners' word.
"""

from __future__ import annotations

from datetime import datetime

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from lumbung.centre.members.audit import append
from lumbung.centre.members.log_heads import checkpoint
from lumbung.centre.members.models import AuditCheckpoint, CentreKey
from lumbung.centre.members.services import Refused
from lumbung.proving.keys import endorse, key_id, load_or_make_key, next_key, public_pem, take_next_key

FOLDER = "keys"


def centre_key() -> Ed25519PrivateKey:
    """Return the centre's present key; read each time, since it may be replaced while the centre runs."""
    return load_or_make_key(settings.HOME / FOLDER)


def note_own_key(now: datetime) -> CentreKey:
    """Return the life of the present key; the first time it is asked for, its beginning enters the log."""
    key = centre_key().public_key()
    found = CentreKey.objects.filter(key_id=key_id(key)).first()
    if found is not None:
        return found
    with transaction.atomic():
        # A centre older than this table signed heads already.
        first = AuditCheckpoint.objects.filter(key=key_id(key)).order_by("number").first()
        since = first.time if first is not None else now
        made, new = CentreKey.objects.get_or_create(
            key_id=key_id(key), defaults={"public_key": public_pem(key).decode(), "since": since}
        )
        if new:
            append(
                "centre.key_began",
                "centre",
                actor="centre",
                now=now,
                key=made.key_id,
                since=since.isoformat(),
            )
    return made


def rotate_centre_key(now: datetime, *, lost_since: datetime | None = None) -> CentreKey:
    """Replace the centre's key by a new one.

    Parameters
    ----------
    now : datetime
    lost_since : datetime, optional
        From when the present key is not trusted. It then endorses nobody, and what it signed from that day on is void.

    Raises
    ------
    Refused
        The day is in the future.
    """
    if lost_since is not None and lost_since > now:
        raise Refused(_("A key is revoked from a day that has come. To replace it later, replace it later."))
    folder, before = settings.HOME / FOLDER, centre_key()
    old, after = note_own_key(now), next_key(settings.HOME / FOLDER)
    known = CentreKey.objects.filter(key_id=key_id(after.public_key())).first()
    if known is not None:  # an earlier try was cut off before the last step
        take_next_key(folder)
        return known
    if lost_since is None:
        checkpoint(before, now)  # what is logged until now, under the key that vouched for it
    with transaction.atomic():
        made = CentreKey(
            key_id=key_id(after.public_key()), public_key=public_pem(after.public_key()).decode(), since=now
        )
        if lost_since is None:
            made.before, made.endorsement = old.key_id, endorse(before, after.public_key())
            append(
                "centre.key_rotated", "centre", actor="centre", now=now, key=made.key_id, before=old.key_id,
                endorsement=made.endorsement,
            )  # fmt: skip
        else:
            append(
                "centre.key_revoked",
                "centre",
                actor="centre",
                now=now,
                key=old.key_id,
                **{"from": lost_since.isoformat()},
            )
            append("centre.key_began", "centre", actor="centre", now=now, key=made.key_id)
        CentreKey.objects.filter(pk=old.pk).update(until=now, revoked_from=lost_since)
        made.save()
    take_next_key(folder)
    checkpoint(centre_key(), now)
    return made


def centre_pems(now: datetime) -> list[str]:
    """Return the centre's public keys, past and present, as PEM."""
    note_own_key(now)
    return list(CentreKey.objects.values_list("public_key", flat=True))
