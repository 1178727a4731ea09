"""Options of the farm's challenges: completed with defaults, held within limits."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lumbung.proving.challenge import ChallengeError

Limits = Mapping[str, tuple[type, float, float]]  # option: its type, the least, the most


def complete_options(
    options: Mapping[str, Any], defaults: Mapping[str, Any], limits: Limits
) -> dict[str, Any]:
    """Return *options* completed with *defaults*; ``regions`` is a list of names.

    Raises
    ------
    ChallengeError
        Names the option that nobody knows, or that is out of range.
    """
    complete = {**defaults, **options}
    for name in complete:
        if name not in defaults:
            raise ChallengeError(f"options.{name}", "an unknown option", "one of " + ", ".join(defaults))
    regions = complete["regions"]
    if not isinstance(regions, list) or not regions or not all(isinstance(r, str) for r in regions):
        raise ChallengeError("options.regions", repr(regions), "a list of names")
    for name, (kind, least, most) in limits.items():
        value = complete[name]
        if kind is float and type(value) is int:
            value = complete[name] = float(value)
        right = isinstance(value, kind) and not isinstance(value, bool)
        if not right or not least <= float(value) <= most:
            words = "a whole number" if kind is int else "a number"
            raise ChallengeError(f"options.{name}", repr(value), f"{words} from {least:g} to {most:g}")
    return complete
