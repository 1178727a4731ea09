"""Weights that teams keep here: they come in pieces, over lines that break, and each file is stored once.

A piece that was cut stays as far as it came: whoever goes on asks how much that is, and sends the rest. When all is here its digest is
computed anew; a file that is another than was announced is thrown away and said. Whoever wants to use a file has sent it:
knowing its digest is not enough.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO

from django.conf import settings
from django.db import transaction
from django.db.models import Count, QuerySet, Sum
from django.utils.translation import gettext as _

from lumbung.centre.challenges import blobs
from lumbung.centre.challenges.models import Blob
from lumbung.centre.members.access import NotFound, in_team, require
from lumbung.centre.members.audit import append
from lumbung.centre.members.models import Team, User
from lumbung.centre.members.services import Refused
from lumbung.centre.runs.models import Weights, WeightsUpload
from lumbung.proving.declaration import Declaration
from lumbung.proving.weights import WeightsError, look_at

PIECE = 8 * 2**20
"""The most that one request may bring [bytes]."""
CHUNK = 64 * 2**10


def begin(
    user: User, team: Team, digest: str, size: int, name: str, *, now: datetime
) -> WeightsUpload | None:
    """Begin to take a file of weights, or go on with one; None where the team keeps it already.

    Raises
    ------
    Refused
        It is too large, or more than an organisation of the team's may keep.
    """
    require(in_team(user, team))
    if not 0 < size <= settings.WEIGHTS_LIMIT:
        raise Refused(
            _("A file of weights may have up to %(limit)d MiB.") % {"limit": settings.WEIGHTS_LIMIT >> 20}
        )
    with transaction.atomic():
        # One of an organisation's teams after the other: two at once would both find room for the same bytes.
        list(team.organisations.select_for_update().order_by("pk"))
        list(Team.objects.select_for_update().filter(pk=team.pk))
        if Weights.objects.filter(team=team, blob_id=digest).exists():
            return None
        found = WeightsUpload.objects.filter(team=team, digest=digest).first()
        if found is not None and found.size == size:
            return found
        if found is not None:  # a digest has one size: what came was announced as something else
            _forget(found)
        _check_quota(team, size)
        return WeightsUpload.objects.create(
            team=team, digest=digest, size=size, name=name, begun_by=user, updated=now
        )


def kept_bytes(team: Team) -> list[tuple[str, int]]:
    """Return how much each organisation of a team keeps, uploads included, or the team where it has none [bytes]."""
    bodies = list(team.organisations.all())
    if not bodies:
        return [(team.name, _bytes_of([team.pk]))]
    return [(body.name, _bytes_of(list(body.teams.values_list("pk", flat=True)))) for body in bodies]


def _bytes_of(teams: list[int]) -> int:
    named = Weights.objects.filter(team__in=teams).values("blob")
    kept = Blob.objects.filter(pk__in=named).aggregate(total=Sum("size"))["total"]
    coming = WeightsUpload.objects.filter(team__in=teams).aggregate(total=Sum("size"))["total"]
    return (kept or 0) + (coming or 0)


def _check_quota(team: Team, size: int) -> None:
    for name, kept in kept_bytes(team):
        if kept + size > settings.WEIGHTS_QUOTA:
            raise Refused(
                _("%(body)s keeps %(kept)d MiB of weights, and may keep %(quota)d MiB: remove some first.")
                % {"body": name, "kept": kept >> 20, "quota": settings.WEIGHTS_QUOTA >> 20}
            )


def find_upload(user: User, token: str) -> WeightsUpload:
    """Return an upload of one of one's teams.

    Raises
    ------
    NotFound
    """
    found = WeightsUpload.objects.select_related("team").filter(token=token, team__members=user).first()
    if found is None:
        raise NotFound
    return found


def received(upload: WeightsUpload) -> int:
    """Return how much of a file has come [bytes]."""
    try:
        return _part(upload).stat().st_size
    except FileNotFoundError:
        return 0


def take_piece(upload: WeightsUpload, offset: int, body: Any, *, now: datetime) -> int:
    """Append what *body* brings, as far as it comes; returns how much is here then [bytes].

    Where *offset* is not how much is here nothing is taken: the sender goes on from what is returned.
    """
    with _held(upload) as file:
        here = file.seek(0, os.SEEK_END)
        if offset == here:
            most = min(PIECE, upload.size - here)
            while most and (chunk := _next(body, min(CHUNK, most))):
                file.write(chunk)
                most -= len(chunk)
            file.flush()
            os.fsync(file.fileno())
            here = file.tell()
    WeightsUpload.objects.filter(pk=upload.pk).update(updated=now)
    return here


def _next(body: Any, size: int) -> bytes:
    """Return what comes next; nothing more where the line was cut. A disk that is full is another matter, and is not hidden."""
    try:
        chunk: bytes = body.read(size)
    except OSError:
        return b""
    return chunk


def finish(user: User, upload: WeightsUpload, *, now: datetime) -> Weights:
    """Look at a file that is whole, and keep it.

    Raises
    ------
    Refused
        Something is missing yet; it is not the file that was announced; it was cut before it was sent.
    """
    with _held(upload) as file:
        part, came = _part(upload), file.seek(0, os.SEEK_END)
        if came != upload.size:
            raise Refused(
                _("The file was cut on the way: %(came)d of %(size)d bytes came. Send it again.")
                % {"came": came, "size": upload.size}
            )
        try:
            kind = look_at(_called(part, upload.name))
            blob = blobs.put(_pieces(part), limit=upload.size, now=now, digest=upload.digest)
        except WeightsError as error:
            _forget(upload)
            raise Refused(_("The file of weights cannot be taken: %(reason)s") % {"reason": error}) from None
        except Refused:
            _forget(upload)
            raise
        finally:
            _called(part, upload.name, gone=True)
        with transaction.atomic():
            made, _new = Weights.objects.get_or_create(
                team=upload.team,
                blob=blob,
                defaults={"name": upload.name, "format": kind, "uploaded_by": user, "created": now},
            )
            append("weights.kept", blob.digest, actor=user, now=now, team=upload.team.slug, size=blob.size)
        _forget(upload)
    return made


def remove(user: User, team: Team, digest: str, *, now: datetime) -> None:
    """Keep a file of weights no longer. Where no other team keeps it either, its bytes go.

    Raises
    ------
    NotFound
    Refused
        A submission names it.
    """
    require(in_team(user, team))
    with transaction.atomic():
        found = Weights.objects.select_for_update().filter(team=team, blob_id=digest).first()
        if found is None:
            raise NotFound
        if found.submissions.exists():
            raise Refused(_("A submission names these weights: they stay, so that it can be judged again."))
        found.delete()
        append("weights.removed", digest, actor=user, now=now, team=team.slug)


class WeightsMissing(Refused):
    """A submission names weights that its team does not keep here.

    Attributes
    ----------
    declared : Declaration
        All that it declares.
    """

    def __init__(self, team: Team, declared: Declaration, missing: Mapping[str, str]) -> None:
        self.declared = declared
        files = ", ".join(f"{name} ({digest[:19]}…)" for name, digest in missing.items())
        super().__init__(
            _(
                "These weights are not here yet: %(files)s. Send them first: lumbung weights send FILE --team %(team)s"
            )
            % {"files": files, "team": team.slug}
        )


def weights_named(team: Team, declared: Declaration) -> list[Weights]:
    """Return the weights that a submission names, all of which its team must keep here.

    Raises
    ------
    WeightsMissing
    """
    found = by_name(team, declared.weights)
    missing = {name: declared.weights[name] for name, kept in found.items() if kept is None}
    if missing:
        raise WeightsMissing(team, declared, missing)
    return list({kept.pk: kept for kept in found.values() if kept is not None}.values())


def by_name(team: Team, named: Mapping[str, str]) -> dict[str, Weights | None]:
    """Return what a team keeps here of the digests that a submission names; None where it does not."""
    rows = Weights.objects.filter(team=team, blob_id__in=named.values()).select_related("blob")
    kept = {each.blob_id: each for each in rows}
    return {name: kept.get(digest) for name, digest in named.items()}


def kept_by(team: Team) -> QuerySet[Weights]:
    """Return a team's weights, the newest first; ``used`` says how many submissions name each."""
    return team.weights.select_related("blob").annotate(used=Count("submissions"))


def on_their_way(team: Team) -> list[tuple[WeightsUpload, int]]:
    """Return the uploads that a team has begun, and how much of each is here [bytes]."""
    return [(each, received(each)) for each in WeightsUpload.objects.filter(team=team).order_by("-updated")]


def forget_uploads(before: datetime) -> int:
    """Forget uploads that nobody went on with since *before*; returns how many."""
    stale = list(WeightsUpload.objects.filter(updated__lt=before))
    for upload in stale:
        _forget(upload)
    return len(stale)


def _part(upload: WeightsUpload) -> Path:
    return Path(settings.UPLOADS) / f"{upload.token}.part"


def _called(part: Path, name: str, *, gone: bool = False) -> Path:
    """Return the file under its own name, by whose ending some formats are known."""
    link = part.parent / part.stem / name
    if gone:
        link.unlink(missing_ok=True)
        if link.parent.is_dir():
            link.parent.rmdir()
        return link
    link.parent.mkdir(exist_ok=True)
    if not link.exists():
        os.link(part, link)
    return link


@contextmanager
def _held(upload: WeightsUpload) -> Iterator[BinaryIO]:
    """Open an upload's file; who comes meanwhile waits, so that two senders never mix their pieces.

    Raises
    ------
    NotFound
        Who was waited for finished it, or it was forgotten.
    """
    path = _part(upload)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with path.open("ab") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        if not WeightsUpload.objects.filter(pk=upload.pk).exists():
            path.unlink(missing_ok=True)
            raise NotFound
        yield file


def _pieces(path: Path) -> Iterable[bytes]:
    with path.open("rb") as file:
        while piece := file.read(1 << 20):
            yield piece


def _forget(upload: WeightsUpload) -> None:
    part = _part(upload)
    upload.delete()
    part.unlink(missing_ok=True)
