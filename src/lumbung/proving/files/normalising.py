"""Texts made comparable, language by language: what differs only in writing is the same answer.

The steps are those of SQuAD's evaluation (Rajpurkar et al. 2016: case, punctuation, articles, blanks), with what other
languages need: digits of their own, their way of writing decimals, no blanks between words (CMRC 2018, Cui et al. 2019).
"""

from __future__ import annotations

import functools
import re
import unicodedata

_POINT_FOR_THOUSANDS = {"id", "jv", "su", "vi"}
"""Languages that write 1.000,5 (CLDR, number symbols)."""
_WITHOUT_BLANKS = {"zh", "th", "lo", "km", "my", "ja"}
"""Languages that put no blanks between words: their tokens are characters."""
_ARTICLES = {"en": re.compile(r"\b(a|an|the)\b"), "fil": re.compile(r"\b(ang|ng mga|ng|mga)\b")}
_POINTED = re.compile(r"\d{1,3}(?:\.\d{3})+(?:,\d+)?|\d+,\d+")
_COMMAED = re.compile(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?")
_BETWEEN_DIGITS = re.compile(r"(?<=\d)\.(?=\d)")
_KEPT = "\ue000"  # stands for a decimal point while punctuation is dropped; for private use, so in no text


def base_language(code: str) -> str:
    """Return the language of a code: ``zh`` of ``zh-Hans``."""
    return code.lower().replace("_", "-").split("-")[0]


@functools.lru_cache(maxsize=65536)
def normalised(text: str, language: str = "") -> str:
    """Return a text without what does not tell answers apart.

    Parameters
    ----------
    text : str
    language : str
        Code of its language; empty where that is not known.

    Examples
    --------
    >>> normalised("The  Rp1,250.50!", "en"), normalised("Rp 1.250,50", "id")
    ('rp1250.50', 'rp 1250.50')
    >>> normalised("๑๒ ไร่", "th")
    '12 ไร่'
    """
    language = base_language(language)
    text = unicodedata.normalize("NFKC", text).casefold()
    text = "".join(str(unicodedata.digit(c)) if c.isdigit() and not c.isascii() else c for c in text)
    if language in _POINT_FOR_THOUSANDS:
        text = _POINTED.sub(lambda found: found[0].replace(".", "").replace(",", "."), text)
    else:
        text = _COMMAED.sub(lambda found: found[0].replace(",", ""), text)
    text = _BETWEEN_DIGITS.sub(_KEPT, text)
    text = "".join(" " if c in "-‐–—/" else c for c in text if c in "-‐–—/" or not _is_punctuation(c))
    text = text.replace(_KEPT, ".")
    if language in _ARTICLES:
        text = _ARTICLES[language].sub(" ", text)
    return " ".join(text.split())


def _is_punctuation(character: str) -> bool:
    return unicodedata.category(character)[0] == "P"


def tokens(text: str, language: str = "") -> list[str]:
    """Return the tokens of a normalised text: words, or characters where a language has no blanks between words.

    Latin words and numbers stay whole within those too.
    """
    language = base_language(language)
    if language not in _WITHOUT_BLANKS:
        return text.split()
    return re.findall(r"[a-z0-9.]+|\S[\u0e31\u0e34-\u0e3a\u0e47-\u0e4e]*", text)
