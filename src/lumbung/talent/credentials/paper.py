"""A badge on paper: a QR code that carries the whole badge, and a PDF page that carries both.

The code holds the address of a verification page, and behind its ``#`` the badge itself, deflated. What stands behind a
``#`` never leaves the reader's browser, so scanning tells the issuer nothing.
"""

from __future__ import annotations

import base64
import binascii
import io
import json
import zlib
from collections.abc import Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from lumbung.talent.credentials.emblem import (
    BARN,
    GRAIN,
    INK,
    LEAF,
    PAPER,
    axis_place,
    language_of,
    results_of,
)
from lumbung.talent.credentials.wording import WORDS

if TYPE_CHECKING:
    import segno
    from reportlab.pdfgen.canvas import Canvas

PAGE_ADDRESS = "lumbung:verify"
ATTACHMENT = "badge.json"
# The largest QR code holds 2,953 bytes at its lowest level of error correction (ISO/IEC 18004, version 40-L).
QR_BYTES = 2953
LONGEST_BADGE = 4_000_000


class PaperProblem(ValueError):
    """A badge that does not fit on paper, or a code or page that holds none."""


def qr_text(badge: Mapping[str, Any] | str, page: str = PAGE_ADDRESS) -> str:
    """Write the text of the QR code: the page's address, ``#b=``, and the deflated badge in base64url.

    Raises
    ------
    PaperProblem
        When the badge is too long for a QR code.
    """
    plain = badge if isinstance(badge, str) else json.dumps(badge, ensure_ascii=False, separators=(",", ":"))
    packer = zlib.compressobj(9, wbits=-15)
    packed = packer.compress(plain.encode()) + packer.flush()
    text = f"{page}#b={base64.urlsafe_b64encode(packed).rstrip(b'=').decode()}"
    if len(text) > QR_BYTES:
        raise PaperProblem(f"the badge needs {len(text)} bytes in a QR code, which holds {QR_BYTES}")
    return text


def read_qr_text(text: str) -> str:
    """Take the badge out of the text of a QR code.

    Raises
    ------
    PaperProblem
        When the text holds none.
    """
    _, found, packed = text.strip().partition("#b=")
    try:
        data = base64.b64decode(packed + "=" * (-len(packed) % 4), altchars=b"-_", validate=True)
        unpacker = zlib.decompressobj(wbits=-15)
        plain = unpacker.decompress(data, LONGEST_BADGE).decode()
    except (binascii.Error, zlib.error, ValueError) as fault:
        raise PaperProblem(f"the code holds no badge: {fault}") from fault
    if not found or not unpacker.eof:
        raise PaperProblem("the code holds no badge: expected the packed badge behind #b=")
    return plain


def qr_svg(badge: Mapping[str, Any] | str, page: str = PAGE_ADDRESS) -> str:
    """Draw the QR code of a badge as SVG, with its quiet zone."""
    buffer = io.BytesIO()
    _code(qr_text(badge, page)).save(buffer, kind="svg", xmldecl=False, border=4, scale=2, dark=INK)
    return buffer.getvalue().decode()


@lru_cache(maxsize=256)
def _code(text: str) -> segno.QRCode:
    """Make a QR code: a tenth of a second for a badge, whose page, picture and paper all ask for the same one."""
    import segno

    return segno.make_qr(text, error="l", boost_error=False)


def draw_pdf(badge: Mapping[str, Any], page: str = PAGE_ADDRESS) -> bytes:
    """Print a badge as one A4 page, with the QR code on it and the badge attached as ``badge.json``.

    Chinese is set in STSong-Light, one of the standard CID fonts every PDF reader brings along, so no font file is
    needed.
    """
    from pypdf import PdfReader, PdfWriter
    from reportlab.lib.pagesizes import A4, landscape
    from reportlab.pdfgen.canvas import Canvas

    buffer = io.BytesIO()
    canvas = Canvas(buffer, pagesize=landscape(A4), invariant=1, lang=language_of(badge))
    canvas.setTitle(str(badge["name"]))
    canvas.setAuthor(str(badge["issuer"].get("name", "")))
    _draw_page(canvas, badge, page)
    canvas.save()
    writer = PdfWriter(clone_from=PdfReader(buffer))
    writer.add_attachment(ATTACHMENT, json.dumps(badge, ensure_ascii=False, indent=1).encode())
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def read_pdf(data: bytes) -> str:
    """Take the badge out of a PDF that carries one.

    Raises
    ------
    PaperProblem
        When it is no PDF or carries none.
    """
    from pypdf import PdfReader
    from pypdf.errors import PyPdfError

    try:
        attached = PdfReader(io.BytesIO(data)).attachments
        found = attached[ATTACHMENT][0]
    except (PyPdfError, KeyError, IndexError, ValueError, OSError) as fault:
        raise PaperProblem(f"the PDF carries no {ATTACHMENT}") from fault
    return found.decode("utf-8", errors="replace")


def _font(language: str, bold: bool = False) -> str:
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.cidfonts import UnicodeCIDFont

    if language == "zh":
        if "STSong-Light" not in pdfmetrics.getRegisteredFontNames():
            pdfmetrics.registerFont(UnicodeCIDFont("STSong-Light"))
        return "STSong-Light"
    return "Helvetica-Bold" if bold else "Helvetica"


def _font_for(text: str, language: str, bold: bool = False) -> str:
    # The built-in Latin fonts hold Windows-1252 only; any other letter (a Chinese name on an Indonesian badge) needs
    # the CID font.
    try:
        text.encode("cp1252")
    except UnicodeEncodeError:
        return _font("zh")
    return _font(language, bold)


def _draw_page(canvas: Canvas, badge: Mapping[str, Any], page: str) -> None:
    from reportlab.lib.colors import HexColor

    language = language_of(badge)
    words = WORDS[language]
    width, height = canvas._pagesize
    canvas.setFillColor(HexColor(PAPER))
    canvas.rect(0, 0, width, height, stroke=0, fill=1)
    canvas.setStrokeColor(HexColor(LEAF))
    canvas.setLineWidth(3)
    canvas.roundRect(18, 18, width - 36, height - 36, 14)
    _draw_barn(canvas, 48, height - 148, 100)
    canvas.setFillColor(HexColor(LEAF))
    _line(canvas, 172, height - 72, words["title"], language, 13)
    canvas.setFillColor(HexColor(INK))
    _line(canvas, 172, height - 104, str(badge["name"]), language, 25, bold=True)
    issued = words["issuer"] + words["colon"] + str(badge["issuer"].get("name", ""))
    _line(canvas, 172, height - 130, issued, language, 12)
    left, column = 60, 440
    top = _paragraph(
        canvas, left, height - 190, column, str(badge["credentialSubject"].get("narrative", "")), language, 13
    )
    top = _draw_results(canvas, badge, words, language, left, top - 26, column)
    criteria = str(badge["credentialSubject"]["achievement"]["criteria"].get("narrative", ""))
    top = _paragraph(canvas, left, top - 16, column, criteria, language, 9)
    _draw_facts(canvas, badge, words, language, left, 62)
    _draw_code(canvas, badge, page, words, language, width - 60 - 250, 128, 250)


def _line(
    canvas: Canvas, x: float, y: float, text: str, language: str, size: float, *, bold: bool = False
) -> None:
    font = _font_for(text, language, bold)
    room = canvas._pagesize[0] - x - 60
    wanted = canvas.stringWidth(text, font, size)
    canvas.setFont(font, size if wanted <= room else size * room / wanted)
    canvas.drawString(x, y, text)


def _paragraph(
    canvas: Canvas, x: float, top: float, width: float, text: str, language: str, size: float
) -> float:
    from xml.sax.saxutils import escape

    from reportlab.lib.styles import ParagraphStyle
    from reportlab.platypus import Paragraph

    style = ParagraphStyle(
        "body",
        fontName=_font_for(text, language),
        fontSize=size,
        leading=size * 1.5,
        textColor=INK,
        wordWrap="CJK" if language == "zh" else None,
    )
    paragraph = Paragraph(escape(text), style)
    _, used = paragraph.wrap(width, 400)
    paragraph.drawOn(canvas, x, top - used)
    return float(top - used)


def _draw_barn(canvas: Canvas, x: float, y: float, size: float) -> None:
    from reportlab.lib.colors import HexColor

    scale = size / 100
    for colour, points in BARN:
        path = canvas.beginPath()
        for place, (px, py) in enumerate(points):
            (path.lineTo if place else path.moveTo)(x + px * scale, y + (100 - py) * scale)
        path.close()
        canvas.setFillColor(HexColor(colour))
        canvas.drawPath(path, stroke=0, fill=1)


def _draw_results(
    canvas: Canvas,
    badge: Mapping[str, Any],
    words: Mapping[str, Any],
    language: str,
    x: float,
    y: float,
    width: float,
) -> float:
    from reportlab.lib.colors import HexColor

    results = results_of(badge)
    if "ability" not in results:
        return y + 10
    canvas.setStrokeColor(HexColor(INK))
    canvas.setLineWidth(1.2)
    canvas.line(x, y, x + width, y)
    centre, low, high = (x + width * axis_place(float(results[name])) for name in ("ability", "low", "high"))
    canvas.setStrokeColor(HexColor(GRAIN))
    canvas.setLineWidth(9)
    canvas.setLineCap(1)
    canvas.line(low, y, high, y)
    canvas.setLineCap(0)
    canvas.setFillColor(HexColor(INK))
    canvas.circle(centre, y, 5, stroke=0, fill=1)
    canvas.setFont(_font(language), 9)
    for value in range(-3, 4):
        canvas.drawCentredString(x + width * axis_place(value), y - 18, f"{value:+d}" if value else "0")
    canvas.drawString(x, y - 32, words["rows"]["ability"])
    return y - 40


def _draw_facts(
    canvas: Canvas, badge: Mapping[str, Any], words: Mapping[str, Any], language: str, x: float, y: float
) -> None:
    period = words["valid_between" if "validUntil" in badge else "valid_since"].format(
        start=str(badge["validFrom"])[:10], end=str(badge.get("validUntil", ""))[:10]
    )
    names = [
        str(entry["identityHash"])
        for entry in badge["credentialSubject"].get("identifier", [])
        if entry.get("identityType") == "name"
    ]
    facts = [(words["holder"], names[0] if names else words["anonymous"]), (words["valid"], period)]
    for row, (label, text) in enumerate(facts):
        _line(canvas, x, y + 36 - 18 * row, label + words["colon"] + text, language, 10)
    _line(canvas, x, y, str(badge["id"]), language, 8)


def _draw_code(
    canvas: Canvas,
    badge: Mapping[str, Any],
    page: str,
    words: Mapping[str, Any],
    language: str,
    x: float,
    y: float,
    size: float,
) -> None:
    from reportlab.lib.colors import HexColor
    from reportlab.lib.utils import ImageReader

    # A picture of one point for each module: a path of six thousand rectangles takes a reader's machine longer, and ours.
    drawn = io.BytesIO()
    _code(qr_text(badge, page)).save(drawn, kind="png", border=4, scale=1)
    canvas.drawImage(ImageReader(drawn), x, y, size, size)
    canvas.setFillColor(HexColor(INK))
    _paragraph(canvas, x, y - 4, size, words["scan"], language, 9)
