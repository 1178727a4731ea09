"""How the command ends: 0 scored or verified, 1 the submission's fault, 2 bad input or the challenge's, 3 ours."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn

from lumbung.cli.language import language
from lumbung.proving.challenge import ChallengeError
from lumbung.proving.faults import Fault, Owner, RunFault
from lumbung.proving.keys import KeyUnusable

SUBMISSION, BAD_INPUT, PLATFORM = 1, 2, 3
CODES = {Owner.SUBMISSION: SUBMISSION, Owner.CHALLENGE: BAD_INPUT, Owner.PLATFORM: PLATFORM}


_WRONG_NAMES = (
    errno.ENOENT, errno.ENOTDIR, errno.EISDIR, errno.EEXIST, errno.ENAMETOOLONG, errno.ELOOP, errno.EINVAL,
)  # fmt: skip
"""Errors of the system over a path that a person named wrongly; over any other the machine is at fault."""


_NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


def named(path: object) -> str:
    """Return a path as it can be printed: bytes in it that are not UTF-8 are written out."""
    text = os.fsdecode(path) if isinstance(path, bytes) else str(path)
    return text.encode("utf-8", "backslashreplace").decode().replace("\\udc", "\\x")


def fail(message: str, code: int) -> NoReturn:
    """Say *message* to the person and end with *code*."""
    print(f"lumbung: {message}", file=sys.stderr)
    raise SystemExit(code)


def fail_with(fault: Fault) -> NoReturn:
    """End with the exit code of the fault's owner, and its reason in the person's language."""
    fail(fault.reason(language()), CODES[fault.owner])


@contextmanager
def exits() -> Iterator[None]:
    """Turn the errors a person can do something about into one line and an exit code."""
    try:
        yield
    except RunFault as error:
        fail_with(error.fault)
    except ChallengeError as error:
        fail(str(error), BAD_INPUT)
    except KeyUnusable as error:
        fail(str(error), PLATFORM)
    except UnicodeEncodeError as error:
        if named(error.object) == error.object:
            raise
        fail(f"{named(error.object)}: a name with bytes that are not UTF-8; rename it", BAD_INPUT)
    except ValueError as error:
        # Rooms' own errors (evidence, egress, submissions, standings) are ValueErrors with a whole sentence in them;
        # a ValueError of another kind is a defect of ours and keeps its traceback.
        if type(error).__module__.startswith("lumbung."):
            fail(str(error), BAD_INPUT)
        raise
    except OSError as error:
        if error.filename is None:
            if isinstance(
                error, FileNotFoundError
            ):  # only the system's word for the present folder names none
                fail("the folder you are in is gone; go to another", BAD_INPUT)
            if error.errno in _NO_ROOM:  # a write that fails does not say into which file
                fail(f"cannot write on: {error.strerror}; make room on the disk and run it again", PLATFORM)
            raise  # no place to name: a pipe that closed, or a defect of ours
        wrong_name = error.errno in _WRONG_NAMES
        fail(f"{named(error.filename)}: {error.strerror}", BAD_INPUT if wrong_name else PLATFORM)
    except KeyboardInterrupt:
        fail("interrupted", 130)
