"""Private cases arrive at a node: by command, or as a file that somebody puts into its inbox.

A file of the studio's (see ``lumbung.centre.challenges.studio``) holds the private part of a table and says of which
challenge it is. Who may write into the node's folder is who may say what it judges; what may leave is then the strictest
rule there is (`Accepted`'s own), and a challenge that lets out more is accepted by command alone.

Private rows lie nowhere but in the node's folder, also while they are unpacked: what a node that was killed leaves behind
is not in a place for temporary files that others clean, copy or read.
"""

from __future__ import annotations

import os
import secrets
import shutil
import stat
import time
from collections.abc import Callable, Iterable
from itertools import chain, count
from pathlib import Path

import msgspec

from lumbung.node.folder import Accepted, NodeError, NodeFolder
from lumbung.proving.challenge import Identifier
from lumbung.proving.digest import digest_file
from lumbung.proving.evidence import Digest
from lumbung.proving.faults import PlatformFault
from lumbung.proving.run_folder import write_whole
from lumbung.proving.unreadable import UNREADABLE
from lumbung.sandbox import ParcelError, digest_folder, unpack

INBOX = "inbox"
ABOUT = "challenge.json"
ENDING = ".tar"
REFUSED = ".refused"
QUIET_S = 2.0
"""A file that changed within so many seconds may still be on its way."""
PATIENCE_S = 60.0
"""For so long a file that cannot be read whole may still be."""
SECRET_BYTES = 32


class _About(msgspec.Struct, frozen=True):
    """``challenge.json``: which challenge the cases beside it belong to."""

    challenge: Identifier
    digest: Digest


def arriving(cases: Path, target: Path) -> Path:
    """Copy private cases beside where they are to lie: those that are there serve until these are whole.

    Whoever calls holds the node's lock: of two commands at once, one brings its cases and then the other.
    """
    there = _arrival(target)
    shutil.copytree(cases, there)
    there.chmod(0o700)
    return there


def _arrival(target: Path) -> Path:
    there = target.with_name(f".{target.name}.arriving")
    shutil.rmtree(there, ignore_errors=True)
    there.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    return there


def keep_secret(node: NodeFolder, challenge: str, there: Path) -> None:
    """Make the secret under which a challenge's private cases are digested, before cases take their place.

    It stays when they change. Cases that lie here without one, of which something was told, and that come once more, stay
    without: boards know them by the digest that they have.
    """
    secret, lying = node.secret(challenge), node.cases(challenge)
    told = node.ledger(challenge).exists() and lying.is_dir()
    if secret.exists() or (told and _digests(lying) == _digests(there)):
        return
    secret.parent.mkdir(mode=0o700, exist_ok=True)
    write_whole(secret, secrets.token_bytes(SECRET_BYTES))
    secret.chmod(0o600)


def take_the_place(there: Path, target: Path) -> None:
    """Let cases take the place of those before."""
    leaving = target.with_name(f".{target.name}.leaving")
    _remove(leaving)
    if target.exists():
        target.rename(leaving)
    there.rename(target)
    _remove(leaving)


def _remove(path: Path) -> None:
    if path.is_symlink():  # its owner keeps the cases elsewhere; they are not ours to delete
        path.unlink()
    else:
        shutil.rmtree(path, ignore_errors=True)


def known_as(cases: Path, challenge: str, node: NodeFolder, others: Iterable[str]) -> str | None:
    """Return which other challenge the node accepted with a file of these cases, if there is one.

    What is told of the same rows under two names is booked in two ledgers, each with a budget of its own.
    """
    found = _digests(cases)
    return next((name for name in others if name != challenge and found & _digests(node.cases(name))), None)


def _digests(folder: Path) -> set[str]:
    return {digest_file(path) for path in folder.rglob("*") if path.is_file() and path.stat().st_size}


def take_in(node: NodeFolder, say: Callable[[str], None]) -> None:
    """Take in what lies in the node's inbox; what cannot be taken gets the ending ``.refused``, and a line that says why.

    What this machine fails at just now (a full disk, settings that somebody is mending) stays and is tried again, and so
    does what may still be on its way. Nothing in the inbox stops the node.
    """
    inbox = node.path / INBOX
    for path in sorted(inbox.iterdir()) if inbox.is_dir() else ():
        if path.name.startswith(".") or REFUSED in path.suffix:
            continue
        try:
            state = path.lstat()
            age = abs(
                time.time() - state.st_mtime
            )  # a clock that was set back makes nothing wait until it comes round
            if age < (QUIET_S if path.suffix.lower() == ENDING else PATIENCE_S):
                continue
            try:
                said = _look_into(path, state, node)
            except NodeError:  # nothing is wrong with the file
                raise
            except (ParcelError, *UNREADABLE) as error:
                if stat.S_ISREG(state.st_mode) and age < PATIENCE_S:
                    continue
                say(f"{path.name}: not taken in: {error}")
                _put_aside(path)
                continue
            if _as_it_was(path, state):  # else another file came under its name meanwhile: looked into next
                path.unlink()
        except (OSError, NodeError, PlatformFault) as error:
            say(f"{path.name}: not taken in yet: {error}")
        else:
            say(f"{path.name}: {said}")


def _look_into(path: Path, state: os.stat_result, node: NodeFolder) -> str:
    if not stat.S_ISREG(state.st_mode):  # a link may lead anywhere, and a pipe never ends
        raise ParcelError("it is no plain file")
    if path.suffix.lower() != ENDING:
        raise ParcelError(f"its name does not end in {ENDING}; put the file here as the studio saved it")
    if not os.access(
        path.parent, os.W_OK
    ):  # it could not be taken out again, and would be looked into for ever
        raise PermissionError(f"{path.parent} cannot be written")
    with node.lock():
        return _take(path, state, node)


def _take(path: Path, state: os.stat_result, node: NodeFolder) -> str:
    arrival = _arrival(node.cases(INBOX))
    try:
        found = unpack(path, arrival / "cases")
        if not (found / ABOUT).is_file():
            raise ParcelError(f"found no {ABOUT}, which says of which challenge these cases are")
        about = msgspec.json.decode((found / ABOUT).read_bytes(), type=_About)
        (found / ABOUT).unlink()
        if not _digests(found):
            raise ParcelError(f"found no cases beside {ABOUT}")
        if not _as_it_was(path, state):
            raise OSError("it changed while it was read")
        settings = node.settings()
        target, before = node.cases(about.challenge), settings.challenges.get(about.challenge)
        if before is not None:
            return _known_already(about, before, found, target)
        other = known_as(found, about.challenge, node, settings.challenges)
        if other is not None:
            raise ParcelError(
                f"{other} is judged on these rows already, and what is told of them would be counted apart; "
                "'lumbung node accept --cases' takes them all the same"
            )
        found.chmod(0o700)
        keep_secret(node, about.challenge, found)
        take_the_place(found, target)
        node.write_settings(
            msgspec.structs.replace(
                settings, challenges={**settings.challenges, about.challenge: Accepted(about.digest)}
            )
        )
    finally:
        shutil.rmtree(arrival, ignore_errors=True)
    return f"{about.challenge} accepted with its private cases; means alone leave, at once"


def _known_already(about: _About, before: Accepted, found: Path, target: Path) -> str:
    """Say so where the same was taken in before, by a node that was killed before it took the file away."""
    same = before.digest == about.digest and target.is_dir() and digest_folder(found) == digest_folder(target)
    if not same:
        raise ParcelError(
            f"{about.challenge} is accepted already; 'lumbung node accept --cases' replaces its cases"
        )
    return f"{about.challenge} was accepted before, with these private cases"


def _as_it_was(path: Path, state: os.stat_result) -> bool:
    now = path.lstat()
    return (now.st_ino, now.st_size, now.st_ctime_ns) == (state.st_ino, state.st_size, state.st_ctime_ns)


def _put_aside(path: Path) -> None:
    names = chain([f"{path.name}{REFUSED}"], (f"{path.name}{REFUSED}-{n}" for n in count(2)))
    path.rename(next(free for name in names if not os.path.lexists(free := path.with_name(name))))
