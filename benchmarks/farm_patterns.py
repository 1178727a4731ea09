"""How long fifty sites take with a field that carries its water through the years.

Run: python benchmarks/farm_patterns.py [--sites 50]

Each site has a record of its own of 31 generated years, two varieties of rice, the pattern padi-padi-palawija and 36 first starts; half of them are
irrigated. Printed: seconds of the clock and of the processor, crops grown, and the water the books cannot explain.
"""

from __future__ import annotations

import argparse
import time

import numpy as np

from lumbung import farm
from lumbung.farm.calendar.crop_patterns import Choice, Settings, choose_many
from lumbung.farm.weather import climates, generate_weather


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--sites", type=int, default=50)
    count = parser.parse_args().sites
    kinds = list(climates().values())
    sites = []
    for k in range(count):
        weather = generate_weather(kinds[k % len(kinds)], 1991, 31, seed=k)
        sites.append(
            farm.Site(
                f"site {k + 1}", weather.latitude, weather.longitude, weather, farm.soil(f"EC{3 + k % 3}"),
                (farm.variety("IR64"), farm.variety("Ciherang")), pond=farm.Pond() if k % 2 else None,
            )
        )  # fmt: skip
    settings = Settings(first_period=24)
    for run in ("first, which may compile", "second"):
        begin, processor = time.perf_counter(), time.process_time()
        found = choose_many(sites, settings)
        seconds, processor = time.perf_counter() - begin, time.process_time() - processor
        choices = [one for one in found if isinstance(one, Choice)]
        fields = [grown.years for choice in choices for grown in choice.grown]
        crops = sum(int((~np.isnat(field.planted)).sum()) for field in fields)
        lost = max(float(np.abs(field.unaccounted).max()) for field in fields)
        turnover = max(float(field.flows[:, :2].sum(axis=1).max()) for field in fields)
        print(
            f"{run}: {len(choices)} sites in {seconds:.1f} s ({processor:.1f} s of processor); {crops:,} crops; "
            f"unaccounted at most {lost:.1e} of {turnover:,.0f} mm"
        )


if __name__ == "__main__":
    main()
