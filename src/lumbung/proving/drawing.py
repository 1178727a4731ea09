"""What may be shown as a drawing: SVG that runs nothing and fetches nothing, whoever drew it."""

from __future__ import annotations

import re

PICTURE_LIMIT = 2 * 2**20
"""The largest picture that is taken [bytes]."""
ACTIVE = re.compile(
    r"<\s*(?:script|foreignObject|iframe|embed|object)\b|\son[a-z]+\s*=|javascript:"
    r"|(?:href|src)\s*=\s*[\"']?\s*(?:https?:)?//|url\(\s*[\"']?\s*(?:https?:)?//|@import",
    re.IGNORECASE,
)
"""What no picture may hold: it would run, or fetch something, in the browser of who looks at it."""


def undrawable(svg: object, limit: int = PICTURE_LIMIT) -> tuple[object, str] | None:
    """Return what is wrong with a picture, and what was expected; None where it may be shown.

    Parameters
    ----------
    svg : object
        What should be the text of an SVG.
    limit : int
        The largest that is taken [bytes].
    """
    if not isinstance(svg, str) or not svg.lstrip().startswith("<svg") or "\0" in svg:
        return svg, "text that begins with <svg"
    try:
        size = len(svg.encode())
    except UnicodeEncodeError as error:
        return str(error), "text that can be written as UTF-8"
    if size > limit:
        return f"{size} bytes", f"at most {limit}"
    if odd := ACTIVE.search(svg):
        return odd[0], "a drawing that runs nothing and needs nothing from outside"
    return None
