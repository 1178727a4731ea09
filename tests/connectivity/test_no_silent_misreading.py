"""More than twenty kinds of files that planners' offices have, whatever they hold: read as meant, refused, or doubted aloud."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import rasterio
from hypothesis import example, given, settings
from hypothesis import strategies as st
from rasterio.transform import Affine, from_origin

from lumbung.connectivity.ground.elevation_files import read_terrain
from lumbung.connectivity.ground.terrain import TerrainError
from lumbung.connectivity.people.demand import DemandError, people_from_raster, read_villages

Village = tuple[float, float, int]
villages = st.lists(
    st.tuples(st.integers(-1090, 590), st.integers(9500, 14100), st.integers(0, 3_000_000)).map(
        lambda v: (v[0] / 100.0, v[1] / 100.0, v[2])
    ),
    min_size=1,
    max_size=6,
)


def grouped(mark: str) -> Callable[[int], str]:
    return lambda people: f"{people:,}".replace(",", mark)


def table(
    mark: str = ",", people: Callable[[int], str] = str, degrees: Callable[[float], str] = str, *, encoding: str = "utf-8",
    head: str = "", tail: str = "", header: tuple[str, ...] = ("id", "lat", "lon", "population"), more: str = "",
) -> Callable[[list[Village]], bytes]:  # fmt: skip
    """Return what writes villages as an office would."""

    def written(given: list[Village]) -> bytes:
        lines = [mark.join(header)]
        lines += [
            mark.join([f"V{k}{more}", degrees(v[0]), degrees(v[1]), people(v[2])])
            for k, v in enumerate(given)
        ]
        return (head + "\n".join(lines) + "\n" + tail).encode(encoding)

    return written


def with_comma(value: float) -> str:
    return str(value).replace(".", ",")


def quoted(write: Callable[[int], str]) -> Callable[[int], str]:
    return lambda people: f'"{write(people)}"'


KINDS = {
    "points and commas": table(),
    "Excel in Indonesia": table(";", grouped("."), with_comma),
    "Excel in China": table("\t", encoding="utf-16", header=("编号", "纬度", "经度", "人口")),
    "bars": table("|", grouped(",")),
    "thousands in quotes": table(people=quoted(grouped(","))),
    "thousands without quotes": table(people=grouped(",")),
    "thousands with points between commas": table(people=grouped(".")),
    "thousands with points and semicolons": table(";", grouped(".")),
    "no-break spaces": table(";", grouped("\u00a0")),
    "apostrophes": table(people=grouped("'")),
    "digits apart": table(people=lambda n: " ".join(str(n))),
    "pairs of digits": table(people=lambda n: " ".join([str(n)[:-2], str(n)[-2:]]).strip()),
    "decimal commas without quotes": table(degrees=with_comma),
    "a comma in the first cell": table(more=", hilir"),
    "swapped": table(header=("id", "lon", "lat", "population")),
    "degrees without a point": table(degrees=lambda d: str(round(d * 100_000))),
    "degrees and minutes": table(degrees=lambda d: f"{int(abs(d))} {round(abs(d) % 1 * 60):02d}"),
    "degrees with letters": table(degrees=lambda d: f"{abs(d)}{'S' if d < 0 else 'N'}"),
    "metres of a projection": table(degrees=lambda d: str(round(500_000 + 111_000 * d))),
    "people in thousands": table(people=lambda n: f"{n / 1000.0:.3f}"),
    "powers of ten": table(people=lambda n: f"{n:.6E}"),
    "the word people": table(people=lambda n: f"{n} jiwa"),
    "a title above": table(head="Data desa 2024\n"),
    "a total below": table(tail="TOTAL,,,99999999\n"),
    "a row of units": table(tail="-,deg,deg,orang\n"),
    "two columns of people": table(
        header=("id", "lat", "lon", "population", "penduduk"), people=lambda n: f"{n},{n // 2}"
    ),
    "an older alphabet": table(head="", encoding="latin-1", more="é"),
}


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=12, deadline=None)
@given(villages)
@example([(0.0, 95.0, 1_000_000)])
def test_a_table_is_read_as_meant_or_doubted_aloud(
    tmp_path_factory: pytest.TempPathFactory, kind: str, given: list[Village]
) -> None:
    path = tmp_path_factory.getbasetemp() / "villages.csv"
    path.write_bytes(KINDS[kind](given))
    try:
        found = read_villages(path)
    except DemandError as error:
        assert str(path) in str(error)
        return
    assert found.size + len(found.set_aside) >= len(given)
    doubted = any("fraction of a person" in note or "three decimals" in note for note in found.notes)
    for identity, *read in zip(found.id, found.latitude, found.longitude, found.people, strict=True):
        meant = given[int("".join(c for c in identity.split("#")[0] if c.isdigit()))]
        assert read == pytest.approx(list(meant), abs=1e-9) or doubted


def write_tif(path: Path, values: np.ndarray, scale: float = 1.0, bands: int = 1, **changes: object) -> Path:
    options = {"crs": "EPSG:4326", "transform": from_origin(122.0, -8.0, 0.001, 0.001), **changes}
    with rasterio.open(
        path, "w", driver="GTiff", height=values.shape[0], width=values.shape[1], count=bands, dtype=values.dtype, **options
    ) as raster:  # fmt: skip
        for band in range(1, bands + 1):
            raster.write(values if band == 1 else np.zeros_like(values), band)
        raster.scales = (scale,) * bands
    return path


MARKERS = (-9999, -32768, 32767, 65535, -99999, 9999, 2147483647, -2147483648, 4294967295)


@settings(max_examples=40, deadline=None)
@given(
    st.integers(0, 2**31), st.sampled_from(["int16", "uint16", "int32", "uint32", "float32", "uint8"]),
    st.sampled_from([1.0, 0.1, 0.01]), st.sampled_from([None, *MARKERS]), st.booleans(), st.booleans(), st.integers(1, 3),
)  # fmt: skip
def test_heights_are_read_as_meant_or_refused(
    tmp_path_factory: pytest.TempPathFactory, seed: int, kind: str, scale: float, marker: int | None, declared: bool,
    upside_down: bool, bands: int,
) -> None:  # fmt: skip
    rng = np.random.default_rng(seed)
    rows, columns = np.indices((30, 40))
    meant = np.round(
        rng.uniform(5, 60)
        + rng.uniform(20, 190) * np.exp(-(((rows - 9) / 6) ** 2 + ((columns - 29) / 8) ** 2))
    )
    limits = np.iinfo(kind) if kind != "float32" else np.finfo(np.float32)
    if meant.max() / scale > limits.max or (marker is not None and not limits.min <= marker <= limits.max):
        return
    stored = np.round(meant / scale).astype(kind)
    void = np.zeros(meant.shape, bool)
    if marker is not None:
        void[2:28, 2:22] = True
        stored[void] = marker
    changes: dict[str, object] = {"nodata": marker} if marker is not None and declared else {}
    if upside_down:
        stored, changes["transform"] = stored[::-1].copy(), Affine(0.001, 0.0, 122.0, 0.0, 0.001, -8.03)
    path = write_tif(tmp_path_factory.getbasetemp() / "dem.tif", stored, scale, bands, **changes)
    try:
        ground = read_terrain([path])
    except TerrainError as error:
        assert kind == "uint8" or (marker is not None and not declared), error
        return
    assert np.array_equal(np.isnan(ground.height), void)
    assert ground.height[~void] == pytest.approx(meant[~void], abs=0.51 * scale)
    said = " ".join(ground.notes)
    assert ("scale" in said, "3 bands" in said or "2 bands" in said) == (scale != 1.0, bands > 1)
    assert marker is None or declared or "undeclared void marker" in said


@settings(max_examples=40, deadline=None)
@given(
    st.integers(0, 2**31), st.sampled_from(["uint8", "int16", "uint16", "int32", "uint32", "float32"]),
    st.sampled_from([None, 255, -200, *MARKERS]), st.booleans(),
)  # fmt: skip
def test_people_of_a_raster_are_counted_or_doubted_aloud(
    tmp_path_factory: pytest.TempPathFactory, seed: int, kind: str, marker: int | None, declared: bool
) -> None:
    limits = np.iinfo(kind) if kind != "float32" else np.finfo(np.float32)
    if marker is not None and (not limits.min <= marker <= limits.max or (marker == 255 and kind != "uint8")):
        return
    people = np.random.default_rng(seed).integers(0, 200, (20, 30))
    people[0, 0] = 7
    stored = people.astype(kind)
    if marker is not None:
        stored[5:9, :] = marker
        people[5:9, :] = 0
    changes = {"nodata": marker} if marker is not None and declared else {}
    path = write_tif(tmp_path_factory.getbasetemp() / "people.tif", stored, **changes)
    found = people_from_raster(path, (121.0, -10.0, 124.0, -7.0))
    assert found.people.sum() == people.sum()
    assert (marker is not None and not declared) == any("declare" in note for note in found.notes)
