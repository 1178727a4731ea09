"""The onset rule of Indonesia's planting calendar (KATAM): plant when the rainy season begins.

It begins with the first of three ten-day periods in a row that each bring more than 50 mm. A calendar must say so before
the rain falls: the onset is the median over the past years whose season was dry, normal or wet as the forecast
has it. The rule looks at the rain at planting, not at the season after it, and says nothing of the variety: the first on
the list stays.
"""

from datetime import date, timedelta

WET_MM = 50.0
IN_A_ROW = 3


class Solution:
    def solve(self, problem):
        starts = [date.fromisoformat(day) for day in problem["starts"]]
        return {
            name: {
                "start": problem["starts"][plant_at(site, starts, problem["forecast"])],
                "variety": site["varieties"][0],
            }
            for name, site in problem["sites"].items()
        }


def plant_at(site, starts, forecast):
    """Index of the start the rule advises; the habitual one where no past year had an onset."""
    years = site["hindcast"]["years"]
    chosen = years_like(site["hindcast"]["season_rain"], forecast)
    onsets = [onset(site["past"], starts, years[k] - starts[0].year) for k in chosen]
    onsets = sorted(k for k in onsets if k is not None)
    return onsets[len(onsets) // 2] if onsets else site["habitual"]


def years_like(season_rain, forecast):
    """Past years in the most probable third: 0 the driest."""
    chances = [forecast["below"], forecast["normal"], forecast["above"]]
    third = chances.index(max(chances))
    order = sorted(range(len(season_rain)), key=lambda k: season_rain[k])
    if max(chances) - min(chances) < 1e-6:
        return order
    return [k for place, k in enumerate(order) if 3 * place // len(order) == third]


def onset(past, starts, shift):
    """Index of the first start that opens three wet periods in a past year; None where there is none."""
    first_day = date.fromisoformat(past["first_day"])
    rain = past["rain"]

    def total(start):
        day = start.replace(year=start.year + shift)
        at = (day - first_day).days
        return sum(float(mm) for mm in rain[at : at + 10])

    periods = [*starts, *(starts[-1] + timedelta(days=10 * (k + 1)) for k in range(IN_A_ROW - 1))]
    wet = [total(start) > WET_MM for start in periods]
    for k in range(len(starts)):
        if all(wet[k : k + IN_A_ROW]):
            return k
    return None
