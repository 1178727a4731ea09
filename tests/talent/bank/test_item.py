"""Items are shown without their key, in an order of the session's own, and scored as they were meant."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from xml.etree import ElementTree

import msgspec
import pytest

from lumbung.talent.bank import Bank, ItemError, load_bank, score
from lumbung.talent.bank.item import AREAS, LANGUAGES, LETTERS, LEVELS, Item


@pytest.fixture(scope="module")
def bank() -> Bank:
    return load_bank()


def first(bank: Bank, kind: str) -> Item:
    return next(item for item in bank if item.kind == kind)


def test_the_bank_fills_every_cell_in_three_languages(bank: Bank) -> None:
    cells = Counter((item.area, item.level) for item in bank)
    assert set(cells) == {(area, level) for area in AREAS for level in LEVELS}
    assert min(cells.values()) >= 20
    assert len(bank) == sum(cells.values()) >= 240
    kinds = Counter(item.kind for item in bank)
    assert min(kinds[kind] for kind in ("choice", "multiple", "order", "number")) >= 10
    assert sum(bool(item.picture) for item in bank) >= 10
    assert sum(bool(item.code) for item in bank) >= 15


def test_what_is_not_yet_known_is_marked_so(bank: Bank) -> None:
    assert {item.parameters.source for item in bank} == {"expert guess"}


def test_levels_rise_in_guessed_difficulty(bank: Bank) -> None:
    for area in AREAS:
        means = [
            sum(item.parameters.b for item in bank.select(area, level)) / len(bank.select(area, level))
            for level in LEVELS
        ]
        assert means == sorted(means)


def test_a_face_holds_neither_key_nor_rationale(bank: Bank) -> None:
    for item in bank:
        for language in LANGUAGES:
            face = item.face(language, 7)
            shown = msgspec.json.encode(face).decode()
            assert item.texts[language].rationale not in shown
            assert set(face.__struct_fields__) == {
                "id",
                "kind",
                "language",
                "stem",
                "options",
                "code",
                "picture",
            }
            assert Counter(face.options) == Counter(item.texts[language].options)


def test_the_order_belongs_to_the_session_and_is_the_same_in_every_language(bank: Bank) -> None:
    item = first(bank, "choice")
    orders = {tuple(item.order(seed)) for seed in range(60)}
    assert len(orders) > 15
    assert item.face("en", 3) == item.face("en", 3)
    shown = {language: item.face(language, 11).options for language in LANGUAGES}
    for language in LANGUAGES:
        assert shown[language] == tuple(item.texts[language].options[place] for place in item.order(11))


def test_the_key_wanders_over_the_places_shown(bank: Bank) -> None:
    places = Counter(
        item.shown_key(5) for item in bank if item.kind == "choice" and len(item.texts["en"].options) == 4
    )
    total = sum(places.values())
    assert all(total / 8 < places[letter] < total / 2 for letter in "ABCD")


def test_the_key_scores_one_and_everything_else_zero(bank: Bank) -> None:
    for item in bank:
        assert score(item, item.key) == 1
        assert score(item, item.shown_key(42), 42) == 1
        assert score(item, "") == 0
        if item.kind == "choice":
            letters = LETTERS[: len(item.texts["en"].options)]
            assert sum(score(item, letter, 9) for letter in letters) == 1


def test_answers_are_read_as_people_write_them(bank: Bank) -> None:
    multiple, order, number = (first(bank, kind) for kind in ("multiple", "order", "number"))
    assert score(multiple, ", ".join(reversed(multiple.key.lower()))) == 1
    assert score(multiple, multiple.key[:-1]) == 0
    assert score(order, " → ".join(order.key)) == 1
    assert score(order, order.key[::-1]) == 0
    decimal = bank["understanding-practitioner-03"]
    assert decimal.kind == "number"
    assert [score(decimal, answer) for answer in ("0.75", "0,75", 0.75, "0.76", "75 %")] == [1, 1, 1, 0, 0]
    assert score(number, f"{number.key} %") == 1
    thousands = bank["building-specialist-02"]
    assert [score(thousands, answer) for answer in ("65536", "65.536", "65,536", "65 536", "6.5536")] == [
        1,
        1,
        1,
        1,
        0,
    ]


def test_impossible_answers_are_explained(bank: Bank) -> None:
    choice, number = first(bank, "choice"), first(bank, "number")
    for answer, why in (("Z", "options A to D"), ("AA", "at most once"), ("AB", "one option can be chosen")):
        with pytest.raises(ItemError, match=why):
            score(choice, answer)
    with pytest.raises(ItemError, match="should be a number"):
        score(number, "many")
    with pytest.raises(ItemError, match="no item 'nowhere'"):
        load_bank()["nowhere"]


def test_code_prints_what_the_key_says(bank: Bank) -> None:
    items = [item for item in bank if item.prints]
    assert len(items) >= 12
    for item in items:
        ran = subprocess.run(
            [sys.executable, "-I", "-c", item.code], capture_output=True, text=True, timeout=10
        )
        assert ran.stdout.strip() == item.prints.strip(), item.id


def test_numeric_code_items_print_their_key(bank: Bank) -> None:
    for item in bank:
        if item.kind == "number" and item.code:
            ran = subprocess.run(
                [sys.executable, "-I", "-c", item.code], capture_output=True, text=True, timeout=10
            )
            assert float(ran.stdout) == float(item.key), item.id


def test_pictures_are_well_formed_stay_inside_and_name_what_they_show(bank: Bank) -> None:
    for item in (item for item in bank if item.picture):
        for language in LANGUAGES:
            svg = item.face(language).picture
            root = ElementTree.fromstring(svg)
            assert root.attrib["aria-label"] == item.picture.alt[language]
            assert "href" not in svg
            for mark in root.iter("{http://www.w3.org/2000/svg}text"):
                assert 0 <= float(mark.attrib["x"]) <= 480


def test_columns_stand_in_the_order_of_the_ids(bank: Bank) -> None:
    columns = bank.columns()
    assert list(columns.ids) == sorted(bank.items)
    place = columns.ids.index("working-specialist-10")
    assert columns.areas[place] == "working"
    known = bank["working-specialist-10"].parameters
    assert (columns.a[place], columns.b[place], columns.c[place]) == (known.a, known.b, known.c)


@pytest.mark.parametrize("typed", ["０．67", "0．67", "0。67", " 0,67 ", "67％"])
def test_a_number_from_a_chinese_keyboard_is_read(typed: str) -> None:
    item = next(item for item in load_bank() if item.kind == "number")
    key = "67" if "％" in typed else "0.67"
    asked = msgspec.structs.replace(item, key=key, tolerance=0.0)
    assert score(asked, typed) == 1
