"""A stranger's text as it may be shown: what would steer a terminal or turn the reading direction is made visible.

An error or a log of a submission is read in terminals, where an escape sequence moves the cursor, sets the title or
fills the clipboard, and in pages, where a direction mark turns ``exe.jpg`` around.
"""

from __future__ import annotations

import re

# C0 without tab and line feed, DEL and C1 (ECMA-48, section 5), and the marks of UAX #9, section 2.
_STEERING = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]"
)


def legible(text: str) -> str:
    r"""Return *text* with control characters and direction marks written out, e.g. ``\x1b``; lines and tabs stay."""
    return _STEERING.sub(lambda found: ascii(found[0])[1:-1], text.replace("\r\n", "\n"))
