"""Files as planners' offices really have them: none is misread in silence, whatever the locale, scale, void or column."""

from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np
import pytest
import rasterio
from affine import Affine
from hypothesis import given, settings
from hypothesis import strategies as st
from rasterio.transform import from_origin

from lumbung.connectivity.engine.antenna import antenna_gain
from lumbung.connectivity.engine.cellular import Budget, Carrier
from lumbung.connectivity.files.antenna_files import AntennaFileError, read_antenna
from lumbung.connectivity.files.drive_files import read_claims, read_drive
from lumbung.connectivity.files.tower_files import TowerFileError, read_towers
from lumbung.connectivity.ground.elevation_files import read_terrain
from lumbung.connectivity.ground.land_cover import read_land_cover
from lumbung.connectivity.ground.surface import asked_kind, bare_below, kind_of_files
from lumbung.connectivity.ground.terrain import TerrainError
from lumbung.connectivity.people.demand import DemandError, people_from_raster, read_villages
from lumbung.connectivity.radio.sites import Site, sea_noted
from lumbung.connectivity.siting.candidates import read_candidates
from lumbung.connectivity.tables import TableError, measure, number, read_table


def write(path: Path, text: str, encoding: str = "utf-8") -> Path:
    path.write_bytes(text.encode(encoding))
    return path


def write_tif(
    path: Path, values: np.ndarray, *, scale: float = 1.0, offset: float = 0.0, **changes: object
) -> Path:
    options = {"crs": "EPSG:4326", "transform": from_origin(122.0, -8.0, 0.001, 0.001), **changes}
    with rasterio.open(
        path, "w", driver="GTiff", height=values.shape[0], width=values.shape[1], count=1, dtype=values.dtype, **options
    ) as raster:  # fmt: skip
        raster.write(values, 1)
        raster.scales, raster.offsets = (scale,), (offset,)
    return path


# Populations and their locales


@pytest.mark.parametrize(
    ("text", "people"),
    [
        ("id;lat;lon;penduduk\n1;-8,05;122,10;1.250\n2;-8,06;122,10;980\n", [1250.0, 980.0]),  # Excel in Indonesia
        ("id\tlat\tlon\tpopulation\n1\t-8.05\t122.10\t1,250\n2\t-8.06\t122.10\t1,234,567\n", [1250.0, 1234567.0]),
        ("id,lat,lon,population\n1,-8.05,122.10,1.250.000\n2,-8.06,122.10,1.250\n", [1250000.0, 1250.0]),
        ("id,lat,lon,population\n1,-8.05,122.10,812.25\n2,-8.06,122.10,1.250\n", [812.25, 1.25]),
        ('id,lat,lon,population\n1,-8.05,122.10,"1.250,5"\n', [1250.5]),
        ("id,lat,lon,population\n1,-8.05,122.10,1 250\n2,-8.05,122.1,1'250\n", [1250.0, 1250.0]),
        ("编号,纬度,经度,人口\n1,-8.05,122.10,450\n", [450.0]),
    ],
)  # fmt: skip
def test_populations_are_read_by_the_tables_own_evidence(
    tmp_path: Path, text: str, people: list[float]
) -> None:
    found = read_villages(write(tmp_path / "v.csv", text))
    assert found.people.tolist() == people
    assert found.latitude[0] == -8.05
    if ";" in text:
        assert any("decimal commas" in note for note in found.notes)


@pytest.mark.parametrize("cell", ["1.250", '"1,250"', "12.500"])
def test_a_population_that_can_be_read_either_way_is_asked(tmp_path: Path, cell: str) -> None:
    path = write(tmp_path / "v.csv", f"id,lat,lon,population\n1,-8.05,122.10,{cell}\n2,-8.06,122.1,300\n")
    with pytest.raises(DemandError, match=r"v\.csv, line 2: people is .*--decimal comma"):
        read_villages(path)
    plain = cell.strip('"').replace(",", ".")
    big, small = float(plain.replace(".", "")), float(plain)
    comma = small if "," in cell else big
    assert read_villages(path, decimal="comma").people[0] == comma
    assert read_villages(path, decimal="point").people[0] == big + small - comma


def test_costs_are_asked_likewise(tmp_path: Path) -> None:
    path = write(tmp_path / "c.csv", "id,lat,lon,tower\nA,-8.05,122.1,1.250\n")
    with pytest.raises(TableError, match="--decimal"):
        read_candidates(path)
    assert read_candidates(path, decimal="comma").candidates[0].costs == {"tower": 1250.0}


@settings(max_examples=150, deadline=None)
@given(st.floats(0, 9e8), st.sampled_from(["point", "comma"]), st.integers(0, 4))
def test_every_number_survives_every_way_of_writing_it(value: float, decimal: str, digits: int) -> None:
    english = f"{value:,.{digits}f}"
    text = english if decimal == "point" else english.translate(str.maketrans(",.", ".,"))
    assert number("x", text, decimal) == pytest.approx(float(english.replace(",", "")), abs=1e-9)


def test_numbers_that_are_none() -> None:
    for text, decimal in (
        ("1.25.0", "comma"),
        ("12,50", "point"),
        ("1,2,3", "point"),
        ("", "point"),
        ("nan", "point"),
    ):
        with pytest.raises(ValueError, match="x is"):
            number("x", text, decimal)
    assert measure("x", "-8,05") == -8.05


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from([",", ";", "\t", "|"]),
    st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
    st.integers(0, 3),
)
def test_separators_and_encodings(
    tmp_path_factory: pytest.TempPathFactory, mark: str, encoding: str, extra: int
) -> None:
    header = ["id", "lat", "lon", *[f"column {k}" for k in range(extra)]]
    lines = [header, ["A", "-8.5", "122.5", *["x"] * extra]]
    path = tmp_path_factory.mktemp("t") / "t.csv"
    write(path, "\n".join(mark.join(line) for line in lines), encoding)
    found = read_table(
        path, {"id": ("id",), "latitude": ("lat",), "longitude": ("lon",)}, ("id", "latitude", "longitude")
    )
    assert found.rows == ((2, {"id": "A", "latitude": "-8.5", "longitude": "122.5"}),)
    assert found.unused == tuple(header[3:])
    assert all(name in " ".join(found.notes) for name in header[3:])


@pytest.mark.parametrize(
    ("text", "words"),
    [
        # Decimal commas between commas: read on, this would be 122 people at 8 south, 51 east.
        ("id,name,lat,lon,population\n1,A,-8,51,122,33,500\n", "line 2: 7 cells under 5 headings"),
        (
            'id,name,lat,lon,population\n1,A,-8,122,5\n2,"B,-8,122,4\n3,C,-8,122,4\n',
            "line 3: cannot be split",
        ),
        (
            "id,lat,lon,population\n1,0 30,109.3,5\n",
            "latitude is '0 30'; expected one number in decimal degrees",
        ),
        (
            "id,lat,lon,population\n1,0'30,109.3,5\n",
            "expected one number in decimal degrees",
        ),
        ("id,lat,lon,population\n1,9051234,523000,5\n", "look like metres of a projection such as UTM"),
        ("id,lat,lon,population\n1,-8.5,122.3,1_000\n", "population is '1_000'"),
    ],
)
def test_tables_that_would_be_misread(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(DemandError, match=words):
        read_villages(write(tmp_path / "v.csv", text))


@pytest.mark.parametrize(
    "text",
    [
        "\n,,,,\nID,Name,Latitude (deg),Longitude (deg),Population\n1,A,-8.5,122.3,1250,,\n",
        "sep=;\nKode Desa;Nama Desa;Lintang;Bujur;Jumlah Penduduk (jiwa)\n1;A;-8,5;122,3;1.250\n",
        "Data desa 2024\nMã\tTên\tVĩ độ\tKinh độ\tDân số\n1\tA\t-8.5\t122.3\t1250\n",
        "编号,村名,纬度(°),经度(°),人口数\n1,A,-8.5,122.3,1250\n",
    ],
)
def test_headings_as_offices_write_them(tmp_path: Path, text: str) -> None:
    found = read_villages(write(tmp_path / "v.csv", text))
    assert (found.id, found.name) == (("1",), ("A",))
    assert (found.latitude[0], found.longitude[0], found.people[0]) == (-8.5, 122.3, 1250.0)


def test_what_a_telephone_could_not_measure_is_no_measurement(tmp_path: Path) -> None:
    path = write(
        tmp_path / "d.csv", "lat,lon,rsrp\n-8.5,122.3,-95\n-8.5,122.3,-140\n0,0,-90\n-8.5,122.3,99\n"
    )
    drive = read_drive(path)
    assert drive.level.tolist() == [-95.0]
    assert [row.split(":")[0] for row in drive.set_aside] == ["line 3", "line 4", "line 5"]
    with pytest.raises(TableError, match="line 3: id '1' was claimed otherwise"):
        read_claims(write(tmp_path / "c.csv", "id,covered\n1,yes\n1,no\n"))


# Towers


def test_a_table_of_sectors_has_one_antenna_a_row(tmp_path: Path) -> None:
    path = write(
        tmp_path / "t.csv", "site_id,lat,lon,azimuth\nA,-8,122,0\nA,-8,122,120\nA,-8,122,240\nB,-8,122.1,90\n"
    )
    found = read_towers(path)
    assert [[antenna.bearing for antenna in site.antennas] for site in found.sites] == [
        [0.0, 120.0, 240.0],
        [90.0],
    ]
    assert any("one sector" in note for note in found.notes) and any(
        "40 m above" in note for note in found.notes
    )


def test_masts_on_the_sea_are_named(tmp_path: Path) -> None:
    values = np.full((80, 80), 50.0, np.float32)
    values[:, :40] = 0.0
    ground = read_terrain([write_tif(tmp_path / "dem.tif", values)])
    masts = [Site("land", -8.04, 122.06, 40.0), Site("wet", -8.04, 122.01, 40.0), Site("far", 0.0, 0.0, 40.0)]
    noted = sea_noted(ground, masts)
    assert noted.notes[:-1] == ground.notes and "stand wet: are their" in noted.notes[-1]
    assert sea_noted(ground, masts[:1]) is ground


def test_towers_in_other_units(tmp_path: Path) -> None:
    path = write(
        tmp_path / "t.csv",
        "id,lat,lon,Height (ft),Gain (dBd),Frequency (GHz),Power (W),antenna\nA,-8,122,100,13,1.8,20,omni\n",
    )
    site = read_towers(path).sites[0]
    assert site.height == pytest.approx(30.48) and site.antennas[0].gain == pytest.approx(15.15)
    assert site.carrier is not None and site.carrier.frequency == pytest.approx(1800.0)
    assert site.budget is not None and site.budget.power == pytest.approx(43.0103, abs=1e-4)
    radiated = write(tmp_path / "e.csv", "id,lat,lon,eirp_dbm,gain_dbi\nA,-8,122,60,15\n")
    sent = read_towers(radiated).sites[0].budget
    assert sent is not None and sent.power - sent.feeder_loss + 15.0 == pytest.approx(60.0)


@pytest.mark.parametrize(
    ("columns", "row", "words"),
    [
        ("power", "20", "power is 20, in dBm or in watts"),
        ("power_w,eirp_dbm", "20,58", "power and eirp_dbm are both given"),
        ("power_w", "0", "power_w is 0, power_dbm -inf"),
        ("azimuth,tilt", "0,-4", "tilt is -4: some write"),
        ("azimuth", "0\nA,-8,122,0", "line 3: repeats an antenna"),
    ],
)
def test_towers_that_could_be_read_in_two_ways(tmp_path: Path, columns: str, row: str, words: str) -> None:
    with pytest.raises(TowerFileError, match=words):
        read_towers(write(tmp_path / "t.csv", f"id,lat,lon,{columns}\nA,-8,122,{row}\n"))


def test_what_a_tower_sends_is_honoured_and_strange_columns_are_named(tmp_path: Path) -> None:
    path = write(
        tmp_path / "t.csv",
        "id;lat;lon;height_m;antenna;azimuth;frequency_mhz;power_dbm;bandwidth_mhz;technology;owner\n"
        "A;-8,08;122,05;45;omni;;1800;30;20;;Telkom\nB;-8,02;122,05;45;sector;90;;;;nr;x\nC;-8,0;122,0;;;;;;;;\n",
    )
    found = read_towers(path, carrier=Carrier("lte", 900.0, 10.0), budget=Budget(power=46.0))
    a, b, c = found.sites
    assert a.carrier == Carrier("lte", 1800.0, 20.0) and a.budget == Budget(power=30.0)
    assert b.carrier == Carrier("nr", 900.0, 10.0) and b.budget is None and b.antennas[0].bearing == 90.0
    assert c.carrier is None and c.budget is None and len(c.antennas) == 3
    assert any("columns not used: owner" in note for note in found.notes)
    assert any("semicolons" in note for note in found.notes)


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("A,-8,122,1800,70,", "line 2: LTE has no channel of 70 MHz"),
        ("A,-8,122,9000,,", "line 2: frequency_mhz is 9000; expected 30 to 6000"),
        ("A,-8,122,,,wimax", "line 2: technology is 'wimax'"),
        ("A,-8,122,900,,\nA,-8,122,1800,,", "line 3: id A sends in two ways"),
    ],
)
def test_what_a_tower_cannot_send(tmp_path: Path, row: str, words: str) -> None:
    path = write(tmp_path / "t.csv", f"id,lat,lon,frequency_mhz,bandwidth_mhz,technology\n{row}\n")
    with pytest.raises(TowerFileError, match=words):
        read_towers(path)


MSI = "NAME Test 65\nFREQUENCY 900\nGAIN {gain}\nTILT ELECTRICAL\nHORIZONTAL 360\n{h}\nVERTICAL 360\n{v}\n"


def msi(path: Path, gain: str = "15.0 dBi", rows: int = 360) -> Path:
    across = [min(12.0 * (((k + 180) % 360 - 180) / 65.0) ** 2, 25.0) for k in range(360)]
    down = [min(12.0 * (((k - 4 + 180) % 360 - 180) / 8.0) ** 2, 20.0) for k in range(360)]
    lines = ["\n".join(f"{k} {value:.4f}" for k, value in enumerate(cut[:rows])) for cut in (across, down)]
    return write(path, MSI.format(gain=gain, h=lines[0], v=lines[1]))


def test_a_makers_antenna_has_its_cuts(tmp_path: Path) -> None:
    msi(tmp_path / "panel.msi")
    table = write(tmp_path / "t.csv", "id,lat,lon,antenna,azimuth\nA,-8,122,panel.msi,120\n")
    antenna = read_towers(table).sites[0].antennas[0]
    # Along the horizontal cut, four degrees above the tilted beam.
    bearing = np.array([120.0, 152.5, 87.5, 185.0])
    at_horizon = antenna_gain(antenna, bearing, np.zeros(4))
    assert at_horizon == pytest.approx([15.0 - 3.0, 15.0 - 6.0, 15.0 - 6.0, 15.0 - 15.0], abs=0.01)
    # Along the vertical cut the beam points four degrees down; a mast's tilt of two more moves it to six.
    assert antenna_gain(antenna, 120.0, -4.0) == pytest.approx(15.0, abs=1e-9)
    mounted = read_antenna(tmp_path / "panel.msi").mounted(120.0, 2.0)
    assert antenna_gain(mounted, 120.0, -6.0) == pytest.approx(15.0, abs=1e-9)
    assert antenna_gain(mounted, 120.0, -4.0) == pytest.approx(15.0 - 12.0 * (2.0 / 8.0) ** 2, abs=0.01)
    assert read_antenna(msi(tmp_path / "d.msi", "13 dBd")).gain == pytest.approx(15.15)
    assert read_antenna(msi(tmp_path / "n.pln", "13")).gain == pytest.approx(15.15)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("NAME x\nGAIN 15 dBi\n", "has no HORIZONTAL cut"),
        ("GAIN fifteen\nHORIZONTAL 8\n" + "0 0\n" * 8 + "VERTICAL 8\n" + "0 0\n" * 8, "GAIN is 'fifteen'"),
        ("GAIN 1 dBi\nHORIZONTAL 9\n0 0\n1 x\n", "line 4: found '1 x'"),
        ("GAIN 1 dBi\nHORIZONTAL many\n", "line 2: found 'HORIZONTAL many'"),
        ("GAIN 1 dBi\nHORIZONTAL 360\n0 0\n", "line 4: found the end of the file"),
    ],
)
def test_antenna_files_that_cannot_be(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(AntennaFileError, match=words):
        read_antenna(write(tmp_path / "a.msi", text))
    table = write(tmp_path / "t.csv", "id,lat,lon,antenna\nA,-8,122,a.msi\n")
    with pytest.raises(TowerFileError, match=f"line 2: .*{words.split(':')[-1].strip()}"):
        read_towers(table)


def test_antenna_files_as_they_come(tmp_path: Path) -> None:
    plain = msi(tmp_path / "plain.msi")
    text = plain.read_text()
    remarked = text.replace("HORIZONTAL 360", "# cut\nHORIZONTAL: 360\n; across").replace("GAIN ", "GAIN: ")
    wanted = read_antenna(plain)
    for encoding in ("utf-8", "utf-16"):
        found = read_antenna(write(tmp_path / "other.msi", remarked, encoding))
        assert (found.gain, found.cuts.horizontal, found.cuts.vertical) == (
            wanted.gain, wanted.cuts.horizontal, wanted.cuts.vertical,
        )  # fmt: skip
    head, across = text.split("HORIZONTAL 360\n")
    gains = [f"{k} {15.0 - float(line.split()[1])}" for k, line in enumerate(across.split("\n")[:360])]
    changed = f"{head}HORIZONTAL 360\n" + "\n".join(gains) + "\n" + "\n".join(across.split("\n")[360:])
    with pytest.raises(AntennaFileError, match="from -10 to 15 dB, through 0: these look like gains"):
        read_antenna(write(tmp_path / "gains.msi", changed))


# Rasters


def hill() -> np.ndarray:
    rows, columns = np.indices((60, 70))
    return 100.0 + 300.0 * np.exp(-(((rows - 30) / 9.0) ** 2 + ((columns - 35) / 9.0) ** 2))


@settings(max_examples=12, deadline=None)
@given(st.sampled_from([(0.1, 0.0), (0.01, 100.0), (0.5, -50.0), (1.0, 0.0)]), st.booleans())
def test_scale_and_offset_are_honoured(
    tmp_path_factory: pytest.TempPathFactory, scaled: tuple[float, float], projected: bool
) -> None:
    scale, offset = scaled
    stored = np.round((hill() - offset) / scale).astype(np.int32)
    changes = (
        {"crs": "EPSG:32751", "transform": from_origin(500_000.0, 9_100_000.0, 90.0, 90.0)}
        if projected
        else {}
    )
    path = write_tif(
        tmp_path_factory.mktemp("dem") / "dem.tif", stored, scale=scale, offset=offset, **changes
    )
    ground = read_terrain([path])
    assert float(np.nanmax(ground.height)) == pytest.approx(
        hill().max(), abs=max(scale, 3.0 if projected else 0.0)
    )
    assert any("scale" in note for note in ground.notes) == (scaled != (1.0, 0.0))


@pytest.mark.parametrize("marker", [-9999, -32768, 32767, -10000, 9999])
@pytest.mark.parametrize("projected", [False, True])
def test_undeclared_voids_are_no_ground(tmp_path: Path, marker: int, projected: bool) -> None:
    values = np.round(hill()).astype(np.int16 if marker > -32769 else np.int32)
    values[10:40, 5:60] = marker
    changes = (
        {"crs": "EPSG:32751", "transform": from_origin(500_000.0, 9_100_000.0, 90.0, 90.0)}
        if projected
        else {}
    )
    ground = read_terrain([write_tif(tmp_path / "dem.tif", values, **changes)])
    known = ground.height[~np.isnan(ground.height)]
    assert 90.0 <= known.min() and known.max() <= 400.0
    assert np.isnan(ground.height).sum() > 1000
    assert any(f"hold {marker}, an undeclared void marker" in note for note in ground.notes)


def test_the_sea_floor_is_water_and_impossible_heights_are_refused(tmp_path: Path) -> None:
    values = hill().astype(np.float32)
    values[:, :20] = -3500.0 - np.arange(20)
    ground = read_terrain([write_tif(tmp_path / "gebco.tif", values)])
    assert float(ground.height.min()) == 0.0
    assert any("sea floor" in note for note in ground.notes)
    values[0, 0] = 20_000.0
    with pytest.raises(TerrainError, match="20000 m, above any mountain"):
        read_terrain([write_tif(tmp_path / "feet.tif", values)])


LIES = from_origin(122.0, -8.0, 0.001, 0.001)


@pytest.mark.parametrize("bounds", [None, (122.02, -8.04, 122.05, -8.02)])
@pytest.mark.parametrize(
    ("turned", "changes"),
    [
        ((slice(None, None, -1), slice(None)), {"transform": Affine(0.001, 0, 122.0, 0, 0.001, -8.06)}),  # south-up
        ((slice(None), slice(None, None, -1)), {"transform": Affine(-0.001, 0, 122.07, 0, -0.001, -8.0)}),
        # Batavia counted from Jakarta, 106.8077194 degrees east of Greenwich
        ((slice(None), slice(None)), {"crs": "EPSG:4813", "transform": from_origin(15.1922806, -8.0, 0.001, 0.001)}),
    ],
)  # fmt: skip
def test_a_raster_is_read_where_it_lies_however_it_is_stored(
    tmp_path: Path,
    turned: tuple[slice, slice],
    changes: dict[str, object],
    bounds: tuple[float, float, float, float] | None,
) -> None:
    plain = read_terrain([write_tif(tmp_path / "plain.tif", hill(), transform=LIES)], bounds=bounds)
    other = read_terrain([write_tif(tmp_path / "other.tif", hill()[turned], **changes)], bounds=bounds)
    assert other.bounds == pytest.approx(plain.bounds, abs=0.002)
    rows, columns = np.indices(other.height.shape)
    north, east = (
        other.grid.north - rows * other.grid.step_lat,
        other.grid.west + columns * other.grid.step_lon,
    )
    inside = plain.contains(north, east)
    there = plain.height[plain.cells(north[inside], east[inside])]
    # A datum shift of part of a cell resamples; a flank of the hill rises 20 m a cell.
    assert other.height[inside] == pytest.approx(there, abs=20.0 if "crs" in changes else 1e-6)


@pytest.mark.parametrize(("unit", "metres"), [("cm", 0.01), ("dm", 0.1), ("m", 1.0), ("Feet", 0.3048)])
def test_heights_in_the_unit_that_the_file_names(tmp_path: Path, unit: str, metres: float) -> None:
    wanted = hill() * 5.0  # 2000 m, which in centimetres is beyond any mountain
    path = write_tif(tmp_path / "dem.tif", (wanted / metres).astype(np.float32))
    with rasterio.open(path, "r+") as raster:
        raster.units = (unit,)
    assert read_terrain([path]).height == pytest.approx(wanted, rel=1e-5)


def test_a_picture_and_an_unknown_unit_are_no_heights(tmp_path: Path) -> None:
    path = write_tif(tmp_path / "shade.tif", hill().astype(np.uint8))
    with rasterio.open(path, "r+") as raster:
        raster.write_colormap(1, {k: (k, k, k, 255) for k in range(256)})
    with pytest.raises(TerrainError, match="first band is palette: a picture"):
        read_terrain([path])
    path = write_tif(tmp_path / "chain.tif", hill())
    with rasterio.open(path, "r+") as raster:
        raster.units = ("chains",)
    with pytest.raises(TerrainError, match="heights are in 'chains'"):
        read_terrain([path])


def test_no_seam_is_left_between_files_of_different_steps_and_the_finer_one_wins(tmp_path: Path) -> None:
    # 900 rows: a seam one cell wide is more than small voids that are filled.
    fine = write_tif(tmp_path / "fine.tif", np.full((900, 30), 100.0, np.float32), transform=LIES)
    coarse = np.full((300, 30), 200.0, np.float32)
    beside = write_tif(tmp_path / "beside.tif", coarse, transform=from_origin(122.03, -8.0, 0.003, 0.003))
    ground = read_terrain([fine, beside])
    assert not np.isnan(ground.height).any() and not any("void" in note for note in ground.notes)
    below = write_tif(tmp_path / "below.tif", coarse, transform=from_origin(122.0, -8.0, 0.003, 0.003))
    assert (read_terrain([below, fine]).height[:, :30] == 100.0).all()


@pytest.mark.parametrize("name", ["S09E122.hgt", "S09E122.hgt.gz", "S09E122.hgt.zip"])
def test_broken_tiles_are_named(tmp_path: Path, name: str) -> None:
    whole = {
        "hgt": b"\x00" * 2_000_003,
        "gz": gzip.compress(b"\x00" * 999)[:-12],
        "zip": b"PK\x03\x04 cut off",
    }
    (tmp_path / name).write_bytes(whole[name.rsplit(".", 1)[1]])
    with pytest.raises(TerrainError, match=name):
        read_terrain([tmp_path / name])


def test_trees_of_a_surface_model_are_counted_once(tmp_path: Path) -> None:
    bare = hill().astype(np.float32)
    classes = np.full(bare.shape, 30, np.uint8)
    classes[:, 20:50] = 10  # trees, 15 m
    surface = bare + np.where(classes == 10, 15.0, 0.5).astype(np.float32)
    cover = write_tif(tmp_path / "cover.tif", classes)
    seen = read_land_cover(read_terrain([write_tif(tmp_path / "srtm.tif", surface)]), cover)
    truth = read_land_cover(read_terrain([write_tif(tmp_path / "bare.tif", bare)]), cover)
    lowered = bare_below(seen, "surface", "as you say")
    assert lowered.height == pytest.approx(truth.height, abs=1e-3)
    assert np.array_equal(lowered.clutter, truth.clutter)
    assert np.array_equal(bare_below(truth, "bare", "as you say").height, truth.height)
    assert any("surface" in note for note in lowered.notes)


def test_what_the_elevation_measured_is_asked_where_names_do_not_say() -> None:
    assert kind_of_files([Path("S09E122.hgt"), Path("S10E122.hgt.gz")]) == ("surface", "SRTM")
    assert kind_of_files([Path("Copernicus_DSM_COG_10_S09_00_E122_00_DEM.tif")]) == (
        "surface",
        "Copernicus DEM",
    )
    assert kind_of_files([Path("FABDEM_S09E122.tif")]) == ("bare", "FABDEM")
    assert kind_of_files([Path("S09E122.hgt"), Path("dem.tif")]) is None
    with pytest.raises(TerrainError, match="--elevation-kind surface"):
        asked_kind([Path("dem.tif")], None)
    assert asked_kind([Path("dem.tif")], "bare") == ("bare", "as you say")


@settings(max_examples=20, deadline=None)
@given(
    st.integers(0, 10_000), st.sampled_from([0.01, 0.08, 0.4, 3.0, 40.0]), st.sampled_from([7, 100, 250_000])
)
def test_nobody_is_lost_from_a_population_raster(
    tmp_path_factory: pytest.TempPathFactory, seed: int, mean: float, most: int
) -> None:
    rng = np.random.default_rng(seed)
    people = (rng.gamma(0.5, 2.0 * mean, (40, 50)) * (rng.uniform(size=(40, 50)) < 0.6)).astype(np.float32)
    people[3, 4] = mean
    path = write_tif(tmp_path_factory.mktemp("people") / "people.tif", people)
    found = people_from_raster(path, (121.0, -10.0, 124.0, -7.0), most=most)
    assert found.people.sum() == pytest.approx(people.sum(dtype=np.float64), rel=1e-6)
    assert found.size <= max(most, 1) and (found.people > 0).all()
    middle = (found.latitude * found.people).sum() / found.people.sum()
    rows = -8.0 - 0.001 * (np.arange(40) + 0.5)
    assert middle == pytest.approx((rows[:, None] * people).sum() / people.sum(dtype=np.float64), abs=1e-6)


def test_people_of_a_raster_stored_from_the_south(tmp_path: Path) -> None:
    people = np.zeros((20, 20), np.float32)
    people[3, 5] = 7.0
    path = write_tif(tmp_path / "people.tif", people[::-1], transform=Affine(0.01, 0, 122.0, 0, 0.01, -8.2))
    found = people_from_raster(path, (122.01, -8.19, 122.19, -8.01))
    assert (found.latitude[0], found.longitude[0], found.people[0]) == pytest.approx((-8.035, 122.055, 7.0))


def test_a_raster_without_people_says_so(tmp_path: Path) -> None:
    path = write_tif(tmp_path / "nobody.tif", np.zeros((20, 20), np.float32))
    with pytest.raises(DemandError, match="holds nobody within"):
        people_from_raster(path, (121.0, -10.0, 124.0, -7.0))
