"""Every page of the centre in a browser: faults, widths, languages, weight and how soon it is there.

    uv run python benchmarks/centre_browser.py [--languages en,id,zh-hans] [--widths 360,768,1440] [--schemes light,dark]
                                               [--shots FOLDER] [--only PART] [--speed]

A centre with one of everything (``tests/small_stage.py``) is served as ``lumbung serve`` does, and Chromium opens every address of
the table of pages as the first reader who may see it (visitor, member, administrator, owner, staff), or as each of them. Counted: views with a fault that axe-core calls serious or critical, views
wider than the window, errors of scripts, requests to another host, and pages without a heading where JavaScript is off. Then, on a
line of 1.6 Mbit/s and 150 ms, with nothing kept: what the home page weighs, when its largest part is painted, and what moves.
"""

from __future__ import annotations

import argparse
import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections import Counter
from importlib.resources import files
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
READERS = ("visitor", "member", "admin", "owner", "staff", "stranger")
FILES = (
    ".svg", ".geojson", ".csv", ".pub", ".txt", ".xml", ".pdf", ".json", ".png",
    "/data", "/export", "/head", "/check", "/life", "/metrics", "/healthz", "/status/1",
)  # fmt: skip
LINE = {"offline": False, "latency": 150, "downloadThroughput": 200_000, "uploadThroughput": 200_000}
PAINTED = """() => new Promise((done) => {
  let painted = 0, moved = 0;
  new PerformanceObserver((seen) => { for (const one of seen.getEntries()) painted = one.startTime; })
    .observe({type: "largest-contentful-paint", buffered: true});
  new PerformanceObserver((seen) => { for (const one of seen.getEntries()) if (!one.hadRecentInput) moved += one.value; })
    .observe({type: "layout-shift", buffered: true});
  setTimeout(() => done([painted, moved]), 600);
})"""


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    asked.add_argument("--languages", default="en,id,zh-hans")
    asked.add_argument("--widths", default="360,768,1440")
    asked.add_argument("--schemes", default="light,dark")
    asked.add_argument("--shots", type=Path, help="keep a screenshot of every view here")
    asked.add_argument("--all-readers", action="store_true", help="each page as everybody who may see it")
    asked.add_argument("--only", default="", help="addresses that contain this")
    asked.add_argument("--speed", action="store_true", help="weight and speed of the first pages alone")
    given = asked.parse_args()
    with tempfile.TemporaryDirectory(prefix="lumbung-browser-") as home, socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
        probe.close()
        os.environ |= {
            "LUMBUNG_HOME": home,
            "DJANGO_SETTINGS_MODULE": "lumbung.centre.settings",
            "DJANGO_ALLOW_ASYNC_UNSAFE": "1",  # playwright's loop runs in this thread
        }
        pages, cookies = _stage(Path(home))
        server = subprocess.Popen(
            [sys.executable, "-c", "from lumbung.cli import main; main()", "serve", "--port", str(port)],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        try:
            url = f"http://127.0.0.1:{port}"
            _until_there(url)
            _look(given, url, [page for page in pages if given.only in page], cookies)
        finally:
            server.terminate()
            server.wait()


def _stage(home: Path) -> tuple[list[str], dict[str, str]]:
    """Fill a centre; return the addresses that show a page, and the session of each reader."""
    import django
    from django.conf import settings
    from django.core.management import call_command

    django.setup()
    settings.ALLOWED_HOSTS.append("testserver")
    settings.EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"
    call_command("migrate", interactive=False, verbosity=0)
    from small_league import build_league
    from small_stage import PAGES, build_stage

    stage = build_stage(build_league(home), home)
    pages = [address.format(**stage.names) for (method, address), _who in PAGES.items() if method == "GET"]
    cookies = {}
    for who in READERS:
        browser = stage.browser(who)
        if "sessionid" in browser.cookies:
            cookies[who] = browser.cookies["sessionid"].value
    return [page for page in pages if not page.split("?")[0].endswith(FILES)], cookies


def _until_there(url: str) -> None:
    for _ in range(300):
        try:
            urllib.request.urlopen(url).close()
        except OSError:
            time.sleep(0.2)
        else:
            return
    raise SystemExit("the centre did not start")


def _look(given: argparse.Namespace, url: str, pages: list[str], cookies: dict[str, str]) -> None:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as player:
        path = next(
            (one for one in ("/usr/bin/chromium", "/usr/bin/chromium-browser") if Path(one).exists()), None
        )
        chromium = player.chromium.launch(executable_path=path, args=["--no-sandbox"])
        if not given.speed:
            _views(given, chromium, url, pages, cookies)
        _without_scripts(chromium, url, pages, cookies)
        _speed(chromium, url)
        chromium.close()


def _views(
    given: argparse.Namespace, chromium: Any, url: str, pages: list[str], cookies: dict[str, str]
) -> None:
    found: Counter[str] = Counter()
    views, began = 0, time.perf_counter()
    for language in given.languages.split(","):
        for scheme in given.schemes.split(","):
            left = list(pages)
            for who in READERS:
                context = _context(chromium, url, cookies.get(who), language, color_scheme=scheme)
                watched = Watched(context.new_page(), url, given)
                for address in list(left):
                    seen = watched.views(address, f"{who}/{language}-{scheme}")
                    views += seen
                    if seen and not given.all_readers:
                        left.remove(address)
                    for width, fault in watched.faults:
                        found[fault.split(":")[0]] += 1
                        print(f"{language} {width} {scheme} {who} {address}: {fault}", flush=True)
                    watched.faults.clear()
                context.close()
    told = json.dumps(found) if found else "none"
    print(f"views: {views} ({time.perf_counter() - began:.0f} s); faults: {told}", flush=True)


class Watched:
    """A page whose faults are gathered."""

    def __init__(self, page: Any, url: str, given: argparse.Namespace) -> None:
        self.page, self.url, self.shots = page, url, given.shots
        self.widths = [int(width) for width in given.widths.split(",")]
        self.axe = (files("axe_playwright_python") / "axe.min.js").read_text(encoding="utf-8")
        self.faults: list[tuple[int, str]] = []
        page.on("pageerror", lambda error: self.faults.append((0, f"script: {error}")))
        page.on("request", self._asked)

    def _asked(self, request: Any) -> None:
        if not request.url.startswith((self.url, "data:", "blob:")):
            self.faults.append((0, f"another host: {request.url}"))

    def views(self, address: str, name: str) -> int:
        """Open an address at every width; return how many views there were: none where this reader may not see it."""
        self.page.set_viewport_size({"width": self.widths[0], "height": 900})
        answer = self.page.goto(self.url + address)
        arrived = self.page.url.split("?")[0] == (self.url + address).split("?")[0]
        if answer is None or answer.status != 200 or not arrived:
            self.faults.clear()
            return 0
        for width in self.widths:
            self.page.set_viewport_size({"width": width, "height": 900})
            if self.page.evaluate("document.documentElement.scrollWidth") > width:
                self.faults.append((width, "wider than the window"))
            self.page.evaluate(self.axe)
            violations = self.page.evaluate("axe.run({resultTypes: ['violations']})")["violations"]
            self.faults += [
                (width, f"axe: {one['id']}: {one['nodes'][0]['html'][:120]}")
                for one in violations
                if one["impact"] in ("serious", "critical")
            ]
            if self.shots:
                shown = address.strip("/").replace("/", "_").split("?")[0] or "home"
                self.page.screenshot(
                    path=self.shots / shown / f"{name.replace('/', '-')}-{width}.png", full_page=True
                )
        return len(self.widths)


def _context(chromium: Any, url: str, session: str | None, language: str, **options: Any) -> Any:
    context = chromium.new_context(
        locale={"en": "en-GB", "id": "id-ID", "zh-hans": "zh-CN"}[language], **options
    )
    cookies = {"django_language": language} | ({"sessionid": session} if session else {})
    context.add_cookies([{"name": name, "value": value, "url": url} for name, value in cookies.items()])
    return context


def _without_scripts(chromium: Any, url: str, pages: list[str], cookies: dict[str, str]) -> None:
    bare = []
    for who in ("visitor", "staff"):
        context = _context(chromium, url, cookies.get(who), "en", java_script_enabled=False)
        page = context.new_page()
        for address in pages:
            answer = page.goto(url + address)
            if (
                answer is not None
                and answer.status == 200
                and len(page.locator("main").inner_text().split()) < 5
            ):
                bare.append(f"{who} {address}")
        context.close()
    print(f"pages that say nothing without JavaScript: {bare or 'none'}", flush=True)


def _speed(chromium: Any, url: str) -> None:
    print("on a line of 1.6 Mbit/s and 150 ms, nothing kept, median of five:")
    for address in ("/", "/challenges/", "/challenges/toy/", "/challenges/toy/phases/practice/", "/talent/"):
        painted, moved, weights = [], [], []
        for _ in range(5):
            context = chromium.new_context(viewport={"width": 360, "height": 800})
            page = context.new_page()
            line = context.new_cdp_session(page)
            line.send("Network.enable")
            line.send("Network.emulateNetworkConditions", LINE)
            sizes: list[int] = []
            line.on(
                "Network.loadingFinished", lambda done, sizes=sizes: sizes.append(done["encodedDataLength"])
            )
            page.goto(url + address, wait_until="load")
            soon, shift = page.evaluate(PAINTED)
            painted.append(soon)
            moved.append(shift)
            weights.append(sum(sizes))
            context.close()
        print(
            f"  {address:<34} {statistics.median(weights) / 1000:6.1f} kB   largest part painted after"
            f" {statistics.median(painted) / 1000:.2f} s   layout shift {max(moved):.4f}", flush=True,
        )  # fmt: skip


if __name__ == "__main__":
    main()
