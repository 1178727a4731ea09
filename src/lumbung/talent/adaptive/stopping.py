"""When a test is long enough."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Reason = Literal["precise", "longest", "time", "exhausted"]


class StoppingError(ValueError):
    """A rule that can never be met or makes no sense."""


@dataclass(frozen=True)
class StoppingRule:
    """Stop at a standard error, a length or a time, whichever comes first.

    Attributes
    ----------
    standard_error : float
        Stop once the standard error of ability is at most this.
    least, most : int
        Never before ``least`` items (so that every area gets its turn); always at ``most``.
    seconds : float or None
        Stop once the answers took this long together.
    """

    standard_error: float = 0.3
    least: int = 8
    most: int = 40
    seconds: float | None = None

    def __post_init__(self) -> None:
        if not self.standard_error > 0:
            raise StoppingError(
                f"the standard error to stop at must be positive; found {self.standard_error}"
            )
        if not 1 <= self.least <= self.most:
            raise StoppingError(f"expected 1 <= least <= most; found {self.least} and {self.most}")
        if self.seconds is not None and not self.seconds > 0:
            raise StoppingError(f"the time limit must be positive; found {self.seconds}")

    def reason(self, items: int, standard_error: float, seconds: float) -> Reason | None:
        """Why to stop now, or None to go on."""
        if items >= self.least and standard_error <= self.standard_error:
            return "precise"
        if items >= self.most:
            return "longest"
        if self.seconds is not None and seconds >= self.seconds:
            return "time"
        return None
