"""Draws a network without words: its streets, and where its signals stand. SVG paths, for the sheet of a challenge's picture."""

from __future__ import annotations

import math

from lumbung.city.engine.topology import Topology

_GOLDEN = math.pi * (3.0 - math.sqrt(5.0))


def streets(topology: Topology, x: float, y: float, width: float, height: float) -> list[str]:
    """Draw a network into a frame, north up: each street by one of its lanes, each signal as a dot.

    Parameters
    ----------
    topology : Topology
    x, y, width, height : float
        The frame.
    """
    shapes = list({lane.edge: lane.shape for lane in topology.lanes.values()}.values())
    points = [point for shape in shapes for point in shape]
    west, east = min(p[0] for p in points), max(p[0] for p in points)
    south, north = min(p[1] for p in points), max(p[1] for p in points)
    scale = min(width / max(east - west, 1.0), height / max(north - south, 1.0))
    left = x + 0.5 * (width - scale * (east - west))
    top = y + 0.5 * (height - scale * (north - south))

    def at(place: tuple[float, float]) -> str:
        return f"{left + scale * (place[0] - west):.1f} {top + scale * (north - place[1]):.1f}"

    lines = dict.fromkeys("M" + "L".join(dict.fromkeys(map(at, shape))) for shape in shapes)
    dots = "".join(
        f'<circle cx="{cx}" cy="{cy}" r="4"/>'
        for cx, cy in (at((j.x, j.y)).split() for j in topology.junctions.values())
    )
    return [
        f'<path class="way" stroke-width="2.2" d="{"".join(lines)}"/>',
        f'<g class="mark">{dots}</g>',
    ]


def signals_alone(count: int, x: float, y: float, width: float, height: float) -> list[str]:
    """Draw so many signals as a bunch of dots: of a network that stays where it is, only their number is told."""
    near = 0.42 * min(width, height) / math.sqrt(max(count, 4))
    dots = "".join(
        f'<circle cx="{x + 0.5 * width + near * math.sqrt(n) * math.cos(n * _GOLDEN):.1f}" '
        f'cy="{y + 0.5 * height + near * math.sqrt(n) * math.sin(n * _GOLDEN):.1f}" r="{0.36 * near:.1f}"/>'
        for n in range(count)
    )
    ring = f'<circle class="soft" cx="{x + 0.5 * width:.1f}" cy="{y + 0.5 * height:.1f}" r="{0.48 * min(width, height):.1f}"/>'
    return [ring, f'<g class="mark">{dots}</g>']
