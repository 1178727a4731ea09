"""How cooperation's records look on a page, in the reader's language."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from fractions import Fraction
from zoneinfo import ZoneInfo

from django import template
from django.utils.dates import WEEKDAYS_ABBR

from lumbung.centre.members.languages import house_language
from lumbung.cooperation.matching.names import name_of
from lumbung.cooperation.projects import STAGES
from lumbung.cooperation.rules.amounts import number_text
from lumbung.cooperation.rules.printing import day_text, moment_text
from lumbung.cooperation.sentences import listed
from lumbung.proving.text import Language

register = template.Library()


def _language() -> Language:
    return house_language()  # type: ignore[return-value]


@register.filter
def another_tongue(language: str) -> bool:
    """Whether what was written in *language* is not in the reader's."""
    return language != _language()


@register.filter
def named(code: str) -> str:
    """Name a country, size, sector or requirement."""
    return name_of(code, _language())


@register.filter
def all_named(codes: Iterable[str]) -> str:
    """Name several, as a sentence lists them."""
    return listed([name_of(code, _language()) for code in codes], _language())


@register.filter
def stage(code: str) -> str:
    """Name the stage of a project."""
    return STAGES[code].in_language(_language()) if code in STAGES else code


@register.filter
def day(value: date | datetime) -> str:
    """Write a day the long way."""
    return day_text(value, _language())


@register.filter
def weekday(value: date | datetime) -> str:
    """Name the day of the week, shortly."""
    return str(WEEKDAYS_ABBR[value.weekday()])


@register.filter
def local(value: datetime, zone: str) -> str:
    """Write a moment on a facility's own wall clock."""
    return moment_text(value.astimezone(ZoneInfo(zone)), _language())


@register.filter
def hours(value: float) -> str:
    """Write a number of hours, to the hundredth, as the language writes decimals."""
    return decimal(value)


@register.filter
def whole(value: int) -> str:
    """Write a whole number with its thousands marked."""
    return number_text(value, _language())


@register.filter
def decimal(value: float | Fraction, places: int = 2) -> str:
    """Write a figure with at most so many decimals."""
    text = f"{float(value):.{places}f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return text.replace(".", ",") if _language() == "id" else text


@register.filter
def percent(value: float) -> str:
    """Write a share in per cent."""
    return f"{value:.0%}"
