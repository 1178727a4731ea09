"""Names: any script, no two that look alike, nothing that hides or turns text; addresses say how they sound."""

from __future__ import annotations

import pytest

from archives import archive_of
from lumbung.centre.members import services
from lumbung.centre.members.models import Organisation, Team
from lumbung.centre.members.names import BadName, address_of, clean_name, skeleton

ALIKE = [
    ("Rice Rocket", "rice  rocket"), ("Rice Rocket", "Riсe Rосket"), ("Team 10", "Team l0"), ("Team 10", "Team IO"),
    ("ＲＩＣＥ", "rice"), ("Caf\u00e9", "Cafe\u0301"), ("AΒΓ", "ABΓ"), ("稻田", "稻田"), ("ﬁeld", "field"),
]  # fmt: skip
APART = [
    ("Ngô", "Ngo"), ("稻田", "水田"), ("กา", "กิ"), ("Rice", "Rise"), ("Team 2", "Team 3"), ("မြန်မာ", "မြန်မြ"),
]  # fmt: skip


@pytest.mark.parametrize(("one", "other"), ALIKE)
def test_names_that_look_alike_are_one(one, other):
    assert skeleton(one) == skeleton(other)


@pytest.mark.parametrize(("one", "other"), APART)
def test_names_that_differ_are_two(one, other):
    assert skeleton(one) != skeleton(other)


@pytest.mark.parametrize(
    "name",
    ["a\u202eb", "a\u2066b", "a\u200bb", "\u200eab", "a\x07b", "a\ufeffb", "a\u00adb", "x", "  ", "!!", "🙂🙂", "y" * 81,
     "a\u200db", "\ue000ab"],
)  # fmt: skip
def test_what_hides_or_says_nothing_is_refused(name):
    with pytest.raises(BadName):
        clean_name(name, 80)


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("  Padi \t Emas ", "Padi Emas"),
        ("Cafe\u0301", "Caf\u00e9"),
        ("ក្រុម\u200cកសិករ", "ក្រុម\u200cកសិករ"),
        ("稻田队", "稻田队"),
        ("Ñandú-7 (β)", "Ñandú-7 (β)"),
    ],
)
def test_honest_names_are_kept(name, kept):
    assert clean_name(name, 80) == kept


@pytest.mark.parametrize(
    ("name", "address"),
    [
        ("稻田队", "dao-tian-dui"),
        ("Đội Lúa Vàng", "doi-lua-vang"),
        ("Padi Emas", "padi-emas"),
        ("南宁 AI", "nan-ning-ai"),
    ],
)
def test_addresses_say_how_a_name_sounds(name, address):
    assert address_of(name, 32) == address


def test_every_script_of_the_region_has_an_address():
    for name in ("ทีมข้าว", "ក្រុមស្រូវ", "ທີມເຂົ້າ", "စပါးအသင်း"):
        assert len(address_of(name, 32)) > 3


def test_a_name_that_looks_like_anothers_is_refused_by_page_and_api(league):
    taken = league.api["stranger"]("POST", "/teams", {"name": "Riсe Rосket"})  # with Cyrillic letters
    assert taken.status_code == 400 and "looks like" in taken.json()["detail"]
    turned = league.api["stranger"]("POST", "/teams", {"name": "Rice\u202eX"})
    assert turned.status_code == 400 and "U+202E" in turned.json()["detail"]
    body = {"name": "Kota Вandung", "country": "ID", "kind": "public"}  # Cyrillic Ve
    assert league.api["stranger"]("POST", "/organisations", body).status_code == 400
    chinese = league.api["stranger"]("POST", "/teams", {"name": "稻田队"})
    assert chinese.status_code == 201 and chinese.json()["slug"] == "dao-tian-dui"
    assert Team.objects.get(slug="dao-tian-dui").name == "稻田队"


def test_teams_are_not_founded_by_the_dozen(league, monkeypatch):
    monkeypatch.setattr(services, "TEAMS_A_DAY", 2)
    found = [
        league.api["stranger"]("POST", "/teams", {"name": f"Tim {word}"}).status_code
        for word in ("satu", "dua", "tiga")
    ]
    assert found == [201, 201, 400]


def test_whoever_saves_an_organisation_its_looks_follow_its_name(db):
    from small_league import NOW

    one = Organisation.objects.create(slug="a", name="Kota A", country="ID", kind="public", created=NOW)
    one.name = "Kota B"
    one.save()
    assert one.looks == skeleton("Kota B")


@pytest.mark.parametrize(
    "letter", ["\ufdfa", "\u1f82", "각"]
)  # one ligature, one letter with three marks, three letters in one
def test_however_much_a_letter_holds_a_names_looks_can_be_kept(letter):
    longest = Organisation._meta.get_field("looks").max_length
    assert 0 < len(skeleton(letter * 120)) <= longest


@pytest.mark.parametrize("name", ["\u202egnp.exe", "\x1b[2J", "a\u200bb"])
def test_a_submissions_name_hides_nothing(league, name):
    fields = {"team": "rice-rocket", "challenge": "toy", "phase": "practice", "name": name}
    archive = archive_of({"solution.py": "def solve(p): return {}"})
    answer = league.api["member"].upload("/submissions", {**fields, "archive": archive})
    assert answer.status_code == 400 and "cannot be seen" in answer.json()["detail"]
