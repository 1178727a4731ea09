"""What changes challenges. The centre reads a challenge's own words and never runs its judge: nodes do."""

from __future__ import annotations

import tarfile
import tempfile
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path, PurePosixPath

import msgspec
from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from lumbung.centre.challenges import blobs
from lumbung.centre.challenges.models import Blob, Challenge, Phase
from lumbung.centre.challenges.shown import baselines, sample
from lumbung.centre.members.access import Role, has_role, is_staff, require
from lumbung.centre.members.audit import append
from lumbung.centre.members.models import Organisation, User
from lumbung.centre.members.services import Refused
from lumbung.proving.challenge import ChallengeError, ChallengeFolder, fit_to_be_seen, read_challenge
from lumbung.proving.packing import PICTURE, write_tar
from lumbung.sandbox import ParcelError, unpack


def pack(folder: Path, into: Path) -> Path:
    """Pack a folder as a plain tar whose bytes depend on its content alone."""
    with tarfile.open(into, "w") as archive:
        for path in sorted(folder.rglob("*")):
            info = archive.gettarinfo(path, arcname=str(path.relative_to(folder)))
            info.uid = info.gid = info.mtime = 0
            info.uname = info.gname = ""
            info.mode = 0o755 if path.is_dir() or path.stat().st_mode & 0o100 else 0o644
            if path.is_file():
                with path.open("rb") as file:
                    archive.addfile(info, file)
            elif path.is_dir():
                archive.addfile(info)
    return into


def unpack_upload(upload: Iterable[bytes], folder: Path, *, alone: str = "") -> Path:
    """Take an uploaded zip or tar in with distrust: unpack it within limits below *folder*, and return where.

    Nothing is stored yet: whoever looks at the content and refuses it leaves nothing behind.

    Parameters
    ----------
    upload : iterable of bytes
    folder : Path
    alone : str
        Under which name the file may stand for itself, as the only one of its folder; none takes archives alone.

    Raises
    ------
    Refused
    """
    archive = folder / "upload"
    size = 0
    with archive.open("wb") as file:
        for chunk in upload:
            size += len(chunk)
            if size > settings.UPLOAD_LIMIT:
                raise Refused(
                    _("The file is larger than the %(limit)d MiB allowed.")
                    % {"limit": settings.UPLOAD_LIMIT >> 20}
                )
            file.write(chunk)
    content = folder / "content"
    if alone:
        content.mkdir()
        archive.rename(content / alone)
        return content
    try:
        return unpack(archive, content)
    except ParcelError as error:
        raise Refused(_("The archive cannot be taken: %(reason)s") % {"reason": error}) from None


def store_folder(content: Path, scratch: Path, now: datetime) -> Blob:
    """Store a folder, found good, as a plain tar."""
    return _store(pack(content, scratch / "packed.tar"), now)


def _store(packed: Path, now: datetime) -> Blob:
    with packed.open("rb") as file:
        return blobs.put(iter(lambda: file.read(1 << 20), b""), limit=4 * settings.UPLOAD_LIMIT, now=now)


def pose(user: User, organisation: Organisation, upload: Iterable[bytes], *, now: datetime) -> Challenge:
    """Pose a challenge, or a new version of one's own, from an archive of its folder. It starts as a draft.

    Whatever else came in the archive, what is kept and goes to nodes is what the challenge declares.

    Raises
    ------
    Refused
        The archive or the challenge in it cannot be used: says where and why.
    """
    require(has_role(user, organisation, Role.CHALLENGE_OWNER))
    with tempfile.TemporaryDirectory() as scratch:
        content = unpack_upload(upload, Path(scratch))
        return pose_folder(user, organisation, content, now=now)


def pose_folder(
    user: User, organisation: Organisation, content: Path, *, now: datetime, by_invitation: bool = False
) -> Challenge:
    """Pose the challenge that lies in a folder of the centre's own. It starts as a draft.

    *by_invitation* keeps it to its guests (see ``guests.py``), as every version of one that is so already.

    Raises
    ------
    NotAllowed
    Refused
        The challenge cannot be used: says where and why.
    """
    require(has_role(user, organisation, Role.CHALLENGE_OWNER))
    try:
        found = fit_to_be_seen(read_challenge(content))
    except ChallengeError as error:
        raise Refused(str(error).replace(f"{content}/", "")) from None
    _refuse_what_cannot_be_posed(organisation, found)
    with tempfile.TemporaryDirectory() as scratch:
        packed = Path(scratch) / "packed.tar"
        with packed.open("wb") as file:
            write_tar(content, found.files, file)
        blob = _store(packed, now)
    picture = _store(content / PICTURE, now) if PurePosixPath(PICTURE) in found.files else None
    return _record(user, organisation, found, (blob, picture), now, by_invitation=by_invitation)


def _refuse_what_cannot_be_posed(organisation: Organisation, found: ChallengeFolder) -> None:
    record = found.challenge
    others = Challenge.objects.filter(slug=record.id)
    if others.exclude(owner=organisation).exists():
        raise Refused(
            _("Another organisation already has a challenge with the id %(id)s.") % {"id": record.id}
        )
    if others.filter(version__gte=record.version).exists():
        raise Refused(_("Version %(version)d of this challenge exists; a change needs a higher version.")
                      % {"version": record.version})  # fmt: skip
    if not record.phases:
        raise Refused(
            _("The challenge has no phase, so nobody could submit; add [[phases]] to challenge.toml.")
        )


def _record(
    user: User,
    organisation: Organisation,
    found: ChallengeFolder,
    kept: tuple[Blob, Blob | None],
    now: datetime,
    *,
    by_invitation: bool,
) -> Challenge:
    record = found.challenge
    with transaction.atomic():
        challenge = Challenge.objects.create(
            slug=record.id,
            version=record.version,
            owner=organisation,
            record=msgspec.to_builtins(record),
            digest=found.digest,
            blob=kept[0],
            picture=kept[1],
            sector=record.sector,
            home=record.home,
            created=now,
            baselines=baselines(found),
            sample=sample(found),
            by_invitation=by_invitation
            or Challenge.objects.filter(slug=record.id, by_invitation=True).exists(),
        )
        for position, phase in enumerate(record.phases):
            Phase.objects.create(
                challenge=challenge,
                slug=phase.id,
                title=msgspec.to_builtins(phase.title),
                private=phase.cases == "private",
                opens=phase.opens,
                closes=phase.closes,
                daily_limit=phase.daily_limit,
                together=phase.together.by if phase.together else "",
                together_daily=phase.together.daily_limit if phase.together else None,
                together_teams=phase.together.teams if phase.together else None,
                embargo=phase.hides_scores,
                position=position,
            )
        append("challenge.posed", str(challenge), actor=user, now=now, digest=found.digest)
    return challenge


def set_state(user: User, challenge: Challenge, state: str, *, now: datetime) -> None:
    """Open or close a challenge; opening a version closes the ones before it."""
    require(has_role(user, challenge.owner, Role.CHALLENGE_OWNER) or is_staff(user))
    if state not in (Challenge.State.OPEN, Challenge.State.CLOSED):
        raise Refused(_("A challenge can be opened or closed."))
    with transaction.atomic():
        if state == Challenge.State.OPEN:
            Challenge.objects.filter(slug=challenge.slug, state=Challenge.State.OPEN).update(
                state=Challenge.State.CLOSED
            )
        Challenge.objects.filter(pk=challenge.pk).update(state=state)
        append(f"challenge.{state}", str(challenge), actor=user, now=now)
