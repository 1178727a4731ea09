"""Run by farm_speed.py in diffWOFOST's own environment: one batch of seasons, potential production."""

from __future__ import annotations

import datetime as dt
import json
import sys
import time
from pathlib import Path

import torch
from diffwofost.physical_models.config import Configuration
from diffwofost.physical_models.crop.wofost72 import Wofost72
from diffwofost.physical_models.engine import Engine
from diffwofost.physical_models.soil.classic_waterbalance import WaterbalancePP
from pcse.base import ParameterProvider, WeatherDataContainer, WeatherDataProvider


class Weather(WeatherDataProvider):
    """The rows of the task."""

    def __init__(self, rows: list[dict]) -> None:
        super().__init__()
        for row in rows:
            day = dt.date.fromisoformat(row.pop("DAY"))
            self._store_WeatherDataContainer(WeatherDataContainer(DAY=day, **row), day)


def main() -> None:
    torch.set_num_threads(1)
    torch.set_default_dtype(torch.float64)
    task = json.loads(Path(sys.argv[1]).read_text())
    start = dt.date.fromisoformat(task["start"])
    batch = task["batch"]
    crop = task["crop"]
    tables = {
        name: torch.tensor(value, dtype=torch.float64)
        for name, value in crop.items()
        if isinstance(value, list)
    }
    numbers = {name: float(value) for name, value in crop.items() if not isinstance(value, list)}
    numbers["TSUM1"] = numbers["TSUM1"] * torch.linspace(0.95, 1.05, batch, dtype=torch.float64)
    calendar = {
        "crop_name": "rice",
        "variety_name": "rice",
        "crop_start_date": start,
        "crop_start_type": "emergence",
        "crop_end_date": start + dt.timedelta(days=task["days"]),
        "crop_end_type": "harvest",
        "max_duration": task["days"],
    }
    agro = [{start: {"CropCalendar": calendar, "TimedEvents": None, "StateEvents": None}}]
    config = Configuration(CROP=Wofost72, SOIL=WaterbalancePP, OUTPUT_VARS=[], SUMMARY_OUTPUT_VARS=["TWSO"])
    weather = Weather(task["weather"])

    def run() -> float:
        parameters = ParameterProvider(
            sitedata=task["site"], timerdata={}, soildata=task["soil"], cropdata={**numbers, **tables}
        )
        begin = time.process_time()
        with torch.no_grad():
            engine = Engine(config)
            engine.setup(parameters, weather, agro)
            engine.run_till_terminate()
        return time.process_time() - begin

    run()
    print(json.dumps({"seasons_per_second": batch / min(run() for _ in range(2))}))


if __name__ == "__main__":
    main()
