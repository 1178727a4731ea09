"""A badge survives being printed, drawn and photographed."""

from __future__ import annotations

import io
import json
import re
import shutil
import subprocess
from datetime import date
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from lumbung.talent.credentials import Ability, Holder, Issuer, SigningKey, StandingResult, issue_badge
from lumbung.talent.credentials.emblem import axis_place, draw_svg, two_lines, unbake_svg
from lumbung.talent.credentials.paper import PaperProblem, draw_pdf, qr_svg, qr_text, read_pdf, read_qr_text

KEY = SigningKey.from_raw(b"\x05" * 32)
ISSUER = Issuer(KEY.did, "Pusat Inovasi <AI> & Mitra", "https://centre.example")
STANDING = StandingResult(
    "city-signals@2",
    "Lampu lalu lintas Bandung",
    0.88,
    0.86,
    0.9,
    "",
    1,
    2,
    14,
    60,
    ("ab" * 32,),
    date(2026, 11, 21),
)


def make(language: str = "zh", name: str = "王小明", theta: float = 0.84) -> dict[str, Any]:
    ability = Ability(theta, 0.29, 24, language, "ai-capability/1", date(2026, 11, 20))
    return issue_badge(
        ability,
        issuer=ISSUER,
        key=KEY,
        valid_from="2026-11-24T00:00:00Z",
        language=language,
        holder=Holder(name=name),
        status=("https://centre.example/status/1", 7),
    )


@pytest.mark.parametrize("language", ["en", "id", "zh"])
def test_pdf_svg_and_code_carry_the_whole_badge(language: str) -> None:
    badge = make(language)
    assert json.loads(read_pdf(draw_pdf(badge))) == badge
    assert json.loads(unbake_svg(draw_svg(badge))) == badge
    assert json.loads(read_qr_text(qr_text(badge, "https://centre.example/verify"))) == badge


@pytest.mark.parametrize(
    ("language", "word"), [("en", "AI capability"), ("id", "Kemampuan AI"), ("zh", "人工智能能力")]
)
def test_the_pdf_reads_as_text(language: str, word: str) -> None:
    from pypdf import PdfReader

    text = PdfReader(io.BytesIO(draw_pdf(make(language, "Siti 王")))).pages[0].extract_text()
    assert word in text
    assert "Siti 王" in text
    assert ("0,84" if language == "id" else "0.84") in text


def test_a_photographed_code_gives_the_badge_back(tmp_path: Path) -> None:
    if not shutil.which("zbarimg") or not shutil.which("pdftoppm"):
        pytest.skip("needs zbarimg and pdftoppm (Debian: apt-get install zbar-tools poppler-utils)")
    badge = make()
    (tmp_path / "b.pdf").write_bytes(draw_pdf(badge, "https://centre.example/verify"))
    subprocess.run(["pdftoppm", "-r", "200", "-png", tmp_path / "b.pdf", tmp_path / "b"], check=True)
    seen = subprocess.run(["zbarimg", "-q", "--raw", tmp_path / "b-1.png"], capture_output=True, text=True)
    assert json.loads(read_qr_text(seen.stdout)) == badge


def test_the_picture_is_well_formed_and_stays_inside_its_axis() -> None:
    for badge in (
        make(theta=9.5),
        make(theta=-9.5),
        issue_badge(STANDING, issuer=ISSUER, key=KEY, valid_from="2026-11-24T00:00:00Z", language="id"),
    ):
        root = ElementTree.fromstring(draw_svg(badge))
        assert root.attrib["aria-label"] == badge["name"]
        for circle in root.iter("{http://www.w3.org/2000/svg}circle"):
            assert 40 <= float(circle.attrib["cx"]) <= 360
    assert axis_place(-99) == 0.0
    assert axis_place(0) == 0.5
    assert "Pusat Inovasi &lt;AI&gt; &amp; Mitra" in draw_svg(make())


def test_a_text_that_ends_the_data_section_does_not_break_the_picture() -> None:
    badge = make(name="]]> Siti")
    assert json.loads(unbake_svg(draw_svg(badge))) == badge


def test_names_are_split_at_their_colon() -> None:
    assert two_lines("AI capability: Practitioner") == ("AI capability", "Practitioner")
    assert two_lines("人工智能能力：应用") == ("人工智能能力", "应用")
    assert two_lines("Kemampuan AI") == ("Kemampuan AI", "")


def test_what_holds_no_badge_is_said() -> None:
    with pytest.raises(PaperProblem, match=r"carries no badge\.json"):
        read_pdf(b"%PDF-1.4 nothing")
    with pytest.raises(PaperProblem, match="holds no badge"):
        read_qr_text("https://example.org/")
    with pytest.raises(PaperProblem, match="holds no badge"):
        read_qr_text("lumbung:verify#b=!!!!")
    with pytest.raises(ValueError, match="no Open Badges credential"):
        unbake_svg("<svg/>")
    with pytest.raises(PaperProblem, match=r"needs \d+ bytes"):
        qr_text(
            json.dumps(make())
            + str(bytes(range(256)).hex()) * 20
            + KEY.multikey * 1
            + "".join(map(chr, range(200, 3000)))
        )


def test_the_code_as_svg_has_its_quiet_zone() -> None:
    svg = qr_svg(make())
    size = re.search(r'<svg[^>]* width="(\d+)"', svg)
    assert size is not None
    assert int(size[1]) % 2 == 0
