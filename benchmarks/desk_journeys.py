"""Five people's journeys through the desk, each in three languages on a telephone and on a wide screen: 30 ways, all with axe.

    python benchmarks/desk_journeys.py [FOLDER]

Each from an empty home to the downloaded result in headless Chromium. Prints one line a way, and what went wrong in it. Pictures of every
page that was looked at go to FOLDER, where one is named.
"""

from __future__ import annotations

import io
import shutil
import sys
import tempfile
import time
import zipfile
from pathlib import Path

from playwright.sync_api import Error, sync_playwright

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))
from desk_journeys import LANGUAGES, WIDTHS, Visit, journeys
from lumbung.city.importing.generated_town import write_town
from lumbung.city.importing.model import import_model
from small_desk import Desk


def main() -> None:
    """Go every way."""
    pictures = Path(sys.argv[1]) if len(sys.argv) > 1 else None
    if pictures is not None:
        pictures.mkdir(parents=True, exist_ok=True)
    whole = 0
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as play:
        ways = journeys(_scenario(Path(folder)))
        chromium = play.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        for who, go in ways.items():
            for language in LANGUAGES:
                for width in WIDTHS:
                    desk = Desk(Path(folder) / f"{who}-{language}-{width}", LUMBUNG_DESK_UPLOAD="50")
                    begun = time.perf_counter()
                    visit = Visit(desk, chromium, language, width, pictures=pictures)
                    try:
                        go(visit)
                        said = "; ".join(visit.wrong) or "whole"
                    except (AssertionError, Error) as error:
                        said = f"BROKEN: {str(error)[:300]}"
                    finally:
                        visit.context.close()
                        desk.stop()
                    whole += said == "whole"
                    print(
                        f"{who}, {language}, {width} px: {time.perf_counter() - begun:.0f} s, {said}",
                        flush=True,
                    )
        chromium.close()
    print(f"{whole} of {len(ways) * len(LANGUAGES) * len(WIDTHS)} ways whole")


def _scenario(folder: Path) -> bytes:
    town = folder / "town"
    import_model(write_town(folder / "map.osm", columns=2, rows=1), town)
    configuration = town / "town.sumocfg"
    configuration.write_text(configuration.read_text().replace('end value="28800"', 'end value="25500"'))
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for path in [*sorted(town.glob("*.xml")), configuration]:
            archive.write(path, path.name)
    return packed.getvalue()


if __name__ == "__main__":
    main()
