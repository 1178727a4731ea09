"""Draws a region's year without words: rain by month, the day's temperature, the months of the season. SVG, for the sheet of a
challenge's picture."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from lumbung.farm.weather.record import Weather

_COLDEST, _WARMEST = 5.0, 40.0  # the scale of every frame [C]
_WETTEST = 400.0  # [mm a month], or what is wetter


def mean_year(
    weathers: Sequence[Weather],
    years: tuple[int, int],
    season: Sequence[int],
    x: float,
    y: float,
    width: float,
    height: float,
) -> list[str]:
    """Draw the mean year of a region.

    Parameters
    ----------
    weathers : sequence of Weather
        Of its sites.
    years : tuple of int
        First and last of those that everybody sees.
    season : sequence of int
        Its months, 1 to 12.
    x, y, width, height : float
        The frame.
    """
    rain, warmth = (np.nanmean([_monthly(one, years)[k] for one in weathers], axis=0) for k in (0, 1))
    step, foot = width / 12.0, y + height
    top = max(_WETTEST, float(np.nanmax(rain)))
    band = "".join(f"M{x + (m - 1) * step:.1f} {y:.1f}h{step:.1f}v{height:.1f}h{-step:.1f}z" for m in season)
    bars = "".join(
        f"M{x + (m + 0.15) * step:.1f} {foot:.1f}v{-height * fallen / top:.1f}h{0.7 * step:.1f}v{height * fallen / top:.1f}z"
        for m, fallen in enumerate(rain)
    )
    rise = (np.clip(warmth, _COLDEST, _WARMEST) - _COLDEST) / (_WARMEST - _COLDEST)
    curve = "L".join(f"{x + (m + 0.5) * step:.1f} {foot - height * part:.1f}" for m, part in enumerate(rise))
    return [
        f'<path class="soft" d="{band}"/>',
        f'<path class="bar" d="{bars}"/>',
        f'<path class="curve" d="M{curve}"/>',
        f'<path class="axis" d="M{x:.1f} {foot:.1f}h{width:.1f}"/>',
    ]


def _monthly(weather: Weather, years: tuple[int, int]) -> tuple[np.ndarray, np.ndarray]:
    """Return rain [mm a month] and mean temperature [C] of each month, over years from the first to the last."""
    day = weather.first_day + np.arange(weather.rain.size)
    month = day.astype("datetime64[M]").astype(int) % 12
    of = day.astype("datetime64[Y]").astype(int) + 1970
    inside = (of >= years[0]) & (of <= years[1])
    span = years[1] - years[0] + 1
    rain = [np.nansum(weather.rain[inside & (month == m)]) / span for m in range(12)]
    middle = 0.5 * (weather.tmin + weather.tmax)
    warmth = [np.nanmean(middle[inside & (month == m)]) for m in range(12)]
    return np.array(rain), np.array(warmth)
