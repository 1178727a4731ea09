"""What is written in one pass reads as what Django writes choice by choice."""

from __future__ import annotations

import re
from html import unescape

import pytest
from django import forms

from lumbung.centre.partners.long_choices import LongCheckboxes, LongSelect

CHOICES = [("kota", "Kota & Desa <Bandung>"), ("nanning", "南宁“市”"), (3, "'three'")]


def _tags(html: str) -> list[tuple[str, frozenset[str], str]]:
    """Each tag with its attributes in whatever order, and the text behind it."""
    found = re.findall(r"<(\w+)((?:\s+[\w-]+(?:=\"[^\"]*\")?)*)\s*>([^<]*)", html)
    return [
        (tag, frozenset(re.findall(r'[\w-]+(?:="[^"]*")?', attributes)), unescape(text).strip())
        for tag, attributes, text in found
    ]


@pytest.mark.parametrize("value", [None, "", "kota", "absent", 3])
def test_one_of_many_has_the_tags_of_django(value):
    attrs = {"id": "id_host", "aria-invalid": "true", "required": True}
    expected, found = (
        _tags(widget(choices=CHOICES).render("host", value, attrs)) for widget in (forms.Select, LongSelect)
    )
    assert found == expected
    assert len(found) == 1 + len(CHOICES)


@pytest.mark.parametrize("value", [None, [], ["kota", "3"], ["absent"]])
def test_boxes_have_the_tags_of_django(value):
    attrs = {"id": "id_parties", "aria-invalid": "true"}
    expected, found = (
        _tags(widget(choices=CHOICES).render("parties", value, attrs))
        for widget in (forms.CheckboxSelectMultiple, LongCheckboxes)
    )
    assert found == expected
    assert sum(tag == "input" for tag, *_ in found) == len(CHOICES)
