"""A bar on the terminal that counts sites."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


class progress_bar:
    """``with progress_bar() as show``: ``show(total)`` gives the function that moves the bar."""

    def __enter__(self) -> Callable[[int], Callable[[int], None]]:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

        from lumbung.cli.farm_words import say

        self._bar = Progress(
            TextColumn(say("sites")),
            BarColumn(),
            MofNCompleteColumn(),
            TimeRemainingColumn(),
            console=Console(stderr=True),
            transient=True,
        )
        self._bar.__enter__()

        def show(total: int) -> Callable[[int], None]:
            task = self._bar.add_task("sites", total=total)
            return lambda done: self._bar.advance(task, done)

        return show

    def __exit__(self, *details: Any) -> None:
        self._bar.__exit__(*details)
