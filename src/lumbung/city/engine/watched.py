"""An episode that is watched: where everybody was lies in its place when the episode is whole, and not before."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace

from lumbung.city.engine.episode import Episode, Settings


def watched(settings: Settings, run: Callable[[Settings], Episode]) -> Episode:
    """Run an episode; where the settings name a folder for its trace, it is written aside and put there at the end.

    Parameters
    ----------
    settings : Settings
    run : callable
        Gets the settings to run with.
    """
    place = settings.trace
    if place is None:
        return run(settings)
    draft = place.with_name(f".{place.name}")
    shutil.rmtree(draft, ignore_errors=True)
    episode = run(replace(settings, trace=draft))
    shutil.rmtree(place, ignore_errors=True)
    draft.replace(place)
    return episode
