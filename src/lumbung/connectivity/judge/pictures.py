"""The pictures of both judges: shares as bars by region, the first ground of each as the worst and the best left it, and the
picture of a challenge."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from lumbung.connectivity.challenge import proposal_pictures, region_picture
from lumbung.connectivity.challenge.proposals import Choice
from lumbung.connectivity.challenge.remote_regions import REGIONS
from lumbung.connectivity.judge.options import area_of, regions_by_seeds, terms_of
from lumbung.proving.challenge_picture import frames, sheet
from lumbung.proving.judge import Picture, ScoredRun
from lumbung.proving.text import Text


def bars_and_maps(
    runs: Sequence[ScoredRun], metric: str, bars: Text, maps: Callable[[str], Text]
) -> list[Picture]:
    """Draw the shares of a metric, and maps.

    Parameters
    ----------
    runs : sequence of ScoredRun
        Whose series hold inputs, options, choices, served and connected.
    metric : str
        In percent.
    bars : Text
        Title of the bars.
    maps : callable
        Title of the maps of a region, from its name.
    """
    runs = sorted(runs, key=lambda run: -float(np.mean([s.metrics[metric] for s in run.scores] or [0.0])))
    names = [run.submission for run in runs]
    groups = list(dict.fromkeys(score.group for run in runs for score in run.scores))
    titles = {group: REGIONS[group].title if group in REGIONS else group for group in groups}
    shares = {
        titles[group]: [[s.metrics[metric] for s in run.scores if s.group == group] for run in runs]
        for group in groups
    }
    drawn = [Picture(bars, proposal_pictures.bars(names, shares))]
    for group in groups:
        drawn += _maps(group, runs, names, metric, maps)
    return drawn


def drawn_regions(options: Mapping[str, Any]) -> str:
    """Draw the first ground of each region, with its villages and candidate sites.

    Parameters
    ----------
    options : mapping
        Completed.
    """
    cases = regions_by_seeds({**options, "seeds": 1})
    parts = []
    for case, frame in zip(cases, frames(len(cases)), strict=False):
        # What there is to spend moves nothing on a map.
        parts += region_picture.region(area_of(case.inputs, 0, 0.0), *frame)
    return sheet(parts)


def _maps(
    group: str, runs: Sequence[ScoredRun], names: Sequence[str], metric: str, title: Callable[[str], Text]
) -> list[Picture]:
    """Draw the first ground of a region as the worst and the best of the solutions left it."""
    first = [
        (score.metrics[metric], name, score.series)
        for run, name in zip(runs, names, strict=True)
        for score in run.scores
        if score.group == group and score.seed == 0 and score.series
    ]
    if not first:
        return []
    ranked = sorted(first, key=lambda entry: entry[0])
    shown = [ranked[0], ranked[-1]] if len(ranked) > 1 else ranked
    series = ranked[-1][2]
    # What there is to spend moves nothing on a map.
    area = area_of(series["inputs"], 0, 0.0)
    panels = [
        proposal_pictures.Panel(
            name,
            share,
            tuple(Choice(*choice) for choice in one["choices"]),
            np.isin(np.arange(area.demand.size), one["served"]),
            tuple(one["connected"]),
        )
        for share, name, one in shown
    ]
    return [
        Picture(title(area.title), proposal_pictures.maps(area, panels, terms_of(series["options"])), group)
    ]
