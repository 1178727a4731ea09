"""How long people wait at the desk, in headless Chromium against a desk that was just started.

    python benchmarks/desk.py

From dropping the files to the finished picture: a calendar of 50 sites, 36 starts and 10 years; coverage of 5 towers over a tile of
1 degree at 3 arc seconds (generated heights in SRTM's format); a plan of 20 towers for 500 villages; a tower that is dragged; what the
first map page weighs, and how many frames a second it draws while it is moved; the signals of a real junction, and how smoothly its hour plays. Where the engines' machine code is not yet
kept on this machine, run it twice: the first run compiles.
"""

from __future__ import annotations

import shutil
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
from playwright.sync_api import sync_playwright

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))
from small_desk import Desk

SIDE = 1201
CORNER = -7, 107
TOWERS, VILLAGES, CANDIDATES = 5, 500, 120


def main() -> None:
    """Print each figure as it is measured."""
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as play:
        files = _files(Path(folder))
        desk = Desk(Path(folder) / "home")
        chromium = play.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        try:
            context = chromium.new_context(viewport={"width": 1440, "height": 900})
            mark = next(cookie.value for cookie in desk.owner.cookies.jar if cookie.name == "lumbung_desk")
            context.add_cookies([{"name": "lumbung_desk", "value": mark or "", "url": desk.url}])
            page = context.new_page()
            page.set_default_timeout(300_000)
            _calendar(desk, page, files)
            _coverage(desk, page, files)
            _plan(desk, page, files)
            _signals(desk, page)
        finally:
            chromium.close()
            desk.stop()


def _files(folder: Path) -> dict[str, Path]:
    """Write heights in SRTM's format and tables around them; everything is generated."""
    rng = np.random.default_rng(3)
    spectrum = np.fft.rfft2(rng.normal(size=(SIDE, SIDE)))
    fy, fx = np.fft.fftfreq(SIDE)[:, None], np.fft.rfftfreq(SIDE)[None, :]
    rough = np.fft.irfft2(spectrum / np.maximum(np.hypot(fy, fx), 1 / SIDE) ** 1.9, s=(SIDE, SIDE))
    height = np.clip(600.0 + 450.0 * rough / rough.std(), 1.0, 3000.0)
    found = {name: folder / f"{name}.csv" for name in ("sites", "towers", "villages", "candidates")}
    found["heights"] = folder / "S07E107.hgt"
    found["heights"].write_bytes(height.astype(">i2").tobytes())
    south, west = CORNER

    def places(count: int) -> list[tuple[float, float]]:
        return [
            (south + 0.1 + 0.8 * float(a), west + 0.1 + 0.8 * float(b)) for a, b in rng.random((count, 2))
        ]

    def write(name: str, header: str, rows: list[str]) -> None:
        found[name].write_text("\n".join([header, *rows]) + "\n")

    write(
        "sites",
        "site,latitude,longitude,habitual",
        [f"Site {k},{a:.4f},{b:.4f},Nov II" for k, (a, b) in enumerate(places(50))],
    )
    write(
        "towers",
        "id,lat,lon,height_m",
        [f"T{k},{a:.5f},{b:.5f},40" for k, (a, b) in enumerate(places(TOWERS))],
    )
    write(
        "villages",
        "id,name,lat,lon,people",
        [
            f"V{k},Village {k},{a:.5f},{b:.5f},{rng.integers(100, 4000)}"
            for k, (a, b) in enumerate(places(VILLAGES))
        ],
    )
    write(
        "candidates",
        "id,lat,lon,heights",
        [f"C{k},{a:.5f},{b:.5f},45" for k, (a, b) in enumerate(places(CANDIDATES))],
    )
    return found


def _until(page: Any, selector: str, begun: float) -> float:
    page.wait_for_selector(selector, state="attached")
    return time.perf_counter() - begun


def _calendar(desk: Desk, page: Any, files: dict[str, Path]) -> None:
    page.goto(f"{desk.url}/farm")
    begun = time.perf_counter()
    page.set_input_files("#table", files["sites"])
    page.get_by_role("button", name="Make the calendar").click()
    print(
        f"calendar, 50 sites x 36 starts x 10 years: map after {_until(page, '.deskmap[data-drawn]', begun):.1f} s"
    )
    _until(page, ".life:not([hx-get])", begun)
    print(f"first map page: {_weight(desk, page) / 1000:.0f} kB over the line")
    print(f"panning: {_frames(page):.0f} frames a second; a map with nothing on it: {_floor(page):.0f}")


def _weight(desk: Desk, page: Any) -> int:
    """Return the bytes over the line of a page whose parts the browser has none of, headers included."""
    line = page.context.new_cdp_session(page)
    sizes: list[int] = []
    line.send("Network.enable")
    line.send("Network.setCacheDisabled", {"cacheDisabled": True})
    line.on("Network.loadingFinished", lambda told: sizes.append(int(told["encodedDataLength"])))
    page.reload()
    page.wait_for_selector(".deskmap[data-drawn]")
    line.detach()
    # The land is fetched by the map's own worker, which the page's session does not see.
    return sum(sizes) + len(desk.owner.get("/land.geojson").content)


def _frames(page: Any) -> float:
    script = """async () => {
      const map = document.querySelector('.deskmap').map, begun = performance.now();
      let frames = 0;
      map.on('render', () => { frames += 1; });
      while (performance.now() - begun < 3000) {
        map.panBy([(frames % 60 < 30) ? 6 : -6, 0], { duration: 0 });
        await new Promise(requestAnimationFrame);
      }
      return frames / 3;
    }"""
    return float(page.evaluate(script))


def _floor(page: Any) -> float:
    """Return what the browser's WebGL reaches here with a map of one colour: nothing of ours can be above it."""
    page.evaluate("""() => {
      const map = document.querySelector('.deskmap').map;
      map.setStyle({ version: 8, sources: {}, layers: [{ id: 'sea', type: 'background', paint: { 'background-color': '#abc' } }] });
      return new Promise((done) => map.once('idle', done)).then(() => null);
    }""")
    return _frames(page)


def _coverage(desk: Desk, page: Any, files: dict[str, Path]) -> None:
    page.goto(f"{desk.url}/connectivity")
    begun = time.perf_counter()
    page.set_input_files("#elevation", files["heights"])
    page.set_input_files("#towers", files["towers"])
    page.set_input_files("#villages", files["villages"])
    page.get_by_role("button", name="Compute").click()
    first = _until(page, ".deskmap[data-first]", begun)
    drafted = _until(page, ".deskmap:is([data-how='preview'],[data-how='exact'])", begun)
    whole = _until(page, ".deskmap[data-how='exact']", begun)
    print(
        f"coverage, {TOWERS} towers, {SIDE} x {SIDE} cells: first picture after {first:.1f} s, a preview of every cell after {drafted:.1f} s, every cell after {whole:.1f} s"
    )
    _until(page, ".deskmap[data-ready]", begun)
    page.locator(".deskmap .box").scroll_into_view_if_needed()
    for shown, what in (("preview", "a preview of every cell"), ("exact", "every cell as a link of its own")):
        waited = _dragged(page, shown)
        print(
            f"dragged tower, 30 km, 92 m: {statistics.median(waited):.2f} s to {what} ({', '.join(f'{one:.2f}' for one in waited)})"
        )


def _dragged(page: Any, shown: str) -> list[float]:
    waited = []
    for step in range(5):
        mast = page.locator(".mast").first.bounding_box()
        page.evaluate("() => { delete document.querySelector('.deskmap').dataset.shown; }")
        page.mouse.move(mast["x"] + 10, mast["y"] + 12)
        page.mouse.down()
        page.mouse.move(mast["x"] + 15 + (7 if shown == "exact" else 0), mast["y"] + 16 + 3 * step, steps=3)
        begun = time.perf_counter()
        page.mouse.up()
        waited.append(_until(page, f".deskmap[data-shown='{shown}']", begun))
        _until(page, ".deskmap[data-shown='exact']", begun)
    return waited


def _plan(desk: Desk, page: Any, files: dict[str, Path]) -> None:
    page.goto(f"{desk.url}/connectivity")
    begun = time.perf_counter()
    page.set_input_files("#elevation", files["heights"])
    for name in ("towers", "villages", "candidates"):
        page.set_input_files(f"#{name}", files[name])
    page.check("input[value=plan]")
    page.get_by_role("button", name="Compute").click()
    waited = _until(page, ".curve", begun)
    print(
        f"plan, 20 towers of {CANDIDATES} candidates for {VILLAGES} villages: {waited:.1f} s; {page.locator('.said').first.inner_text()}"
    )


def _signals(desk: Desk, page: Any) -> None:
    page.goto(desk.url)
    begun = time.perf_counter()
    page.locator("form[action='/examples/city'] button").click()
    figures = _until(page, "p.said", begun)
    _until(page, ".life:not([hx-get])", begun)
    whole = time.perf_counter() - begun
    print(
        f"signal report, a junction of Cologne, an hour: figures after {figures:.1f} s, sheets, diagrams and films after {whole:.1f} s; {page.locator('p.said').first.inner_text()}"
    )
    page.wait_for_selector(".deskmap[data-film]")
    page.locator(".time").fill("1800")
    page.click(".play")
    before = int(page.locator(".deskmap").get_attribute("data-frames"))
    time.sleep(3)
    drawn = (int(page.locator(".deskmap").get_attribute("data-frames")) - before) / 3
    print(f"playing at 20 times real time: {drawn:.0f} frames a second")


if __name__ == "__main__":
    main()
