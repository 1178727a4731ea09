"""Generated towns as OpenStreetMap extracts: a grid of streets in Bandung that nobody ever drove (data *generated*).

Some signals are mapped as people map them (on the crossing node), some streets lack lanes or speed, one street is
for one way only, there are footpaths, houses and a bus stop besides; everything an importer has to cope with.
"""

from __future__ import annotations

from pathlib import Path
from xml.sax.saxutils import quoteattr

LAT, LON = -6.914, 107.609
# Degrees of one block at this latitude.
BLOCK_M = 180.0
D_LAT = BLOCK_M / 110_574
D_LON = BLOCK_M / (111_320 * 0.99273)


def town(columns: int = 3, rows: int = 2, lat: float = LAT, lon: float = LON, signals: bool = True) -> str:
    """Return the XML of a town with *columns* x *rows* crossings, each with a signal; streets go one block beyond."""
    nodes: list[str] = []
    ways: list[str] = []

    def number(x: int, y: int) -> int:
        return 1000 + 100 * (x + 1) + (y + 1)

    for x in range(-1, columns + 1):
        for y in range(-1, rows + 1):
            corner = x in (-1, columns) and y in (-1, rows)
            if corner:
                continue
            inside = 0 <= x < columns and 0 <= y < rows
            tag = '<tag k="highway" v="traffic_signals"/>' if inside and signals else ""
            nodes.append(
                f'<node id="{number(x, y)}" version="1" lat="{lat + y * D_LAT:.7f}" lon="{lon + x * D_LON:.7f}">{tag}</node>'
            )
    for y in range(rows):
        refs = "".join(f'<nd ref="{number(x, y)}"/>' for x in range(-1, columns + 1))
        # the first main street says its lanes and speed, the others leave them to be guessed
        told = '<tag k="lanes" v="4"/><tag k="maxspeed" v="50"/>' if y == 0 else ""
        ways.append(_way(100 + y, refs, "secondary", f"Jalan Timur {y} & Barat", told))
    for x in range(columns):
        refs = "".join(f'<nd ref="{number(x, y)}"/>' for y in range(-1, rows + 1))
        told = '<tag k="oneway" v="yes"/><tag k="lanes" v="2"/>' if x == columns - 1 and columns > 2 else ""
        ways.append(_way(200 + x, refs, "tertiary", f"Jalan Utara {x}", told))
    # what an extract holds besides
    nodes.append(f'<node id="9001" version="1" lat="{lat + 0.0004}" lon="{lon + 0.0004}"/>')
    nodes.append(f'<node id="9002" version="1" lat="{lat + 0.0006}" lon="{lon + 0.0004}"/>')
    nodes.append(
        f'<node id="9003" version="1" lat="{lat + 0.00005}" lon="{lon + D_LON / 2}"><tag k="highway" v="bus_stop"/></node>'
    )
    ways.append(_way(900, '<nd ref="9001"/><nd ref="9002"/>', "footway", "", ""))
    ways.append(
        '<way id="901" version="1"><nd ref="9001"/><nd ref="9002"/><nd ref="9003"/><nd ref="9001"/><tag k="building" v="yes"/></way>'
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<osm version="0.6" generator="generated">\n'
        + "\n".join(nodes)
        + "\n"
        + "\n".join(ways)
        + "\n</osm>\n"
    )


def _way(number: int, refs: str, kind: str, name: str, more: str) -> str:
    named = f'<tag k="name" v={quoteattr(name)}/>' if name else ""
    return f'<way id="{number}" version="1">{refs}<tag k="highway" v="{kind}"/>{named}{more}</way>'


def write_town(
    path: Path, columns: int = 3, rows: int = 2, lat: float = LAT, lon: float = LON, signals: bool = True
) -> Path:
    """Write a town's extract."""
    path.write_text(town(columns, rows, lat, lon, signals), encoding="utf-8")
    return path
