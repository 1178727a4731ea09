"""Speed of the P.1812 engine beside its rivals, on the same profiles in the same run, one core.

    python benchmarks/connectivity_p1812.py [--py1812 FOLDER] [--covlib FOLDER] [--points 200] [--json]

Rivals: Py1812 (github.com/eeveetza/Py1812) and CRC-COVLIB (github.com/ic-crc/crc-covlib, its C++ is compiled here with
``g++ -O3 -march=native``) from folders of the user's, where given; itmlogic, another model, from PyPI (``uv sync --group rivals``).
Each rival's losses are compared with ours before its time counts. Times are processor seconds of one thread, the best of several
rounds (the tower's are wall seconds, which other work on the machine spoils); ratios of one run are what to trust.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import math
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from lumbung.connectivity.engine.cellular import Carrier
from lumbung.connectivity.engine.longley_rice import longley_rice_loss
from lumbung.connectivity.engine.p1812.climate import Setting
from lumbung.connectivity.engine.p1812.path import many_path_losses
from lumbung.connectivity.engine.p1812.sweep import sweep_radial
from lumbung.connectivity.ground.generated_terrain import fractal_surface, generated_islands
from lumbung.connectivity.radio.coverage import Model, Site, coverage_map

FREQUENCY_GHZ = 0.9
MAST_M, RECEIVER_M = 40.0, 1.5
LATITUDE = -8.5
SPACING_KM = 0.09
DN, N0 = 45.0, 325.0

COVLIB_DRIVER = r"""
#include "ITURP_1812.h"
#include <chrono>
#include <cstdio>
#include <ctime>
#include <vector>
int main(int argc, char** argv) {
  FILE* in = fopen(argv[1], "rb");
  long head[2];
  if (fread(head, sizeof(long), 2, in) != 2) return 1;
  const unsigned paths = head[0], points = head[1];
  double link[8];  // f, p, latitude, htg, hrg, dN, N0, end longitude
  if (fread(link, sizeof(double), 8, in) != 8) return 1;
  std::vector<double> d(points), h(paths * points), r(paths * points);
  std::vector<int> z(paths * points);
  if (fread(d.data(), 8, points, in) != points) return 1;
  if (fread(h.data(), 8, h.size(), in) != h.size()) return 1;
  if (fread(r.data(), 8, r.size(), in) != r.size()) return 1;
  if (fread(z.data(), 4, z.size(), in) != z.size()) return 1;
  fclose(in);
  ITURP_1812 model;
  std::vector<double> loss(paths);
  double best = 1e9;
  for (int round = 0; round < 5; round++) {
    timespec a, b;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &a);
    for (unsigned k = 0; k < paths; k++)
      loss[k] = model.BasicTransmissionloss(link[0], link[1], 50.0, link[2], 0.0, link[2], link[7], link[3], link[4], true,
        points, d.data(), h.data() + k * points, nullptr, r.data() + k * points, nullptr,
        (ITURP_1812::RadioClimaticZone*)(z.data() + k * points), z[k * points] == 1 ? 0.0 : 500.0,
        z[(k + 1) * points - 1] == 1 ? 0.0 : 500.0, link[5], link[6]);
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &b);
    const double seconds = (b.tv_sec - a.tv_sec) + 1e-9 * (b.tv_nsec - a.tv_nsec);
    if (seconds < best) best = seconds;
  }
  FILE* out = fopen(argv[2], "wb");
  fwrite(&best, 8, 1, out);
  fwrite(loss.data(), 8, paths, out);
  fclose(out);
}
"""


@dataclass(frozen=True)
class Profiles:
    """Profiles of equal spacing: d (points,) [km], h and r (paths, points) [m], zones (paths, points)."""

    d: np.ndarray
    h: np.ndarray
    r: np.ndarray
    zone: np.ndarray

    @property
    def paths(self) -> int:
        return self.h.shape[0]

    @property
    def points(self) -> int:
        return self.d.size


def profiles_of(paths: int, points: int, seed: int = 1812) -> Profiles:
    """Cut profiles from a generated fractal surface: hills, with a tenth of the ground under the sea."""
    rng = np.random.default_rng(seed)
    surface = fractal_surface(max(paths, 64), max(points, 64), 1.6, rng)[:paths, :points]
    h = np.maximum(220.0 + 170.0 * surface, 0.0)
    zone = np.where(h <= 0.0, 1, 4)
    r = np.where(zone == 4, 15.0, 0.0)
    return Profiles(SPACING_KM * np.arange(points), h, r, zone.astype(np.int8))


def best_time(work: Callable[[], Any], rounds: int = 5) -> tuple[float, Any]:
    """Return the least processor seconds of several rounds, and the last result."""
    least, result = math.inf, None
    for _ in range(rounds):
        started = time.process_time()
        result = work()
        least = min(least, time.process_time() - started)
    return least, result


def ours_path_by_path(profiles: Profiles, p: float) -> tuple[float, np.ndarray]:
    count, points = profiles.h.shape
    settings = np.tile([FREQUENCY_GHZ, p, 1.0, DN, N0, 0.0], (count, 1))
    terminals = np.tile([MAST_M, RECEIVER_M, LATITUDE, 500.0, 500.0], (count, 1))
    start = np.arange(count + 1, dtype=np.int64) * points
    flat = (np.tile(profiles.d, count), profiles.h.ravel(), profiles.r.ravel(), profiles.zone.ravel())
    many_path_losses(settings[:1], start[:2], *flat, terminals[:1])
    seconds, loss = best_time(lambda: many_path_losses(settings, start, *flat, terminals))
    return count / seconds, loss


def ours_sweep(profiles: Profiles, p: float) -> float:
    """Return receivers a second over all receivers of the profiles as radials."""
    setting = Setting(FREQUENCY_GHZ, p, 1.0, DN, N0, 0.0)
    latitude = np.full(profiles.points, LATITUDE)
    loss = np.empty(profiles.points)

    def work() -> None:
        for h, r, zone in zip(profiles.h, profiles.r, profiles.zone, strict=True):
            sweep_radial(setting, SPACING_KM, h, r, zone, MAST_M, RECEIVER_M, latitude, loss)

    work()
    seconds, _ = best_time(work)
    return profiles.paths * profiles.points / seconds


def end_longitude(profiles: Profiles) -> float:
    """Longitude of the receiver that puts the path's centre at the common latitude (within a millionth of a degree)."""
    return math.degrees(profiles.d[-1] / 6371.0 / math.cos(math.radians(LATITUDE)))


def py1812(folder: Path, profiles: Profiles, p: float) -> tuple[float, np.ndarray]:
    """Run Py1812's bt_loss on each profile, with DN and N0 given, so that it needs no maps."""
    module = load_py1812(folder)
    loss = np.empty(profiles.paths)

    def work() -> None:
        for k in range(profiles.paths):
            loss[k], _ = module.bt_loss(
                FREQUENCY_GHZ, p, profiles.d, profiles.h[k], profiles.r[k], profiles.zone[k].astype(float),
                MAST_M, RECEIVER_M, 2, LATITUDE, LATITUDE, 0.0, end_longitude(profiles), DN=DN, N0=N0,
            )  # fmt: skip

    seconds, _ = best_time(work, rounds=3)
    return profiles.paths / seconds, loss.copy()


def load_py1812(folder: Path) -> Any:
    """Import the Py1812 of a folder, with DN and N0 to be given."""
    found = sorted(folder.rglob("P1812.py"))
    if not found:
        raise SystemExit(f"{folder}: holds no P1812.py")
    with tempfile.TemporaryDirectory() as scratch:
        return _without_maps(found[0].read_text(), Path(scratch) / "py1812_beside.py")


def _without_maps(source: str, copy: Path) -> Any:
    """Import Py1812 from bt_loss on: what stands before reads ITU's maps, which may be absent and are not needed."""
    copy.write_text(
        "import numpy as np\nimport datetime\nDigitalMaps = {}\n" + source[source.index("def bt_loss") :]
    )
    specification = importlib.util.spec_from_file_location(copy.stem, copy)
    assert specification is not None
    assert specification.loader is not None
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


def covlib(folder: Path, profiles: Profiles, p: float) -> tuple[float, np.ndarray]:
    """Compile CRC-COVLIB's P.1812 with a small driver and time it within its own process."""
    compiler = shutil.which("g++")
    if compiler is None:
        raise SystemExit("--covlib needs g++")
    source = next((path.parent for path in folder.rglob("ITURP_1812.cpp")), None)
    if source is None:
        raise SystemExit(f"{folder}: holds no ITURP_1812.cpp")
    with tempfile.TemporaryDirectory() as scratch:
        build = Path(scratch)
        (build / "driver.cpp").write_text(COVLIB_DRIVER)
        needed = ["ITURP_1812", "ITURP_452_1812_common", "ITURP_2001", "ITURP_DigitalMaps"]
        subprocess.run(
            [
                compiler, "-O3", "-march=native", "-std=c++17", "-w", f"-I{source}", "-o", build / "driver",
                build / "driver.cpp", *(source / f"{name}.cpp" for name in needed),
            ],
            check=True,
        )  # fmt: skip
        with (build / "in.bin").open("wb") as file:
            np.array([profiles.paths, profiles.points], dtype=np.int64).tofile(file)
            link = [FREQUENCY_GHZ, p, LATITUDE, MAST_M, RECEIVER_M, DN, N0, end_longitude(profiles)]
            np.array(link).tofile(file)
            for values in (profiles.d, profiles.h, profiles.r):
                np.ascontiguousarray(values, dtype=np.float64).tofile(file)
            profiles.zone.astype(np.int32).tofile(file)
        subprocess.run([build / "driver", build / "in.bin", build / "out.bin"], check=True)
        out = np.fromfile(build / "out.bin")
    return profiles.paths / out[0], out[1:]


def itmlogic(profiles: Profiles) -> float | None:
    """Time itmlogic's Longley-Rice (another model) on the same profiles, where it is installed."""
    try:
        from itmlogic.preparatory_subroutines.qlrpfl import qlrpfl
    except ImportError:
        return None
    started = time.process_time()
    count = min(profiles.paths, 40)
    for h in profiles.h[:count]:
        prop = {
            "wn": FREQUENCY_GHZ * 1e3 / 47.7, "ens": N0, "gme": 1.0 / 8.9e6, "hg": [MAST_M, RECEIVER_M], "ipol": 1, "klimx": 0,
            "eps": 15.0, "sgm": 0.005, "klim": 1, "mdvarx": 11, "lvar": 5, "kwx": 0, "wscat": 0,
            "fmhz": FREQUENCY_GHZ * 1e3, "mdp": -1,
        }  # fmt: skip
        impedance = complex(prop["eps"], 376.62 * prop["sgm"] / prop["wn"])
        zgnd = np.sqrt(impedance - 1.0) / impedance
        prop |= {"zgnd": zgnd, "zgndreal": zgnd.real, "zgndimag": zgnd.imag}
        prop["pfl"] = [h.size - 1, SPACING_KM * 1e3, *h.tolist()]
        qlrpfl(prop)
    return count / (time.process_time() - started)


def our_longley_rice(profiles: Profiles) -> float:
    """Return paths a second of our Longley-Rice on the same profiles."""

    def work() -> None:
        for h in profiles.h:
            longley_rice_loss(
                h, SPACING_KM * 1e3, frequency=FREQUENCY_GHZ * 1e3, transmitter_height=MAST_M,
                receiver_height=RECEIVER_M, n0=N0,
            )  # fmt: skip

    work()
    seconds, _ = best_time(work)
    return profiles.paths / seconds


def one_tower(threads: int) -> tuple[float, float, int]:
    """Return wall seconds, processor seconds and cells of the map of one tower: 30 km, 90 m, each cell its own link."""
    ground = generated_islands(7)
    g = ground.grid
    tower = Site("T", g.north - 500 * g.step_lat, g.west + 500 * g.step_lon, MAST_M)
    carrier, model = Carrier(frequency=1e3 * FREQUENCY_GHZ), Model(RECEIVER_M, dn=DN, n0=N0)
    coverage_map(ground, [tower], carrier, model=model, radius=1.0, threads=threads)
    wall = cpu = math.inf
    cells = 0
    for _ in range(3):
        began, used = time.perf_counter(), time.process_time()
        drawn = coverage_map(ground, [tower], carrier, model=model, radius=30.0, threads=threads)
        wall, cpu = min(wall, time.perf_counter() - began), min(cpu, time.process_time() - used)
        cells = int((drawn.server >= 0).sum())
    return wall, cpu, cells


def worst(a: np.ndarray, b: np.ndarray) -> float:
    return float(np.abs(a - b).max())


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--py1812", type=Path, help="folder of a copy of Py1812")
    parser.add_argument("--covlib", type=Path, help="folder of a copy of CRC-COVLIB's sources")
    parser.add_argument("--points", type=int, default=200, help="profile points (default 200)")
    parser.add_argument("--paths", type=int, default=2000, help="profiles (default 2000)")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()

    results: dict[str, Any] = {}

    def say(text: str) -> None:
        print(text, file=sys.stderr if options.json else sys.stdout, flush=True)

    profiles = profiles_of(options.paths, options.points)
    few = profiles_of(200, options.points)
    say(
        f"{options.paths} profiles of {options.points} points, {SPACING_KM * 1000:.0f} m apart, 900 MHz, one core"
    )
    for p in (50.0, 10.0):
        rate, loss = ours_path_by_path(profiles, p)
        swept = ours_sweep(profiles, p)
        row: dict[str, Any] = {"path_by_path_per_s": rate, "sweep_receivers_per_s": swept}
        say(f"p = {p:g} %   path by path {rate:12,.0f} paths/s      sweep {swept:12,.0f} receivers/s")
        if options.py1812:
            other, its = py1812(options.py1812, few, p)
            agree = worst(its, ours_path_by_path(few, p)[1])
            row |= {
                "py1812_per_s": other,
                "path_over_py1812": rate / other,
                "sweep_over_py1812": swept / other,
            }
            say(
                f"   Py1812     {other:12,.0f} paths/s: path by path {rate / other:,.0f} times, sweep {swept / other:,.0f} times "
                f"(largest difference {agree:.1e} dB)"
            )
        if options.covlib:
            other, its = covlib(options.covlib, profiles, p)
            agree = worst(its, loss)
            row |= {
                "covlib_per_s": other,
                "path_over_covlib": rate / other,
                "sweep_over_covlib": swept / other,
            }
            say(
                f"   CRC-COVLIB {other:12,.0f} paths/s: path by path {rate / other:,.1f} times, sweep {swept / other:,.1f} times "
                f"(largest difference {agree:.1e} dB)"
            )
        results[f"p{p:g}"] = row
    for name in ("py1812", "covlib"):
        if getattr(options, name) is None:
            say(f"{name}: not given (--{name} FOLDER), so not compared")
    logic = itmlogic(few)
    if logic is None:
        say("itmlogic: not installed (uv sync --group rivals), so not compared")
    else:
        results["itmlogic_per_s"] = logic
        ours = our_longley_rice(few)
        results["longley_rice_per_s"] = ours
        say(
            f"itmlogic (Longley-Rice, another model): {logic:,.0f} paths/s; our Longley-Rice {ours:,.0f} "
            f"paths/s, {ours / logic:,.1f} times; our P.1812 sweep {swept / logic:,.0f} times"
        )

    single = one_tower(1)
    say(
        f"one tower, 30 km, 90 m, {single[2]:,} cells, each a link of its own: {single[0]:.3f} s on one thread "
        f"({single[1]:.3f} processor seconds)"
    )
    results["tower_seconds"] = single[0]
    if len(os.sched_getaffinity(0)) > 1:
        double = one_tower(2)
        results |= {"tower_seconds_2": double[0], "speedup_2": single[0] / double[0]}
        say(
            f"   two threads: {double[0]:.3f} s, {single[0] / double[0]:.2f} times ({double[1]:.3f} processor seconds in all)"
        )
    if options.json:
        print(json.dumps(results))
    return 0


if __name__ == "__main__":
    sys.exit(main())
