"""The desk in three languages, whole."""

from __future__ import annotations

import re
from pathlib import Path

import polib
import pytest

from catalogue_strings import DESK, LANGUAGES, strings_below


def _catalogue(language: str) -> polib.POFile:
    return polib.pofile(str(DESK / "locale" / language / "LC_MESSAGES" / "django.po"))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_string_is_translated_and_none_is_left_over(language: str) -> None:
    asked = strings_below(DESK)
    known = {(e.msgctxt or "", e.msgid, e.msgid_plural or ""): e for e in _catalogue(language)}
    assert not asked.keys() ^ known.keys()
    assert not [e.msgid for e in known.values() if not e.translated() or e.fuzzy]


@pytest.mark.parametrize("language", LANGUAGES)
def test_translations_keep_their_placeholders(language: str) -> None:
    for entry in _catalogue(language):
        for text in [entry.msgstr, *entry.msgstr_plural.values()]:
            if text:
                for pattern in (r"%\((\w+)\)", r"%%\d|%%s"):
                    assert sorted(set(re.findall(pattern, text))) == sorted(
                        set(re.findall(pattern, entry.msgid))
                    ), entry.msgid


def test_templates_hold_no_text_outside_of_translations() -> None:
    for path in sorted(Path(DESK / "templates").rglob("*.html")):
        text = re.sub(
            r"{%\s*blocktranslate.*?endblocktranslate\s*%}|{%.*?%}|{{.*?}}|<[^>]*>",
            " ",
            path.read_text(),
            flags=re.DOTALL,
        )
        words = set(re.findall(r"[A-Za-z]{3,}", text)) - {
            "CSV",
            "XLSX",
            "GeoJSON",
            "NetCDF",
            "GeoTIFF",
            "KML",
            "RSRP",
            "SINR",
            "Mbit",
            "dBm",
            "MHz",
            "UTC",
            "doctype",
            "narrow",
            "html",
        }
        assert not words, (path.name, words)
