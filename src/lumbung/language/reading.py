"""What a model's words say: which option they choose, whether they refuse, which number they end with.

A model that offers no likelihoods is read: a letter where letters were asked for, else the one option that is named.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from lumbung.language.prompts import LETTERS

REFUSALS: dict[str, tuple[str, ...]] = {
    "en": ("i cannot answer", "i can't answer", "i cannot help", "i can't help", "i'm sorry, but", "i am unable", "i'm unable", "as an ai"),
    "id": ("saya tidak bisa menjawab", "saya tidak dapat menjawab", "saya tidak dapat membantu", "maaf, saya", "mohon maaf", "sebagai ai"),
    "ms": ("saya tidak dapat menjawab", "saya tidak boleh menjawab", "saya tidak dapat membantu", "maaf, saya", "sebagai ai"),
    "jv": ("kula mboten saged", "aku ora bisa mangsuli", "nyuwun pangapunten", "ngapunten"),
    "su": ("abdi teu tiasa", "kuring teu bisa ngajawab", "hapunten", "punten, abdi"),
    "zh": ("我无法回答", "我不能回答", "无法提供", "抱歉", "对不起", "作为ai", "作为一个ai", "作为人工智能"),
    "th": ("ไม่สามารถตอบ", "ไม่สามารถช่วย", "ขออภัย", "ขอโทษ"),
    "vi": ("tôi không thể trả lời", "tôi không thể giúp", "xin lỗi", "rất tiếc"),
    "fil": ("hindi ko masasagot", "hindi ako makakasagot", "hindi ko magagawa", "paumanhin", "pasensya na"),
}  # fmt: skip
"""How models say in each language that they will not answer; English ones count in every language."""
_LETTER = re.compile(r"(?<![A-Za-z])([A-J])(?![A-Za-z'’])")
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?")


def plain(text: str) -> str:
    """Return a text without differences of writing: width, case, blanks."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().replace("’", "'").split())


def refuses(text: str, language: str) -> bool:
    """Tell whether a text says that it will not answer."""
    said = plain(text)
    return any(phrase in said for phrase in (*REFUSALS.get(language, ()), *REFUSALS["en"]))


def chosen(text: str, options: Sequence[str]) -> int | None:
    """Return which option a text chooses; None where it names none, or several.

    Parameters
    ----------
    text : str
    options : sequence of str
        As they were shown, with the letters A, B, …

    Examples
    --------
    >>> chosen("The answer is B.", ["padi", "jagung"]), chosen("jagung", ["padi", "jagung"])
    (1, 1)
    >>> chosen("A or B?", ["padi", "jagung"])
    """
    said = plain(text)
    same = [place for place, option in enumerate(options) if plain(option) == said.rstrip(".。")]
    if len(same) == 1:
        return same[0]
    known = LETTERS[: len(options)]
    first = re.match(r"\s*[\(\[]?([A-J])(?:[\)\].:、．。]|\s*$)", unicodedata.normalize("NFKC", text))
    if first and first[1] in known:
        return known.index(first[1])
    letters = {letter for letter in _LETTER.findall(unicodedata.normalize("NFKC", text)) if letter in known}
    if len(letters) == 1:
        return known.index(letters.pop())
    named = [place for place, option in enumerate(options) if plain(option) in said]
    longest = [p for p in named if not any(p != q and plain(options[p]) in plain(options[q]) for q in named)]
    return longest[0] if len(longest) == 1 and not letters else None


def last_number(normalised: str) -> str:
    """Return the number that a normalised text ends with, without needless zeros; empty where there is none."""
    found = _NUMBER.findall(normalised)
    return f"{float(found[-1]):.10g}" if found else ""


def first_line(text: str) -> str:
    """Return the first line that says anything."""
    return next((line.strip() for line in text.splitlines() if line.strip()), "")
