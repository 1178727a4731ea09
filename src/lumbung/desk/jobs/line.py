"""The line between a process of the desk and who asks it: taken away from everybody else in that process."""

from __future__ import annotations

import os
from typing import TextIO


def own_line() -> tuple[TextIO, TextIO]:
    """Return what is asked and where to answer; from now on standard input is empty, and what is printed goes nowhere.

    Libraries of C write to the descriptors themselves, and a process that is started inherits them; so the descriptors are replaced.
    """
    asked = os.fdopen(os.dup(0), encoding="utf-8")
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    nowhere = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1):
        os.dup2(nowhere, descriptor)
    os.close(nowhere)
    return asked, answers
