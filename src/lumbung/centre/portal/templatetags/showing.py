"""How records look on a page: texts in the reader's language, times with their zone, figures, states, intervals."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from typing import Any

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from lumbung.centre.members.languages import house_language, written
from lumbung.centre.members.models import Country
from lumbung.centre.portal.bars import WIDTH, Scale
from lumbung.centre.runs.reasons import reason_of
from lumbung.proving.faults import Fault, Owner
from lumbung.proving.text import LANGUAGES, Text

register = template.Library()

STATES = {
    "queued": pgettext_lazy("run", "queued"),
    "leased": pgettext_lazy("run", "leased by a node"),
    "running": pgettext_lazy("run", "running"),
    "held": pgettext_lazy("run", "waits for the data's owner"),
    "scored": pgettext_lazy("run", "scored"),
    "faulted": pgettext_lazy("run", "faulted"),
    "withdrawn": pgettext_lazy("run", "withdrawn"),
}
FAULT_OWNERS = {
    "submission": _("the submission's fault: the team must act"),
    "challenge": _("the challenge's fault: its owner must act"),
    "platform": _("the platform's fault: it does not count against the team"),
}
REFUSALS = {
    "incomplete": _("not every case ended in a score"),
    "other_cases": _("judged on other cases than the rest"),
    "no_isolation": _("judged without a sandbox"),
    "missing": _("there is no evidence"),
}
SECTORS = {
    "city": _("City"),
    "farm": _("Farm"),
    "connectivity": _("Connectivity"),
    "language": _("Language models"),
    "files": _("Texts, pictures, sound"),
    "tables": _("Prediction"),
}
WEIGHTS_FORMATS = {
    "safetensors": "safetensors",
    "onnx": "ONNX",
    "gguf": "GGUF",
    "pickle": _("pickle (loaded in the sandbox only)"),
    "other": _("another format"),
}
TAGS = {"en": "en", "id": "id", "zh": "zh-Hans"}
RULES = {
    "aggregate": _("means over cases"),
    "per-case": _("a score per case"),
    "pictures": _("scores and pictures"),
}


@register.filter
def say(text: Text | dict[str, str]) -> str:
    """Return a record's text in the reader's language; where it is not written in that, in one it is written in."""
    told = _told(text)
    return told.get(_spoken(told), "")


@register.filter
def told(text: Text | dict[str, str]) -> str:
    """Return what `say` returns as part of a page, which names its language where it is not the reader's."""
    words, language = say(text), foreign(text)
    return format_html("<span{}>{}</span>", language, words) if language else words


@register.filter
def foreign(text: Text | dict[str, str]) -> str:
    """Return the attribute that names the language of what `say` returns, where it is not the reader's; else nothing."""
    spoken = _spoken(_told(text))
    return format_html(' lang="{}"', TAGS[spoken]) if spoken != house_language() else ""


def _told(text: Text | dict[str, str]) -> Mapping[str, str]:
    return {code: text.in_language(code) for code in LANGUAGES} if isinstance(text, Text) else text


def _spoken(told: Mapping[str, str]) -> str:
    """The reader's language, where the text is written in it, else the first that it is written in."""
    own = house_language()
    return next((code for code in (own, *LANGUAGES) if told.get(code)), own)


@register.filter
def title_in(title: dict[str, str]) -> str:
    """Return what is found by its title in the reader's language, or by the one name it has."""
    return title.get("") or told(title)


@register.filter
def clock(moment: datetime | None) -> str:
    """Return a time as people of the reader's language write it, in UTC and saying so."""
    if moment is None:
        return ""
    utc = moment.astimezone(UTC)
    return format_html(
        '<time datetime="{}">{} UTC</time>', utc.isoformat(timespec="seconds"), written(moment)
    )


@register.filter
def figure(value: float | None, digits: int = 4) -> str:
    """Return a figure with so many significant digits; a dash where there is none."""
    if value is None:
        return "–"
    shown = f"{value:.{digits}g}"
    if "e" in shown and 1e-3 <= abs(value) < 1e9:
        shown = f"{value:.0f}"
    return shown.replace(".", ",") if house_language() == "id" else shown


@register.filter
def unlocalized(value: float) -> str:
    """Return a coordinate as SVG wants it, whatever the language writes for a decimal point."""
    return f"{value:g}"


@register.filter
def state_name(state: str) -> Any:
    return STATES.get(state, state)


@register.filter
def fault_owner(owner: str) -> Any:
    return FAULT_OWNERS.get(owner, "")


@register.filter
def fault_reason(code: str, owner: str) -> str:
    """Return why a run has no score, in the language of the page."""
    return reason_of(Fault(Owner(owner), code), house_language()) if code else ""


@register.filter
def refusal(code: str) -> Any:
    """Return why an evidence does not enter a standing."""
    return REFUSALS.get(code) or reason_of(Fault(Owner.SUBMISSION, code), house_language())


@register.filter
def weights_format(name: str) -> Any:
    return WEIGHTS_FORMATS.get(name, name)


@register.filter
def sector(name: str) -> Any:
    return SECTORS.get(name, name)


@register.filter
def rule_name(rule: str) -> Any:
    return RULES.get(rule, rule)


@register.filter
def country(code: str) -> Any:
    return Country(code).label if code in Country.values else code


@register.filter
def scope_names(scopes: str) -> str:
    from lumbung.centre.members.models import ApiToken

    return "; ".join(str(ApiToken.Scope(scope).label) for scope in scopes.split())


@register.filter
def of(table: dict[str, Any], key: str) -> Any:
    """Look a key up; None where it is not."""
    return table.get(key)


@register.filter
def short(digest: str) -> str:
    """Return the beginning of a digest, enough to tell two apart."""
    return digest.removeprefix("sha256:")[:12]


@cache
def _markdown() -> Any:
    from markdown_it import MarkdownIt

    # No raw HTML and no images: a challenge's text must not fetch anything from elsewhere.
    return MarkdownIt("commonmark", {"html": False}).enable("table").disable("image")


# A line break between two Chinese characters would show as a space.
_BROKEN_CHINESE = re.compile(r"(?<=[\u3000-\u9fff\uff00-\uffef])\n(?=[\u3000-\u9fff\uff00-\uffef])")


@register.filter
def markdown(text: str) -> SafeString:
    """Return a challenge's description as HTML."""
    return mark_safe(_markdown().render(_BROKEN_CHINESE.sub("", text)))  # noqa: S308 - the parser escapes; raw HTML is off


@register.inclusion_tag("portal/interval.html")
def interval(row: dict[str, Any], scale: Scale) -> dict[str, Any]:
    """Draw one row's mean and interval."""
    low, high = row["low"], row["high"]
    return {
        "row": row,
        "width": int(WIDTH),
        "mean": scale.x(row["mean"]),
        "low": None if low is None else scale.x(low),
        "length": None if low is None or high is None else round(scale.x(high) - scale.x(low), 2),
        "ticks": [scale.x(tick) for tick in scale.ticks],
    }


@register.inclusion_tag("portal/axis.html")
def axis(scale: Scale) -> dict[str, Any]:
    """Draw the scale that all intervals of a table share."""
    return {"width": int(WIDTH), "ticks": [(scale.x(tick), tick) for tick in scale.ticks]}
