"""Pictures and sound looked at from outside: is it what it says, is it whole, how large does it become.

Nothing is decoded. A picture says in its header how many pixels it unfolds to, and a file says at its end that it is whole;
that is enough to refuse a picture bomb and a file cut short, without running a decoder on a stranger's bytes.
"""

from __future__ import annotations

import struct

from lumbung.proving.challenge import ChallengeError

_FRAMES = {*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC}  # JPEG's start-of-frame markers (ITU-T T.81, table B.1)
PICTURES = "a PNG, JPEG, GIF or WebP (declare the field as a file for anything else)"
SOUNDS = "a WAV, FLAC, Ogg or MP3 (declare the field as a file for anything else)"
_CUT = "a file that ends too early"


def check_picture(content: bytes, where: str, pixels: int) -> None:
    """Check a picture.

    Parameters
    ----------
    content : bytes
        The file.
    where : str
        What an error names.
    pixels : int
        The most it may unfold to.

    Raises
    ------
    ChallengeError
        Another format, cut short, or a picture bomb.
    """
    try:
        size = _size(content)
    except (struct.error, IndexError):
        raise ChallengeError(where, _CUT, "a whole picture") from None
    if size is None:
        raise ChallengeError(where, f"a file that begins with {content[:8]!r}", PICTURES)
    width, height = size
    if width * height > pixels:
        found = f"a picture of {width} × {height} pixels in {len(content)} bytes"
        raise ChallengeError(where, found, f"at most {pixels} pixels (options.pixels)")
    if not width * height:
        raise ChallengeError(where, f"a picture of {width} × {height} pixels", "one that shows something")
    if not _whole(content):
        raise ChallengeError(where, _CUT, "a whole picture")


def check_sound(content: bytes, where: str) -> None:
    """Check a sound file.

    Raises
    ------
    ChallengeError
        Another format, or cut short.
    """
    if content[:4] == b"RIFF" and content[8:12] == b"WAVE":
        if int.from_bytes(content[4:8], "little") + 8 > len(content):
            raise ChallengeError(where, _CUT, "a whole WAV file")
    elif content[:4] not in (b"fLaC", b"OggS") and content[:3] != b"ID3" and not _is_mpeg(content):
        raise ChallengeError(where, f"a file that begins with {content[:8]!r}", SOUNDS)


def _is_mpeg(content: bytes) -> bool:
    return len(content) > 1 and content[0] == 0xFF and content[1] & 0xE0 == 0xE0


def _size(content: bytes) -> tuple[int, int] | None:
    """Return width and height by the header; None where it is none of the formats known."""
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return struct.unpack(">II", content[16:24])
    if content[:6] in (b"GIF87a", b"GIF89a"):
        return struct.unpack("<HH", content[6:10])
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return _webp_size(content)
    if content[:3] == b"\xff\xd8\xff":
        return _jpeg_size(content)
    return None


def _webp_size(content: bytes) -> tuple[int, int] | None:
    """RFC 9649, sections 2.5 to 2.7."""
    kind = content[12:16]
    if kind == b"VP8X":
        width, wider, height, higher = struct.unpack("<HBHB", content[24:30])
        return (wider << 16 | width) + 1, (higher << 16 | height) + 1
    if kind == b"VP8L":
        (bits,) = struct.unpack("<I", content[21:25])
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    if kind == b"VP8 ":
        width, height = struct.unpack("<HH", content[26:30])
        return width & 0x3FFF, height & 0x3FFF
    return None


def _jpeg_size(content: bytes) -> tuple[int, int]:
    place = 2
    while True:
        if content[place] != 0xFF:
            raise IndexError("no marker where one must be")
        marker = content[place + 1]
        if marker == 0xFF:  # fill
            place += 1
        elif marker in _FRAMES:
            height, width = struct.unpack(">HH", content[place + 5 : place + 9])
            return width, height
        else:
            place += 2 + struct.unpack(">H", content[place + 2 : place + 4])[0]


def _whole(content: bytes) -> bool:
    if content[:1] == b"\x89":
        return _png_ends(content)
    if content[:3] == b"GIF":
        return content.rstrip(b"\0").endswith(b";")
    if content[:4] == b"RIFF":
        return int.from_bytes(content[4:8], "little") + 8 <= len(content)
    return b"\xff\xd9" in content[-4096:]


def _png_ends(content: bytes) -> bool:
    """Walk the chunks to IEND (PNG, third edition, section 5.3)."""
    place = 8
    while place + 12 <= len(content):
        length = int.from_bytes(content[place : place + 4], "big")
        if content[place + 4 : place + 8] == b"IEND":
            return True
        place += 12 + length
    return False
