"""Advice by margin and within a horizon, sheets and maps to hand on, and the curves of risk."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from click.testing import CliRunner

from lumbung import farm
from lumbung.cli.farm import command
from lumbung.farm.calendar.boundaries import BoundaryError, coast, read_boundaries
from lumbung.farm.calendar.margins import PriceError, Prices, read_prices
from lumbung.farm.calendar.pictures import map_picture
from lumbung.farm.calendar.risk_curves import cold_at_flowering, dry_at_start, starts_in
from lumbung.farm.calendar.season import DecisionError, Ensemble, Site, decide, grow_ensembles, outlook_of
from lumbung.farm.calendar.sheets import WORDS, sheet
from lumbung.farm.weather import generate_weather

HYDERABAD = farm.hyderabad()
PRICES = Prices({"rice": 6500.0}, {"rice": 11e6}, 2000.0)


@pytest.fixture(scope="module")
def grown() -> Ensemble:
    site = Site(
        "Ladang <1>", 17.4, 78.5, HYDERABAD, farm.soil("EC3"), (farm.variety("IR64"), farm.variety("IR72")), habitual=18, pond=farm.Pond()
    )  # fmt: skip
    return grow_ensembles([site], range(2001, 2009))[0]


def test_a_margin_is_what_grain_fetches_less_what_the_season_costs(grown: Ensemble) -> None:
    earned = PRICES.margin("rice", np.array([5000.0]), np.array([300.0]))
    assert earned[0] == pytest.approx(6500 / 0.86 * 5000 - 11e6 - 2000 * 300)
    assert PRICES.grain_for("rice", float(earned[0]), np.array([300.0]))[0] == pytest.approx(5000.0)
    outlook = outlook_of(grown, prices=PRICES, least_margin=20e6)
    assert np.isfinite(outlook.margin).all() and (outlook.margin_low < outlook.margin_high).all()
    # The chance of too small a margin is that of the yield at which it is just reached.
    without_water = outlook_of(
        grown,
        float(PRICES.grain_for("rice", 20e6, np.zeros(1))[0]),
        Prices({"rice": 6500.0}, {"rice": 11e6}),
        20e6,
    )
    assert without_water.loss == pytest.approx(without_water.risk)
    assert (outlook.loss >= without_water.loss - 1e-12).all()
    assert np.isnan(outlook_of(grown).margin).all()


def test_dear_water_moves_the_advice_to_where_it_rains(grown: Ensemble) -> None:
    by_yield, by_margin = decide(grown), decide(grown, prices=replace(PRICES, water=60_000.0))
    assert (
        grown.irrigation[by_margin.variety, by_margin.start].mean()
        < grown.irrigation[by_yield.variety, by_yield.start].mean()
    )
    assert by_margin.outlook.margin[by_margin.variety].max() == pytest.approx(
        by_margin.outlook.margin[by_margin.variety, by_margin.start], rel=0.03
    )
    # Prices alone, without costs, change nothing but the unit.
    free = decide(grown, prices=Prices({"rice": 6500.0}))
    assert (free.variety, free.start, free.window) == (by_yield.variety, by_yield.start, by_yield.window)
    assert free.gain == pytest.approx(by_yield.gain * 6500 / 0.86)


def test_a_horizon_holds_the_advice_and_its_window(grown: Ensemble) -> None:
    held = replace(grown, site=replace(grown.site, within=(33, 1)))
    decision = decide(held)
    inside = {33, 34, 35, 0, 1}
    assert decision.start in inside and set(range(decision.window[0], decision.window[1] + 1)) <= inside
    with pytest.raises(DecisionError, match="within the horizon"):
        decide(replace(held, yields=np.full_like(held.yields, np.nan)))


@pytest.mark.parametrize(
    ("prices", "costs", "said"),
    [
        (["x"], [], "expected a number"),
        (["-5"], [], "at least 0"),
        ([], ["5"], "costs without a price"),
        (["rice=0"], [], "above 0"),
    ],
)
def test_prices_that_are_none_are_refused(prices: list[str], costs: list[str], said: str) -> None:
    with pytest.raises(PriceError, match=said):
        read_prices(prices, costs, 0.0, 0.14)
    assert read_prices([], [], 0.0, 0.14) is None
    with pytest.raises(PriceError, match="no price for maize"):
        PRICES.per_kilogram("maize")


@pytest.mark.parametrize("language", ["en", "id", "zh"])
def test_a_sheet_says_everything_in_the_readers_language(grown: Ensemble, language: str) -> None:
    page = sheet(grown, decide(grown, prices=PRICES), 0, 2000.0, language, PRICES, 5e6)
    assert "Ladang &lt;1&gt;" in page and "<1>" not in page
    assert WORDS[language]["unknown"][:20] in page and page.count("<tr") == 37 and "<svg" in page
    assert "src=" not in page and "href=" not in page
    assert set(WORDS[language]) == set(WORDS["en"])


def test_the_map_has_coasts_and_no_label_covers_another(tmp_path: Path) -> None:
    ring = [[106.0, -6.0], [109.0, -6.0], [109.0, -8.0], [106.0, -8.0], [106.0, -6.0]]
    path = tmp_path / "b.geojson"
    feature = {
        "type": "Feature",
        "properties": {"WADMKK": "Jawa"},
        "geometry": {"type": "Polygon", "coordinates": [ring]},
    }
    path.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}))
    outlines = read_boundaries(path)
    rows = [(f"Kecamatan {k}", -6.9 + 0.03 * (k % 7), 107.0 + 0.03 * (k // 7), 30, 5000.0) for k in range(49)]
    drawing = ElementTree.fromstring(map_picture(rows, False, "id", outlines))
    named = [t for t in drawing.iter() if t.tag.endswith("text") and (t.text or "").startswith("Kecamatan")]
    assert 0 < len(named) < 49
    boxes = []
    for t in named:
        x, y, wide = float(t.attrib["x"]), float(t.attrib["y"]), 6.6 * len(t.text or "")
        begin = x - {"start": 0.0, "end": wide, "middle": wide / 2}[t.attrib["text-anchor"]]
        boxes.append((begin, y - 10, begin + wide, y + 3))
    assert not any(
        a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]
        for i, a in enumerate(boxes)
        for b in boxes[:i]
    )
    assert any("clip-path" in e.attrib for e in drawing.iter())
    for text, said in (("{}", "expected GeoJSON"), ('{"type":"Point","coordinates":[1,2]}', "no line and no polygon"),
                       ('{"type":"LineString","coordinates":[[700000,9000000],[700001,9000000]]}', "degrees")):  # fmt: skip
        path.write_text(text)
        with pytest.raises(BoundaryError, match=said):
            read_boundaries(path)


def test_failure_becomes_likelier_with_cold_and_with_drought() -> None:
    soil = farm.soil("EC3")
    cold = cold_at_flowering(
        HYDERABAD,
        farm.variety("IR64"),
        soil,
        starts_in(HYDERABAD, 7, 1)[:4],
        4000.0,
        (24.0, 18.0, 14.0, 11.0),
    )
    dry = dry_at_start(HYDERABAD, farm.variety("Grain_maize_205"), soil, starts_in(HYDERABAD, 5, 21), 2000.0)
    for curve in (cold, dry):
        assert (np.diff(curve.risk) >= 0.0).all() and curve.risk[0] < 0.05 and curve.risk[-1] > 0.8
    assert cold.years == 4 and dry.years == 10
    with pytest.raises(DecisionError, match="no whole season"):
        starts_in(generate_weather(farm.climates()["local"], 2001, 1, seed=0), 7, 1)


def test_a_map_of_a_wide_region_has_a_coast_and_a_close_one_has_none() -> None:
    """Jakarta lies within half a degree of the coast, no point of it far inland; between countries nothing is drawn."""
    points = np.concatenate([one.line for one in coast()])
    assert np.abs(points - [106.8, -6.1]).max(axis=1).min() < 0.6
    border = [101.0, 16.5], [101.0, 22.5], [113.0, 0.5]  # inland of Thailand, Laos and China, and Borneo
    assert all(np.abs(points - place).max(axis=1).min() > 1.0 for place in border)
    wide = [("Aceh", 5.5, 95.3, 30, 5000.0), ("Subang", -6.5, 107.7, 31, 6000.0)]
    near = [("Subang", -6.5, 107.7, 31, 6000.0), ("Karawang", -6.3, 107.3, 31, 6000.0)]
    assert map_picture(wide, False).count("<path d=") > map_picture(near, False).count("<path d=")
    assert 'id="frame"' in map_picture(wide, False) and 'id="frame"' not in map_picture(near, False)


def test_the_command_takes_prices_a_horizon_and_boundaries(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LUMBUNG_LANGUAGE", "id")
    table, out = tmp_path / "sites.csv", tmp_path / "out"
    names = [f"Kec {k}" for k in range(45)]
    table.write_text(
        "lokasi,varietas,rentang\n"
        + "".join(f"{name},IR64,{'W23..W30' if k else ''}\n" for k, name in enumerate(names))
    )
    (tmp_path / "b.geojson").write_text('{"type":"LineString","coordinates":[[78,17],[79,18]]}')
    done = CliRunner().invoke(
        command,
        ["calendar", str(table), "--price", "6500", "--cost", "9000000", "--within", "Jul I..Jul III", "--years", "2003-2004",
         "--boundaries", str(tmp_path / "b.geojson"), "--out", str(out)],
    )  # fmt: skip
    assert done.exit_code == 0, done.output
    assert all(name in done.stdout for name in names)  # off a terminal the table is complete
    assert "margin/ha" in done.stdout and len(list((out / "sheets").iterdir())) == 45
    for wrong in (["--within", "sometime"], ["--cost", "5"], ["--price", "padi"]):
        assert CliRunner().invoke(command, ["calendar", str(table), *wrong]).exit_code == 2
    shown = CliRunner().invoke(command, ["risk", "--out", str(tmp_path / "risk.svg"), "--soil", "EC3"])
    assert shown.exit_code == 0 and "peluang" in shown.stdout
    ElementTree.parse(tmp_path / "risk.svg")
    assert CliRunner().invoke(command, ["risk", "--crop-start", "May"]).exit_code == 2
