"""Abilities drawn on one scale, the same on every page: from -3 to 3 as on the badge."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import template
from django.template.defaultfilters import floatformat
from django.utils.formats import localize
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from lumbung.centre.members.languages import house_language

register = template.Library()

WIDTH, MARGIN, REACH = 240.0, 8.0, 3.0
LIMITS = range(-3, 4)


def _x(value: float) -> str:
    kept = min(max(value, -REACH), REACH)
    return f"{MARGIN + (kept + REACH) / (2 * REACH) * (WIDTH - 2 * MARGIN):.1f}"


@register.simple_tag
def ability_bar(reading: Any) -> SafeString:
    """Draw a mean with its 95 % interval."""
    grid = format_html_join(
        "", '<line class="grid" x1="{0}" x2="{0}" y1="0" y2="24"/>', ((_x(v),) for v in LIMITS)
    )
    low, high = _x(reading.low), _x(reading.high)
    return format_html(
        '<svg class="interval ability" viewBox="0 0 240 24" role="img" aria-label="{} – {}">{}'
        '<rect class="range" x="{}" y="8" width="{}" height="8" rx="4"/><circle class="mean" cx="{}" cy="12" r="5"/></svg>',
        localize(round(reading.low, 2)), localize(round(reading.high, 2)), grid,
        low, f"{max(float(high) - float(low), 2):.1f}", _x(reading.mean),
    )  # fmt: skip


@register.simple_tag
def ability_axis() -> SafeString:
    """Draw the scale below the bars."""
    marks = format_html_join(
        "",
        '<text x="{}" y="13" text-anchor="middle">{}</text>',
        ((_x(v), f"{v:+d}" if v else "0") for v in LIMITS),
    )
    return format_html(
        '<svg class="interval axis ability" viewBox="0 0 240 18" aria-hidden="true">{}</svg>', marks
    )


@register.simple_tag
def share_bar(percent: float) -> SafeString:
    """Draw a share of a hundred."""
    wide = f"{min(max(percent, 0.0), 100.0):.1f}"
    return format_html(
        '<svg class="share" viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true">'
        '<rect class="all" width="100" height="6" rx="2"/><rect class="part" width="{}" height="6" rx="2"/></svg>', wide,
    )  # fmt: skip


@register.simple_tag
def month_bars(months: list[tuple[datetime, int, float]]) -> SafeString:
    """Draw a change for each month, up for easier; a change of 30 points of per cent fills the height."""
    if not months:
        return SafeString("")
    said = ", ".join(f"{month:%Y-%m}: {localize(round(change))}" for month, _count, change in months)
    bars = format_html_join(
        "",
        '<rect class="{}" x="{}" y="{}" width="8" height="{}"/>',
        (
            (
                "up" if change > 0 else "down",
                10 * k + 1,
                f"{12 - max(tall, 0):.1f}",
                f"{max(abs(tall), 0.5):.1f}",
            )
            for k, (_month, _count, change) in enumerate(months)
            for tall in (min(max(change / 30, -1), 1) * 11,)
        ),
    )
    wide = 10 * len(months)
    return format_html(
        '<svg class="months" viewBox="0 0 {} 24" width="{}" height="24" role="img" aria-label="{}"><title>{}</title>'
        '<line class="grid" x1="0" x2="{}" y1="12" y2="12"/>{}</svg>', wide, wide, said, said, wide, bars,
    )  # fmt: skip


@register.filter
def millions(value: float) -> str:
    """Write a number of millions in the unit the language counts in: millions, or 万 (ten thousands) in Chinese."""
    if house_language() == "zh":
        return f"{100 * value:.0f}"
    return (
        str(floatformat(value, 2)).removesuffix("00").rstrip(".,")
        if value == int(value)
        else str(floatformat(value, 2))
    )


@register.filter
def drawn(picture: str) -> SafeString:
    """Put a picture of the bank into the page; it is drawn by us from numbers, its words escaped."""
    return mark_safe(picture)  # noqa: S308 - lumbung.talent.bank.picture escapes every text
