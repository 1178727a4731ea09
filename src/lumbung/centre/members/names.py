"""Names people type: taken as they are written, compared as they look.

A name may be in any script. Two names that look alike are one name for whoever reads a leaderboard, so they are
compared by a skeleton: compatibility forms undone (NFKC), case folded, and each letter replaced by one letter that
stands for all that look like it (Unicode Technical Standard 39, section 4). What turns or hides text is refused.
"""

from __future__ import annotations

import unicodedata
from functools import cache

from django.utils.text import slugify
from django.utils.translation import gettext as _

SHORTEST = 2
LONGEST_LOOK = 400  # letters of a skeleton: one ligature may stand for eighteen


class BadName(ValueError):
    """A name that cannot be taken; says why, to the person who typed it."""


def clean_name(text: str, longest: int) -> str:
    """Return a name as it is kept: composed (NFC), inner white space single, none around.

    Raises
    ------
    BadName
        It holds control characters, or characters that turn the text's direction or cannot be seen; nothing in it can
        be seen; or it is too short or too long.
    """
    name = legible_name(text)
    if len(name) < SHORTEST or not any(unicodedata.category(letter)[0] in "LN" for letter in name):
        raise BadName(
            _("A name needs at least %(count)d characters, and a letter or digit.") % {"count": SHORTEST}
        )
    if len(name) > longest:
        raise BadName(_("A name has at most %(count)d characters.") % {"count": longest})
    return name


def legible_name(text: str) -> str:
    """Return a name composed (NFC), inner white space single, none around; of any length, and empty where nothing is left.

    Raises
    ------
    BadName
        It holds control characters, or characters that turn the text's direction or cannot be seen.
    """
    name = " ".join(unicodedata.normalize("NFC", text).split())
    for place, letter in enumerate(name):
        if _hides(letter) and not _joins(name, place):
            raise BadName(
                _(
                    "The name holds a character that cannot be seen or that turns the text\u2019s direction (%(code)s)."
                )
                % {"code": f"U+{ord(letter):04X}"}
            )
    return name


def _hides(letter: str) -> bool:
    return unicodedata.category(letter) in ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")


def _joins(name: str, place: int) -> bool:
    """Whether a joiner or non-joiner stands within a word of a script that is written with them, as Khmer or Sinhala."""
    if name[place] not in "\u200c\u200d" or not 0 < place < len(name) - 1:
        return False
    return all(
        unicodedata.category(name[at])[0] in "LM" and ord(name[at]) >= 0x0600 for at in (place - 1, place + 1)
    )


def skeleton(name: str) -> str:
    """Return what two names share exactly when they look alike in their first letters: for comparing only, never shown."""
    parts = unicodedata.normalize("NFD", unicodedata.normalize("NFKC", name))
    letters = (part for part in parts if unicodedata.category(part)[0] in "LNM")
    # Twice: a capital may look like another script's capital, and its small letter like another small one.
    capitals = "".join(_lookalike(letter) for letter in letters).casefold()
    return "".join(_SAME.get(letter, letter) for letter in map(_lookalike, capitals))[:LONGEST_LOOK]


_SAME = {"0": "o", "1": "l", "i": "l"}
"""What is told apart in few typefaces."""


@cache
def _lookalike(letter: str) -> str:
    """Return the letter that stands for all that look like *letter*: a Latin one or digit where there is one."""
    from confusable_homoglyphs import confusables

    if letter.isascii():
        return letter
    found = confusables.is_confusable(letter, greedy=True, preferred_aliases=[])
    alike = [glyph["c"] for glyph in found[0]["homoglyphs"] if len(glyph["c"]) == 1] if found else []
    plain = [other for other in alike if other.isascii() and other.isalnum()]
    return min(plain or [letter, *alike])


def address_of(name: str, longest: int) -> str:
    """Return a name in Latin letters for addresses: Chinese in pinyin, other scripts as they sound; may be empty."""
    from anyascii import anyascii

    spaced = "".join(f" {letter} " if _syllable(letter) else letter for letter in name)
    return slugify(anyascii(spaced))[:longest].strip("-")


def _syllable(letter: str) -> bool:
    """Whether a letter is read as a syllable of its own (Han)."""
    return "\u3400" <= letter <= "\u9fff" or "\U00020000" <= letter <= "\U0003ffff"
