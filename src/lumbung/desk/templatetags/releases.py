"""What a page of the node says of codes, in the reader's language."""

from __future__ import annotations

from django import template

from lumbung.desk.releases.pages import scope_words, told_words

register = template.Library()
register.filter("scope", scope_words)
register.filter("told", told_words)
