"""Prompts out of templates: the words around a question belong to the challenge, in each of its languages."""

from __future__ import annotations

import string
from collections.abc import Mapping, Sequence
from typing import Any

LETTERS = "ABCDEFGHIJ"


class TemplateError(ValueError):
    """A template that cannot be filled: says which field it asks for and which there are."""


def fields_of(template: str) -> set[str]:
    """Return the fields that a template names.

    Raises
    ------
    TemplateError
        Braces that do not pair, or more between them than a name.
    """
    try:
        parts = list(string.Formatter().parse(template))
    except ValueError as error:
        raise TemplateError(str(error)) from None
    named = {name for _, name, form, conversion in parts if name is not None and not form and not conversion}
    asked = sum(name is not None for _, name, _, _ in parts)
    odd = next((name for name in named if not name.isidentifier()), None)
    if odd is not None or asked != sum(name in named for _, name, _, _ in parts if name is not None):
        raise TemplateError(
            f"{odd!r} is more than the name of a field"
            if odd is not None
            else "a format beside a field's name"
        )
    return named


def filled(template: str, record: Mapping[str, Any], options: Sequence[str] = ()) -> str:
    """Return the prompt for a record.

    Parameters
    ----------
    template : str
        With fields in braces; ``{options}`` stands for the lettered options, a line each.
    record : mapping
    options : sequence of str

    Examples
    --------
    >>> print(filled("{question}\\n{options}\\nAnswer:", {"question": "1 + 1?"}, ["2", "3"]))
    1 + 1?
    A. 2
    B. 3
    Answer:
    """
    lettered = "\n".join(f"{letter}. {option}" for letter, option in zip(LETTERS, options, strict=False))
    return template.format_map({**record, "options": lettered})
