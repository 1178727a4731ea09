"""Each fault, planted in a sound bank, is found; the sound bank has none."""

from __future__ import annotations

import copy
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest
import yaml

from lumbung.talent.bank import ItemError, check_bank, load_bank
from lumbung.talent.bank.check import _guessable, arithmetic, wrong_language
from lumbung.talent.bank.item import Item
from lumbung.talent.bank.load import SHIPPED

Entry = dict[str, Any]


@pytest.fixture(scope="module")
def sound() -> list[Entry]:
    """The shipped file with the most kinds of items."""
    loaded: list[Entry] = yaml.safe_load((SHIPPED / "understanding" / "foundation.yaml").read_text("utf-8"))
    return loaded


@pytest.fixture
def check(
    sound: list[Entry], tmp_path: Path
) -> Callable[[Callable[[list[Entry]], None]], list[tuple[str, str, str]]]:
    def planted(change: Callable[[list[Entry]], None]) -> list[tuple[str, str, str]]:
        entries = copy.deepcopy(sound)
        change(entries)
        folder = tmp_path / "understanding"
        folder.mkdir(exist_ok=True)
        (folder / "foundation.yaml").write_text(yaml.safe_dump(entries, allow_unicode=True), "utf-8")
        return [(finding.group, finding.where, finding.what) for finding in check_bank(tmp_path)[1]]

    return planted


def by_kind(entries: list[Entry], kind: str) -> Entry:
    return next(entry for entry in entries if entry["kind"] == kind)


def test_the_shipped_bank_is_sound() -> None:
    items, findings = check_bank()
    assert findings == []
    assert len(items) >= 240


def test_a_sound_file_gives_no_finding(check: Any) -> None:
    assert check(lambda entries: None) == []


def _set(entries: list[Entry], place: int, path: str, value: Any) -> None:
    *parents, last = path.split("/")
    target: Any = entries[place]
    for parent in parents:
        target = target[int(parent)] if isinstance(target, list) else target[parent]
    if value is None:
        del target[last]
    elif isinstance(target, list):
        target[int(last)] = value
    else:
        target[last] = value


# (place of the item, member, planted value, group, part of the message)
FAULTS = [
    (0, "texts/zh", None, "malformed", "expected en, id and zh"),
    (0, "key", "E", "malformed", "expected letters of ABCD"),
    (0, "key", "AB", "malformed", "expected one letter"),
    (0, "level", "expert", "malformed", "Invalid enum value"),
    (0, "level", "specialist", "malformed", "should be those of its file"),
    (0, "colour", "red", "malformed", "unknown field"),
    (0, "author", " ", "malformed", "author: it is empty"),
    (0, "alignment", ["SFIA DATM 4"], "malformed", "is no id of DigComp"),
    (0, "alignment", [], "malformed", "at least one id"),
    (0, "parameters/a", 9.0, "malformed", "parameters.a: expected 0.2 to 3.0"),
    (0, "parameters/b", float("nan"), "malformed", "parameters.b"),
    (0, "parameters/c", 0.9, "malformed", "parameters.c"),
    (0, "texts/en/stem", "", "malformed", "stem or rationale is empty"),
    (0, "texts/en/options/1", "", "malformed", "an option is empty"),
    (0, "texts/en/options", ["One", "Two"], "malformed", "number differs between languages"),
    (0, "texts/en/options/3", "All of the above", "malformed", "sums up other options"),
    (0, "texts/id/options/3", "Semua jawaban di atas benar", "malformed", "sums up other options"),
    (0, "texts/zh/options/3", "以上都对", "malformed", "sums up other options"),
    (
        1,
        "texts/id",
        {"stem": "x", "rationale": "y", "options": ["a", "a", "b", "c"]},
        "malformed",
        "are the same",
    ),
    (
        0,
        "texts/id/rationale",
        "This is not the right language for the reader of it",
        "untranslated",
        "reads as English",
    ),
    (
        0,
        "texts/en/rationale",
        "Ini bukan bahasa yang tepat untuk pembaca dari teks itu",
        "untranslated",
        "Indonesian",
    ),
    (0, "texts/zh/rationale", "Not translated at all", "untranslated", "hardly any Chinese"),
    (0, "texts/en/rationale", "A text with 汉字 in it", "untranslated", "holds Chinese characters"),
    (
        1,
        "texts/id/stem",
        "Berapa foto yang dikumpulkan koperasi itu, 3.000 atau lebih?",
        "untranslated",
        "other numbers",
    ),
]


@pytest.mark.parametrize(("place", "path", "value", "group", "message"), FAULTS)
def test_a_planted_fault_is_found(
    check: Any, place: int, path: str, value: Any, group: str, message: str
) -> None:
    found = check(lambda entries: _set(entries, place, path, value))
    assert [what for kind, _, what in found if kind == group and message in what], found


def test_untranslated_copies_are_found(check: Any) -> None:
    def copy_english(entries: list[Entry]) -> None:
        entries[0]["texts"]["id"] = copy.deepcopy(entries[0]["texts"]["en"])

    found = check(copy_english)
    said = [what for group, _, what in found if group == "untranslated"]
    assert any("stem: en and id are the same text" in what for what in said)
    assert any("option: en and id both say" in what for what in said)
    assert any("reads as English" in what for what in said)


def test_duplicates_are_found_even_when_reworded_a_little(check: Any) -> None:
    def repeat(entries: list[Entry]) -> None:
        again = copy.deepcopy(entries[0])
        again["id"] = "understanding-foundation-99"
        again["texts"]["en"]["stem"] = again["texts"]["en"]["stem"].replace("Jakarta", "Surabaya")
        entries.append(again)

    found = check(repeat)
    pairs = {where for group, where, _ in found if group == "duplicated"}
    assert pairs == {"understanding-foundation-01, understanding-foundation-99"}


def test_a_repeated_id_is_found_and_stops_loading(check: Any, tmp_path: Path) -> None:
    found = check(lambda entries: entries.append(copy.deepcopy(entries[0])))
    assert ("duplicated", "this id stands twice in the bank") in {(group, what) for group, _, what in found}
    with pytest.raises(ItemError, match="stands twice"):
        load_bank(tmp_path)


def test_a_key_in_its_own_stem_leaks(check: Any) -> None:
    def leak(entries: list[Entry]) -> None:
        text = entries[0]["texts"]["en"]
        text["stem"] += " " + text["options"]["ABCD".index(entries[0]["key"])]

    assert any(group == "leaking" and "the stem holds the key" in what for group, _, what in check(leak))


def test_a_stem_that_answers_another_item_leaks(check: Any) -> None:
    def leak(entries: list[Entry]) -> None:
        right = entries[0]["texts"]["id"]["options"]["ABCD".index(entries[0]["key"])]
        entries[5]["texts"]["id"]["stem"] += f" Ingat: {right}."

    found = [
        where for group, where, what in check(leak) if group == "leaking" and "of the second holds" in what
    ]
    assert found == ["understanding-foundation-01, understanding-foundation-06"]


def test_a_key_twice_as_long_as_the_rest_leaks(check: Any) -> None:
    def leak(entries: list[Entry]) -> None:
        options = entries[0]["texts"]["zh"]["options"]
        place = "ABCD".index(entries[0]["key"])
        options[place] = options[place] * 3

    assert any("twice as long" in what for group, _, what in check(leak) if group == "leaking")


def _many(entries: list[Entry], change: Callable[[Entry, int], None]) -> None:
    """Make forty unlike choice items out of the file's own."""
    words = [f"w{place}{letter}" for place in range(40) for letter in "abcdefghijklmnopqrst"]
    model = copy.deepcopy(entries[0])
    del entries[:]
    for number in range(40):
        item = copy.deepcopy(model)
        item["id"] = f"understanding-foundation-{number + 1:02d}"
        own = words[20 * number : 20 * number + 20]
        for language, lead in (
            ("en", "of which the"),
            ("id", "yang mana dan"),
            ("zh", "下列哪一项最合适呢请选择其中正确的说法"),
        ):
            tail = lead if language != "zh" else lead + "汉" * 20
            item["texts"][language] = {
                "stem": f"{' '.join(own[:8])} {tail} {number}",
                "rationale": f"{language} {own[9]} {tail}",
                "options": [f"{language} {word} {tail}" for word in own[10:14]],
            }
        change(item, number)
        entries.append(item)


def test_unbalanced_key_places_leak(check: Any) -> None:
    def plant(item: Entry, number: int) -> None:
        item["key"] = "A" if number < 30 else "BCD"[number % 3]

    said = [what for group, _, what in check(lambda entries: _many(entries, plant)) if group == "leaking"]
    assert any("unbalanced: A 30" in what for what in said)


@pytest.mark.parametrize("extreme", ["longest", "shortest"])
def test_a_telling_length_leaks(check: Any, extreme: str) -> None:
    def plant(item: Entry, number: int) -> None:
        item["key"] = "ABCD"[number % 4]
        for place, option in enumerate(item["texts"]["en"]["options"]):
            right = place == number % 4
            if right == (extreme == "longest"):
                item["texts"]["en"]["options"][place] = option + " and some more"

    said = [what for group, _, what in check(lambda entries: _many(entries, plant)) if group == "leaking"]
    assert [what for what in said if f"en: the {extreme} option is the key in 100%" in what]


def test_numeric_items_are_worked_out(check: Any) -> None:
    def wrong(entries: list[Entry]) -> None:
        by_kind(entries, "number")["key"] = "86"

    assert any("gives 85, the key says 86" in what for _, _, what in check(wrong))

    def without(entries: list[Entry]) -> None:
        del by_kind(entries, "number")["check"]

    assert any("needs the arithmetic" in what for _, _, what in check(without))

    def dangerous(entries: list[Entry]) -> None:
        by_kind(entries, "number")["check"] = "__import__('os').system('true')"

    assert any("more than plain arithmetic" in what for _, _, what in check(dangerous))


def test_orders_and_multiples_have_their_own_rules(check: Any) -> None:
    def solved(entries: list[Entry]) -> None:
        by_kind(entries, "order")["key"] = "ABCDE"

    assert any("right order already" in what for _, _, what in check(solved))

    def single(entries: list[Entry]) -> None:
        by_kind(entries, "multiple")["key"] = "A"

    assert any("two or more letters" in what for _, _, what in check(single))


def test_pictures_must_speak_all_languages(check: Any) -> None:
    def mute(entries: list[Entry]) -> None:
        entry = next(entry for entry in entries if "picture" in entry)
        del entry["picture"]["alt"]["zh"]

    assert any("picture.alt: expected en, id and zh" in what for _, _, what in check(mute))


def test_files_that_are_no_bank_are_explained(tmp_path: Path) -> None:
    with pytest.raises(ItemError, match="no item files"):
        check_bank(tmp_path)
    (tmp_path / "x").mkdir()
    (tmp_path / "x" / "y.yaml").write_text("a: 1", "utf-8")
    with pytest.raises(ItemError, match="expected a list"):
        check_bank(tmp_path)
    (tmp_path / "x" / "y.yaml").write_text("a: [", "utf-8")
    with pytest.raises(ItemError, match="no readable YAML"):
        check_bank(tmp_path)


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("1/4", 0.25),
        ("round(2/3, 2)", 0.67),
        ("-2**2 + 10 % 4", -2.0),
        ("ceil(7/2) + max(1, 3)", 7.0),
        ("log2(8)", 3.0),
    ],
)
def test_arithmetic(expression: str, value: float) -> None:
    assert arithmetic(expression) == pytest.approx(value)


@pytest.mark.parametrize(
    "expression", ["x + 1", "'a' * 3", "open('f')", "(1).real", "1 +", "[1][0]", "lambda: 1"]
)
def test_other_expressions_are_refused(expression: str) -> None:
    with pytest.raises(ValueError, match="arithmetic"):
        arithmetic(expression)


@pytest.mark.parametrize(
    ("text", "language", "wrong"),
    [
        ("The model is trained on data from the field", "en", False),
        ("Model dilatih dengan data dari lapangan yang ada", "en", True),
        ("Model dilatih dengan data dari lapangan", "id", False),
        ("模型用田间的数据训练", "zh", False),
        ("模型用 GPU 训练，准确率为 0.85", "zh", False),
        ("training loss", "zh", True),
    ],
)
def test_languages_are_told_apart(text: str, language: str, wrong: bool) -> None:
    assert bool(wrong_language(text, language)) is wrong


@pytest.mark.parametrize(
    "path", sorted(SHIPPED.glob("*/*.yaml")), ids=lambda path: f"{path.parent.name}-{path.stem}"
)
def test_every_cell_is_sound_on_its_own(path: Path, tmp_path: Path) -> None:
    (tmp_path / path.parent.name).mkdir()
    shutil.copy(path, tmp_path / path.parent.name / path.name)
    items, findings = check_bank(tmp_path)
    assert findings == []
    assert len(items) >= 20


def test_a_bank_whose_keys_can_be_told_by_their_look_is_refused() -> None:
    bank = load_bank()
    asked = [item for item in bank if item.kind == "choice"]
    assert not list(_guessable(asked))

    def padded(item: Item) -> Item:
        texts = {}
        for language, text in item.texts.items():
            options = [f"{o}, {o}" if "ABCD"[k] == item.key else o for k, o in enumerate(text.options)]
            texts[language] = msgspec.structs.replace(text, options=tuple(options))
        return msgspec.structs.replace(item, texts=texts)

    said = " ".join(finding.what for finding in _guessable([padded(item) for item in asked]))
    assert "a classifier that sees only lengths" in said
    assert "the key is the shortest to the longest option" in said
