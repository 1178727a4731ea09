"""How the chance of failure rises with cold at flowering, and with dry soil at the start: what a reader can hold against experience.

Cold: rice is grown irrigated in every year of a record; then once more with the ten days around its anthesis set to a mean temperature,
five degrees warmer by day and colder by night. Dryness: a crop without irrigation is grown with a given water at its start. A chance
counts years alike and holds the model's error, as the calendar's do.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from lumbung.farm.calendar.drawing import INK, LINE, PALETTE, SOFT, curve, line, svg, text
from lumbung.farm.calendar.model_error import model_error
from lumbung.farm.calendar.season import LONGEST, DecisionError
from lumbung.farm.growing.crop_parameters import Variety
from lumbung.farm.growing.harvest import Pond, every, grow
from lumbung.farm.growing.soil_parameters import Soil
from lumbung.farm.weather.record import Weather

Array = npt.NDArray[np.float64]
Dates = npt.NDArray[np.datetime64]
COLD_DAYS = 10  # around anthesis
SWING = 5.0  # C, from the day's mean to its extremes
TEMPERATURES = (24.0, 22.0, 20.0, 18.0, 16.0, 14.0, 12.0)
WATERS = (500.0, 200.0, 100.0, 60.0, 30.0, 0.0)


@dataclass(frozen=True, eq=False)
class RiskCurve:
    """The chance of failure along something that makes a season fail.

    Attributes
    ----------
    at
        Temperature [C] or water above wilting point [mm], shape (points,).
    mean, risk
        Mean yield [kg/ha] and chance of less than the failure threshold.
    years
        Behind each point.
    """

    at: Array
    mean: Array
    risk: Array
    years: int


def starts_in(weather: Weather, month: int, day: int) -> Dates:
    """Return a date of every year from which a record holds a whole season.

    Raises
    ------
    DecisionError
    """
    years = np.arange(int(str(weather.first_day)[:4]), int(str(weather.last_day)[:4]) + 1)
    dates = np.array([f"{year}-{month:02d}-{day:02d}" for year in years], "datetime64[D]")
    dates = dates[(dates >= weather.first_day) & (dates + LONGEST <= weather.last_day)]
    if not dates.size:
        raise DecisionError(f"{weather.name}: the record holds no whole season from {month:02d}-{day:02d} on")
    return dates


def cold_at_flowering(
    weather: Weather,
    variety: Variety,
    soil: Soil,
    starts: Dates,
    failure: float,
    temperatures: Sequence[float] = TEMPERATURES,
) -> RiskCurve:
    """Return how cold at flowering makes irrigated rice fail.

    Raises
    ------
    DecisionError
        When a season does not flower within the record.
    lumbung.farm.SeasonError
    """
    usual = grow(
        weather, variety, soil, starts, production="paddy", pond=Pond(), longest=LONGEST, on_fault="report"
    )
    anthesis = usual.date("DOA")
    if np.isnat(anthesis).any() or usual.failed.any():
        raise DecisionError(
            f"{weather.name}: {variety.name} does not flower from every start; fill gaps or choose another date"
        )
    records = []
    for day in anthesis:
        at = int((day - weather.first_day).astype(int))
        here = slice(max(at - COLD_DAYS // 2, 0), at + COLD_DAYS - COLD_DAYS // 2)
        for mean in temperatures:
            tmin, tmax = weather.tmin.copy(), weather.tmax.copy()
            tmin[here], tmax[here] = mean - SWING, mean + SWING
            records.append(replace(weather, tmin=tmin, tmax=tmax, temperature=None))
    which, _ = every(starts.size, len(temperatures))
    cold = grow(
        records, variety, soil, starts[which], weather_index=np.arange(len(records)), production="paddy", pond=Pond(),
        longest=LONGEST, on_fault="report",
    )  # fmt: skip
    grain = cold["GRAIN"].reshape(starts.size, len(temperatures))
    return _curve(np.array(temperatures), grain, variety, failure)


def dry_at_start(
    weather: Weather,
    variety: Variety,
    soil: Soil,
    starts: Dates,
    failure: float,
    waters: Sequence[float] = WATERS,
) -> RiskCurve:
    """Return how little water at the start makes a crop without irrigation fail, on a freely draining soil.

    Raises
    ------
    lumbung.farm.SeasonError
    """
    which, water = every(starts.size, len(waters))
    grown = grow(
        weather, variety, soil, starts[which], production="water-limited", sowing=variety.can_be_sown,
        initial_water=np.array(waters)[water], longest=LONGEST, on_fault="report",
    )  # fmt: skip
    return _curve(np.array(waters), grown["GRAIN"].reshape(starts.size, len(waters)), variety, failure)


def _curve(at: Array, grain: Array, variety: Variety, failure: float) -> RiskCurve:
    grain = grain[np.isfinite(grain).all(axis=1)]
    if not grain.size:
        raise DecisionError(f"{variety.name}: no season could be grown to an end")
    risk = model_error(variety.crop).below(grain, failure).mean(axis=0)
    return RiskCurve(at, grain.mean(axis=0), risk, int(grain.shape[0]))


_WORDS = {
    "en": {
        "cold": "{variety}, irrigated: mean temperature of the ten days around flowering, C",
        "dry": "{variety}, rainfed on {soil}: water above wilting point at the start, mm",
        "risk": "chance of less than {failure:g} kg/ha", "generated": "GENERATED WEATHER, nobody measured it",
    },
    "id": {
        "cold": "{variety}, beririgasi: suhu rata-rata sepuluh hari di sekitar pembungaan, C",
        "dry": "{variety}, tadah hujan pada {soil}: air di atas titik layu saat mulai, mm",
        "risk": "peluang hasil di bawah {failure:g} kg/ha", "generated": "CUACA BANGKITAN, bukan hasil pengukuran",
    },
    "zh": {
        "cold": "{variety}，灌溉：开花前后十天的平均气温，℃",
        "dry": "{variety}，雨养，土壤 {soil}：起始时凋萎点以上的水量，毫米",
        "risk": "产量低于 {failure:g} 公斤/公顷的概率", "generated": "生成气象数据（非实测）",
    },
}  # fmt: skip


def risk_picture(
    cold: RiskCurve,
    dry: RiskCurve,
    rice: str,
    crop: str,
    soil: str,
    failure: float,
    generated: bool,
    language: str = "en",
) -> str:
    """Draw both curves beside each other, the harsher condition to the right."""
    words = _WORDS[language]
    body = [text(40, 24, words["risk"].format(failure=failure), extra='font-weight="600"')]
    if generated:
        body.append(text(40, 42, words["generated"], "start", "#b3261e", 'font-weight="700" font-size="12"'))
    body += _panel(cold, words["cold"].format(variety=rice), 60.0, PALETTE[0])
    body += _panel(dry, words["dry"].format(variety=crop, soil=soil), 330.0, PALETTE[1])
    return svg(640, 600, body)


def _panel(curve_: RiskCurve, title: str, top: float, colour: str) -> list[str]:
    left, right, high = 64.0, 600.0, 180.0
    bottom = top + 20 + high
    step = (right - left) / max(curve_.at.size - 1, 1)

    def y(share: float) -> float:
        return bottom - share * high

    drawn = [text(40, top + 8, title, "start", INK, 'font-size="12"')]
    for share in (0.0, 0.25, 0.5, 0.75, 1.0):
        drawn.append(line(left, y(share), right, y(share), LINE if share else SOFT))
        drawn.append(text(left - 8, y(share) + 4, f"{share:.0%}", "end", SOFT, 'font-size="11"'))
    drawn.append(curve([(left + k * step, y(float(r))) for k, r in enumerate(curve_.risk)], colour, 2.8))
    for k, (at, risk) in enumerate(zip(curve_.at, curve_.risk, strict=True)):
        drawn.append(
            f'<circle cx="{left + k * step:.1f}" cy="{y(float(risk)):.1f}" r="3.5" fill="{colour}"/>'
        )
        drawn.append(text(left + k * step, bottom + 16, f"{at:g}", "middle", SOFT, 'font-size="11"'))
    return drawn
