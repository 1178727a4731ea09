"""Metrics against a tripinfo small enough to compute by hand."""

from __future__ import annotations

from pathlib import Path

import pytest

from lumbung.city.engine.metrics import TripinfoError, is_gridlock, read_tripinfo


def entry(
    depart: float, late: float, arrival: float, duration: float, loss: float, wait: float, stops: int
) -> str:
    return (
        f'<tripinfo id="x" depart="{depart}" departDelay="{late}" arrival="{arrival}" duration="{duration}" '
        f'waitingTime="{wait}" waitingCount="{stops}" timeLoss="{loss}"/>'
    )


def write(path: Path, *entries: str) -> Path:
    path.write_text("<tripinfos>\n" + "\n".join(entries) + "\n</tripinfos>\n")
    return path


def test_by_hand(tmp_path: Path) -> None:
    path = write(
        tmp_path / "t.xml",
        entry(10, 2, 60, 50, 20, 10, 1),  # arrived
        entry(30, 0, -1, 70, 60, 50, 3),  # still on the road
        entry(-1, 500, -1, 0, 0, 0, 0),  # never got in
    )
    found = read_tripinfo(path, hours=0.5)
    assert found.delay == pytest.approx((20 + 2 + 60 + 500) / 3)
    assert found.time_loss == pytest.approx((20 + 60) / 2)
    assert found.waiting == pytest.approx(30)
    assert found.stops == pytest.approx(2)
    assert found.trip_time == 50
    assert found.throughput == 2
    assert (found.demanded, found.arrived, found.never_inserted) == (3, 1, 1)
    assert found.worst_delay == 500
    assert "co2" not in found.as_dict()


def test_whoever_waits_outside_counts(tmp_path: Path) -> None:
    inside = read_tripinfo(write(tmp_path / "a.xml", entry(0, 0, 50, 50, 10, 5, 1)), 1)
    starved = read_tripinfo(
        write(tmp_path / "b.xml", entry(0, 0, 50, 50, 10, 5, 1), entry(-1, 3000, -1, 0, 0, 0, 0)), 1
    )
    assert starved.time_loss == inside.time_loss
    assert starved.delay > 100 * inside.delay


def test_an_unfinished_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "t.xml"
    path.write_text("<tripinfos>\n" + entry(10, 2, 60, 50, 20, 10, 1))
    with pytest.raises(TripinfoError, match="no closing"):
        read_tripinfo(path, 1)


@pytest.mark.parametrize(
    ("on_road", "stuck", "locked"), [(100, 30, True), (100, 15, False), (9, 9, False), (0, 0, False)]
)
def test_gridlock_is_many_and_a_large_part(on_road: int, stuck: int, locked: bool) -> None:
    assert is_gridlock(on_road, stuck) is locked
