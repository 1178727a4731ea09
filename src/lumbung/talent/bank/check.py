"""Look for faults in a bank: malformed, duplicated, leaking or untranslated items.

Each rule is a function from items to findings. A finding is an *error* when the item must not be served, a *warning* when
a person should look.
"""

from __future__ import annotations

import ast
import math
import operator
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

from lumbung.talent.bank.item import LANGUAGES, LETTERS, Item, ItemError, Language
from lumbung.talent.bank.load import SHIPPED, item_of, read_raw
from lumbung.talent.bank.review import Review, equivalence, read_reviews
from lumbung.talent.bank.surface import classifier_hits, key_ranks

# How alike two items may be: share of common letter sequences (Jaccard), above which a person reads one as the other.
ALIKE = 0.55
# How often the longest or the shortest option may be the key before a test-wise guesser profits: chance plus this.
MARGIN = 0.15
# Somebody who sees only what options look like: the 1 % point of chi-square with three degrees of freedom for the rank of the
# key's length, and the share of keys a classifier may find; in fewer items both are noise.
RANKS_CHI_SQUARE = 11.345
MOST_BY_SURFACE = 0.30
LEAST_FOR_SURFACE = 200
FRAMEWORKS = {
    "DigComp": re.compile(r"DigComp [1-5]\.[1-6]"),
    "UNESCO AI-CFS": re.compile(r"UNESCO AI-CFS 4\.[1-3]\.[1-4]"),
    "SKKNI": re.compile(r"SKKNI [A-Z]\.\d{2}[A-Z]{3}\d{2}\.\d{3}\.\d"),
}
LUMP_SUMS = {
    "en": re.compile(r"^(all|none|both) of (the above|these|them)\b|\bof the above\b", re.IGNORECASE),
    "id": re.compile(r"\b(semua|tidak ada)\b.{0,12}\b(di atas|benar)\b", re.IGNORECASE),
    "zh": re.compile(r"以上(都|均|皆|全)|都不(对|是)$"),
}
ENGLISH = frozenset(
    [
        "the",
        "of",
        "is",
        "are",
        "which",
        "and",
        "with",
        "for",
        "that",
        "this",
        "from",
        "you",
        "to",
        "in",
        "on",
        "a",
        "an",
        "by",
        "it",
    ]
)
INDONESIAN = frozenset(
    [
        "yang",
        "dan",
        "di",
        "adalah",
        "untuk",
        "dengan",
        "dari",
        "ini",
        "itu",
        "pada",
        "tidak",
        "sebuah",
        "ke",
        "oleh",
        "atau",
        "para",
    ]
)
HAN = re.compile(r"[\u3400-\u9fff]")
UNITS = {
    "thousand": 1e3,
    "ribu": 1e3,
    "万": 1e4,
    "million": 1e6,
    "juta": 1e6,
    "亿": 1e8,
    "billion": 1e9,
    "miliar": 1e9,
}
NUMBER = re.compile(rf"(\d+(?:[.,]\d+)*)\s*({'|'.join(UNITS)})?")
LIKE_CODE = re.compile(r"[{}\[\]()=<>;_]")
LATIN = re.compile(r"[A-Za-z]+")


@dataclass(frozen=True)
class Finding:
    """One fault.

    Attributes
    ----------
    severity : str
        ``error`` or ``warning``.
    group : str
        ``malformed``, ``duplicated``, ``leaking`` or ``untranslated``.
    where : str
        The item, or a pair of items, or the bank.
    what : str
        What was found and what was expected.
    """

    severity: str
    group: str
    where: str
    what: str


def check_bank(folder: Path = SHIPPED) -> tuple[list[Item], list[Finding]]:
    """Check every file of a bank.

    Returns
    -------
    items, findings
        The well-formed items, and the faults of all.

    Raises
    ------
    ItemError
        When a file cannot be read at all.
    """
    items: list[Item] = []
    findings: list[Finding] = []
    seen: set[str] = set()
    for raw in read_raw(folder):
        try:
            item = item_of(raw)
        except ItemError as fault:
            findings.append(Finding("error", "malformed", raw.name, str(fault).removeprefix(f"{raw.name}: ")))
            continue
        if item.id in seen:
            findings.append(Finding("error", "duplicated", raw.name, "this id stands twice in the bank"))
            continue
        seen.add(item.id)
        expected = f"{raw.path.parent.name}-{raw.path.stem}-"
        if not item.id.startswith(expected) or (item.area, item.level) != (
            raw.path.parent.name,
            raw.path.stem,
        ):
            findings.append(
                Finding(
                    "error",
                    "malformed",
                    raw.name,
                    f"id, area and level should be those of its file: {expected}NN",
                )
            )
        items.append(item)
    return items, findings + check_items(items) + list(_reviews(items, read_reviews(folder)))


def _reviews(items: Sequence[Item], reviews: Sequence[Review]) -> Iterator[Finding]:
    for (name, pair), state in equivalence(items, reviews).items():
        if state == "differs":
            said = next(r.note for r in reversed(reviews) if (r.item, r.pair) == (name, pair))
            yield Finding(
                "warning", "untranslated", name, f"{pair}: a reviewer found that they differ: {said}"
            )
        elif state == "changed":
            yield Finding("warning", "untranslated", name, f"{pair}: the texts changed since their review")
    known = {item.id for item in items}
    for review in reviews:
        if review.item not in known:
            yield Finding("warning", "untranslated", review.item, "reviewed, but the bank has no such item")


def check_items(items: Sequence[Item]) -> list[Finding]:
    """Check well-formed items, singly and together."""
    sound: list[Item] = []
    findings: list[Finding] = []
    for item in items:
        found = list(_malformed(item))
        findings += found
        if not found:
            sound.append(item)
            findings += _untranslated(item)
            findings += _leaking(item)
    return findings + list(_duplicated(sound)) + list(_leaking_together(sound)) + list(_guessable(sound))


# --- malformed --------------------------------------------------------------------------------------------------------


def _malformed(item: Item) -> Iterator[Finding]:
    for what in (*_wrong_shape(item), *_wrong_key(item), *_wrong_numbers(item), *_wrong_picture(item)):
        yield Finding("error", "malformed", item.id, what)


def _wrong_shape(item: Item) -> Iterator[str]:
    if not re.fullmatch(rf"{item.area}-{item.level}-\d{{2,3}}", item.id):
        yield f"id: expected {item.area}-{item.level}-NN"
    if set(item.texts) != set(LANGUAGES):
        yield f"texts: expected en, id and zh, found {', '.join(sorted(item.texts))}"
    if not item.author.strip():
        yield "author: it is empty"
    for name in item.alignment:
        if not any(pattern.fullmatch(name) for pattern in FRAMEWORKS.values()):
            yield f"alignment: {name!r} is no id of {', '.join(FRAMEWORKS)}"
    if not item.alignment:
        yield "alignment: at least one id is expected"
    counts = {len(text.options) for text in item.texts.values()}
    if len(counts) > 1:
        yield f"options: their number differs between languages: {sorted(counts)}"
    for language, text in item.texts.items():
        if not text.stem.strip() or not text.rationale.strip():
            yield f"texts.{language}: stem or rationale is empty"
        if len({option.strip().casefold() for option in text.options}) != len(text.options):
            yield f"texts.{language}: two options are the same"
        if any(not option.strip() for option in text.options):
            yield f"texts.{language}: an option is empty"
        for option in text.options:
            if LUMP_SUMS[language].search(option):
                yield f"texts.{language}: {option!r} sums up other options"


def _wrong_key(item: Item) -> Iterator[str]:
    options = max((len(text.options) for text in item.texts.values()), default=0)
    have = LETTERS[:options]
    if item.kind == "number":
        if options:
            yield "options: a numeric item has none"
        if not _is_number(item.key):
            yield f"key: expected a number, found {item.key!r}"
        return
    if not 3 <= options <= 6:
        yield f"options: expected 3 to 6, found {options}"
    if not item.key or not set(item.key) <= set(have) or len(set(item.key)) != len(item.key):
        yield f"key: expected letters of {have}, found {item.key!r}"
    elif item.kind == "choice" and len(item.key) != 1:
        yield f"key: expected one letter, found {item.key!r}"
    elif item.kind == "multiple" and (list(item.key) != sorted(item.key) or not 2 <= len(item.key) < options):
        yield f"key: expected two or more letters in alphabetical order, but not all; found {item.key!r}"
    elif item.kind == "order" and len(item.key) != options:
        yield f"key: expected every letter of {have} once, found {item.key!r}"
    elif item.kind == "order" and item.key == have:
        yield "key: the steps stand in the right order already"


def _wrong_numbers(item: Item) -> Iterator[str]:
    known = item.parameters
    for name, value, low, high in (
        ("a", known.a, 0.2, 3.0),
        ("b", known.b, -4.0, 4.0),
        ("c", known.c, 0.0, 0.5),
    ):
        if not low <= value <= high:
            yield f"parameters.{name}: expected {low} to {high}, found {value}"
    if not known.source.strip():
        yield "parameters.source: expected where they come from, e.g. 'expert guess'"
    if item.tolerance < 0:
        yield f"tolerance: found {item.tolerance}, expected 0 or more"
    if item.kind != "number" or not _is_number(item.key):
        return
    if not item.check:
        yield "check: a numeric item needs the arithmetic that gives its key"
        return
    try:
        value = arithmetic(item.check)
    except (ValueError, ArithmeticError) as fault:
        yield f"check: {fault}"
        return
    if abs(value - float(item.key)) > item.tolerance + 1e-9:
        yield f"key: the arithmetic {item.check} gives {value:g}, the key says {item.key}"


def _wrong_picture(item: Item) -> Iterator[str]:
    if item.prints and item.kind == "choice" and item.key in LETTERS:
        place = LETTERS.index(item.key)
        for language, text in item.texts.items():
            if place < len(text.options) and text.options[place].strip() != item.prints.strip():
                yield f"texts.{language}: the key says {text.options[place]!r}, the code prints {item.prints!r}"
    picture = item.picture
    if picture is None:
        return
    for member in ("alt", "labels"):
        if set(getattr(picture, member)) != set(LANGUAGES):
            yield f"picture.{member}: expected en, id and zh"
    sizes = {len(labels) for labels in picture.labels.values()}
    if len(sizes) != 1:
        yield "picture.labels: their number differs between languages"
    elif picture.shape in ("bars", "lines") and {len(picture.values)} != sizes:
        yield f"picture.values: expected {sizes.pop()} rows, found {len(picture.values)}"


def _is_number(text: str) -> bool:
    try:
        return math.isfinite(float(text))
    except ValueError:
        return False


_OPERATIONS: dict[type, Callable[..., float]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Pow: operator.pow,
    ast.Mod: operator.mod,
    ast.FloorDiv: operator.floordiv,
    ast.USub: operator.neg,
}
_FUNCTIONS: dict[str, Callable[..., float]] = {
    "round": round,
    "sqrt": math.sqrt,
    "log2": math.log2,
    "ceil": math.ceil,
    "max": max,
    "min": min,
}


def arithmetic(expression: str) -> float:
    """Work out plain arithmetic: numbers, + - * / // % **, and round, sqrt, log2, ceil, max, min.

    Raises
    ------
    ValueError
        When the expression holds anything else.
    """

    def value(node: ast.AST) -> float:
        if isinstance(node, ast.Constant) and isinstance(node.value, int | float):
            return node.value
        if isinstance(node, ast.BinOp) and type(node.op) in _OPERATIONS:
            return _OPERATIONS[type(node.op)](value(node.left), value(node.right))
        if isinstance(node, ast.UnaryOp) and type(node.op) in _OPERATIONS:
            return _OPERATIONS[type(node.op)](value(node.operand))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in _FUNCTIONS:
            return _FUNCTIONS[node.func.id](*(value(argument) for argument in node.args))
        raise ValueError(f"{expression!r} holds more than plain arithmetic")

    try:
        return float(value(ast.parse(expression, mode="eval").body))
    except SyntaxError as fault:
        raise ValueError(f"{expression!r} is no arithmetic") from fault


# --- untranslated ------------------------------------------------------------------------------------------------------


def _untranslated(item: Item) -> Iterator[Finding]:
    for one, two in combinations(LANGUAGES, 2):
        for member in ("stem", "rationale"):
            if _bare(getattr(item.texts[one], member)) == _bare(getattr(item.texts[two], member)):
                yield Finding(
                    "error", "untranslated", item.id, f"{member}: {one} and {two} are the same text"
                )
        yield from _same_options(item, one, two)
        if _numbers(item.texts[one].stem) != _numbers(item.texts[two].stem):
            found = f"{sorted(_numbers(item.texts[one].stem))} and {sorted(_numbers(item.texts[two].stem))}"
            yield Finding(
                "warning", "untranslated", item.id, f"stem: {one} and {two} name other numbers: {found}"
            )
    for language in LANGUAGES:
        text = item.texts[language]
        for member, words in (("stem", text.stem), ("rationale", text.rationale)):
            wrong = wrong_language(words, language)
            if wrong:
                yield Finding("error", "untranslated", item.id, f"{member}: the {language} text {wrong}")


def _same_options(item: Item, one: Language, two: Language) -> Iterator[Finding]:
    pairs = zip(item.texts[one].options, item.texts[two].options, strict=True)
    # Short technical words, code and numbers may well be the same; sentences may not.
    same = [
        a for a, b in pairs if _bare(a) == _bare(b) and len(LATIN.findall(a)) >= 4 and not LIKE_CODE.search(a)
    ]
    for option in same:
        yield Finding("error", "untranslated", item.id, f"option: {one} and {two} both say {option!r}")


def wrong_language(text: str, language: str) -> str:
    """Say why a text cannot be in a language, or return an empty text."""
    han, words = len(HAN.findall(text)), [word.lower() for word in LATIN.findall(text)]
    if language == "zh":
        return "" if han >= 0.3 * (han + len(words)) and han else "holds hardly any Chinese characters"
    if han:
        return "holds Chinese characters"
    english = sum(word in ENGLISH for word in words)
    indonesian = sum(word in INDONESIAN for word in words)
    if language == "id" and english > indonesian and english >= 3:
        return "reads as English"
    if language == "en" and indonesian > english and indonesian >= 3:
        return "reads as Indonesian"
    return ""


def _bare(text: str) -> str:
    return re.sub(r"\W+", " ", text).strip().casefold()


def _numbers(text: str) -> frozenset[float]:
    # 1,000 and 1.000, 0.5 and 0,5, 7 billion and 70 亿 are the same number written by other habits.
    found = set()
    for number, unit in NUMBER.findall(text):
        whole = re.fullmatch(r"\d{1,3}(?:[.,]\d{3})+", number)
        value = float(re.sub(r"[.,]", "", number) if whole else number.replace(",", "."))
        found.add(value * UNITS.get(unit, 1.0))
    return frozenset(found)


# --- leaking ----------------------------------------------------------------------------------------------------------


def _leaking(item: Item) -> Iterator[Finding]:
    if item.kind != "choice":
        return
    for language in LANGUAGES:
        text = item.texts[language]
        right = text.options[LETTERS.index(item.key)]
        if len(_bare(right)) >= (4 if language == "zh" else 10) and _bare(right) in _bare(text.stem):
            yield Finding("error", "leaking", item.id, f"{language}: the stem holds the key {right!r}")
        lengths = [_length(option) for option in text.options]
        others = [length for place, length in enumerate(lengths) if place != LETTERS.index(item.key)]
        if lengths[LETTERS.index(item.key)] > 2 * max(others) and lengths[LETTERS.index(item.key)] > 30:
            yield Finding(
                "error", "leaking", item.id, f"{language}: the key is twice as long as any other option"
            )


def _leaking_together(items: Sequence[Item]) -> Iterator[Finding]:
    for language in LANGUAGES:
        least = 8 if language == "zh" else 24
        asked = [(item, f" {_bare(item.texts[language].stem)} ") for item in items]
        for item in items:
            if item.kind != "choice":
                continue
            right = _bare(item.texts[language].options[LETTERS.index(item.key)])
            if len(right) < least:
                continue
            for other, stem in asked:
                if other.id != item.id and right in stem:
                    yield Finding(
                        "error",
                        "leaking",
                        f"{item.id}, {other.id}",
                        f"{language}: the stem of the second holds the key",
                    )


def _guessable(items: Sequence[Item]) -> Iterator[Finding]:
    """Look for habits that a test-wise guesser would notice over the whole bank."""
    choices = [item for item in items if item.kind == "choice"]
    if len(choices) < 20:
        return
    for options in sorted({len(item.texts["en"].options) for item in choices}):
        places = Counter(item.key for item in choices if len(item.texts["en"].options) == options)
        total = sum(places.values())
        if total < 20:
            continue
        expected = total / options
        chi = sum((places.get(letter, 0) - expected) ** 2 / expected for letter in LETTERS[:options])
        # Far beyond chance: the 0.1 % point of chi-square with options - 1 degrees of freedom, by Wilson and Hilferty.
        freedom = options - 1
        limit = freedom * (1 - 2 / (9 * freedom) + 3.0902 * math.sqrt(2 / (9 * freedom))) ** 3
        if chi > limit:
            shown = ", ".join(f"{letter} {places.get(letter, 0)}" for letter in LETTERS[:options])
            yield Finding(
                "error",
                "leaking",
                "bank",
                f"the keys of items with {options} options are unbalanced: {shown}",
            )
    for language in LANGUAGES:
        for name, extreme in (("longest", max), ("shortest", min)):
            share, chance = _extreme_share(choices, language, extreme)
            # In a few dozen items a share moves by more than the margin by luck alone: three standard deviations of it are free.
            luck = 3 * math.sqrt(chance * (1 - chance) / len(choices))
            if share > chance + max(MARGIN, luck):
                what = f"{language}: the {name} option is the key in {share:.0%} of items, by chance in {chance:.0%}"
                yield Finding("error", "leaking", "bank", what)
    yield from _seen_by_surface(choices)


def _seen_by_surface(choices: Sequence[Item]) -> Iterator[Finding]:
    """Let somebody who reads no word find keys: by the rank of their length, and by all surfaces at once."""
    fours = [item for item in choices if len(item.texts["en"].options) == 4]
    if len(fours) < LEAST_FOR_SURFACE:
        return
    for language in LANGUAGES:
        counts = Counter(key_ranks(fours, language).tolist())
        expected = len(fours) / 4
        chi = sum((counts.get(rank, 0) - expected) ** 2 / expected for rank in range(4))
        if chi > RANKS_CHI_SQUARE:
            shown = ", ".join(str(counts.get(rank, 0)) for rank in range(4))
            what = f"{language}: the key is the shortest to the longest option in {shown} items; expected about {expected:.0f} each"
            yield Finding("error", "leaking", "bank", what)
        share = float(classifier_hits(fours, language).mean())
        if share > MOST_BY_SURFACE:
            what = (
                f"{language}: a classifier that sees only lengths, punctuation, absolute and hedging words finds {share:.0%} of "
                f"the keys; at most {MOST_BY_SURFACE:.0%} (python benchmarks/talent_testwise.py shows more)"
            )
            yield Finding("error", "leaking", "bank", what)


def _extreme_share(
    choices: Sequence[Item], language: Language, extreme: Callable[[Sequence[int]], int]
) -> tuple[float, float]:
    hits, chance = 0.0, 0.0
    for item in choices:
        lengths = [_length(option) for option in item.texts[language].options]
        chance += 1 / len(lengths)
        wanted = extreme(lengths)
        if lengths[LETTERS.index(item.key)] == wanted:
            hits += 1 / lengths.count(wanted)
    return hits / len(choices), chance / len(choices)


def _length(text: str) -> int:
    return len(text.strip())


# --- duplicated --------------------------------------------------------------------------------------------------------


def _duplicated(items: Sequence[Item]) -> Iterator[Finding]:
    for language in LANGUAGES:
        width = 3 if language == "zh" else 5
        marks = [_grams(item, language, width) for item in items]
        for (one, first), (two, second) in combinations(zip(items, marks, strict=True), 2):
            # The union is at least the larger and the intersection at most the smaller set: most pairs end here.
            if min(len(first), len(second)) < ALIKE * max(len(first), len(second)):
                continue
            common = len(first & second)
            alike = common / (len(first) + len(second) - common)
            if alike > ALIKE:
                yield Finding(
                    "error",
                    "duplicated",
                    f"{one.id}, {two.id}",
                    f"{language}: {alike:.0%} of their text is the same",
                )


def _grams(item: Item, language: Language, width: int) -> frozenset[str]:
    text = item.texts[language]
    joined = _bare(" ".join((text.stem, *text.options, item.code)))
    return frozenset(joined[place : place + width] for place in range(max(1, len(joined) - width + 1)))
