"""Amounts as people of each language write them: IDR 1,500,000 · Rp1.500.000 · 1,500,000印尼盾."""

from __future__ import annotations

from decimal import Decimal

from lumbung.proving.text import Language

_UNITS: dict[str, dict[Language, str]] = {
    "IDR": {"en": "IDR {n}", "id": "Rp{n}", "zh": "{n}印尼盾"},
    "CNY": {"en": "CNY {n}", "id": "CNY {n}", "zh": "{n}元"},
    "MYR": {"en": "MYR {n}", "id": "MYR {n}", "zh": "{n}林吉特"},
    "PHP": {"en": "PHP {n}", "id": "PHP {n}", "zh": "{n}比索"},
    "SGD": {"en": "SGD {n}", "id": "SGD {n}", "zh": "{n}新元"},
    "THB": {"en": "THB {n}", "id": "THB {n}", "zh": "{n}泰铢"},
    "VND": {"en": "VND {n}", "id": "VND {n}", "zh": "{n}越南盾"},
    "years": {"en": "{n} years", "id": "{n} tahun", "zh": "{n}年"},
    "people": {"en": "{n} people", "id": "{n} orang", "zh": "{n}人"},
    "%": {"en": "{n}%", "id": "{n}%", "zh": "{n}%"},
    "m2": {"en": "{n} m²", "id": "{n} m²", "zh": "{n}平方米"},
    "module": {"en": "{n}", "id": "{n}", "zh": "模块{n}"},
    "way": {"en": "{n}", "id": "{n}", "zh": "{n}"},
    "hours": {"en": "{n} h", "id": "{n} jam", "zh": "{n}小时"},
}


class UnknownUnit(ValueError):
    """A rule gives its amount in a unit that nobody has said how to write."""


def number_text(value: Decimal | int, language: Language) -> str:
    """Write an exact number with thousands marked: 1,234.5 in English and Chinese, 1.234,5 in Indonesian."""
    text = f"{value:,f}" if isinstance(value, Decimal) else f"{value:,}"
    return text.translate(str.maketrans(",.", ".,")) if language == "id" else text


def amount_text(value: Decimal | int, unit: str, language: Language) -> str:
    """Write an exact amount with its unit.

    Raises
    ------
    UnknownUnit
        When the unit is not in the table of this module.
    """
    if unit not in _UNITS:
        raise UnknownUnit(f"unit {unit!r}; known: {', '.join(sorted(_UNITS))}")
    form = _UNITS[unit][language]
    if language == "en" and value == 1:
        form = form.replace("years", "year").replace("people", "person")
    return form.format(n=number_text(value, language))
