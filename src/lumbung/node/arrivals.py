"""Private cases arrive at a node: by command, or as a file that somebody puts into its inbox.

A file of the studio's (see ``lumbung.centre.challenges.studio``) holds the private part of a table and says of which
challenge it is. Who may write into the node's folder is who may say what it judges; what may leave is then the strictest
rule there is (`Accepted`'s own), and a challenge that lets out more is accepted by command alone.
"""

from __future__ import annotations

import os
import shutil
import stat
import tempfile
import time
from collections.abc import Callable
from itertools import chain, count
from pathlib import Path

import msgspec

from lumbung.node.folder import Accepted, NodeFolder
from lumbung.proving.challenge import Identifier
from lumbung.proving.evidence import Digest
from lumbung.proving.unreadable import UNREADABLE
from lumbung.sandbox import ParcelError, unpack

INBOX = "inbox"
ABOUT = "challenge.json"
QUIET_S = 2.0
"""A file that changed within so many seconds may still be on its way."""


class _About(msgspec.Struct, frozen=True):
    """``challenge.json``: which challenge the cases beside it belong to."""

    challenge: Identifier
    digest: Digest


def arriving(cases: Path, target: Path) -> Path:
    """Copy private cases beside where they are to lie: those that are there serve until these are whole."""
    there = target.with_name(f".{target.name}.arriving")
    shutil.rmtree(there, ignore_errors=True)
    there.parent.mkdir(parents=True, exist_ok=True)
    shutil.copytree(cases, there)
    there.chmod(0o700)
    return there


def take_the_place(there: Path, target: Path) -> None:
    """Let cases take the place of those before."""
    leaving = target.with_name(f".{target.name}.leaving")
    shutil.rmtree(leaving, ignore_errors=True)
    if target.exists():
        target.rename(leaving)
    there.rename(target)
    shutil.rmtree(leaving, ignore_errors=True)


def take_in(node: NodeFolder, say: Callable[[str], None]) -> None:
    """Take in what lies in the node's inbox; what cannot be taken gets the ending ``.refused``, and a line that says why.

    What this machine fails at just now (a full disk, say) stays and is tried again. Nothing in the inbox stops the node.
    """
    for path in sorted((node.path / INBOX).glob("*.tar")):
        try:
            state = path.lstat()
            if time.time() - state.st_mtime < QUIET_S:
                continue
            if not stat.S_ISREG(state.st_mode):  # a link may lead anywhere, and a pipe never ends
                raise ParcelError("it is no plain file")
            taken = _take(path, node)
            path.unlink()
        except (ParcelError, *UNREADABLE) as error:
            say(f"{path.name}: not taken in: {error}")
            _put_aside(path, say)
        except OSError as error:
            say(f"{path.name}: not taken in yet: {error}")
        else:
            say(f"{path.name}: {taken.challenge} accepted with its private cases; means alone leave, at once")


def _put_aside(path: Path, say: Callable[[str], None]) -> None:
    names = (
        path.with_name(f"{path.name}.refused{again}") for again in chain([""], (f"-{n}" for n in count(2)))
    )
    try:
        path.rename(next(name for name in names if not os.path.lexists(name)))
    except OSError as error:
        say(f"{path.name}: cannot be put aside: {error}")


def _take(path: Path, node: NodeFolder) -> _About:
    with tempfile.TemporaryDirectory(prefix="lumbung-arrival-") as scratch:
        found = unpack(path, Path(scratch) / "cases")
        if not (found / ABOUT).is_file():
            raise ParcelError(f"found no {ABOUT}, which says of which challenge these cases are")
        about = msgspec.json.decode((found / ABOUT).read_bytes(), type=_About)
        (found / ABOUT).unlink()
        with node.lock():
            settings = node.settings()
            if about.challenge in settings.challenges:
                raise ParcelError(
                    f"{about.challenge} is accepted already; 'lumbung node accept --cases' replaces its cases"
                )
            target = node.cases(about.challenge)
            take_the_place(arriving(found, target), target)
            rule = Accepted(about.digest)
            node.write_settings(
                msgspec.structs.replace(settings, challenges={**settings.challenges, about.challenge: rule})
            )
    return about
