"""What a decoder may raise over bytes that somebody else wrote, in one place: each reader then refuses them alike.

Besides its own errors, msgspec raises `UnicodeDecodeError` over text that is no UTF-8 and `RecursionError` over lists
inside lists inside lists. A reader that forgets one of them falls over a file, a message or an upload.
"""

from __future__ import annotations

import msgspec

UNREADABLE = (msgspec.MsgspecError, ValueError, RecursionError)
"""To be caught where bytes of others are decoded: JSON, MessagePack, TOML (whose errors are `ValueError`)."""
