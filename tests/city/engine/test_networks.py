"""Networks are what they claim to be, or an error says what is wrong where."""

from __future__ import annotations

import gzip
import shutil
from pathlib import Path

import pytest

from lumbung.city.engine.demand import check_demand
from lumbung.city.engine.networks import RESCO, NetworkError, Scenario, own_scenario, resco
from lumbung.city.engine.scenario_files import own_scenarios, read_scenario
from lumbung.city.engine.topology import read_topology

# Signals of each network: RESCO's paper, table 1; vehicles of the hour: counted in the demand files.
SIGNALS = {"cologne1": 1, "cologne3": 3, "cologne8": 8, "ingolstadt1": 1, "ingolstadt7": 7, "ingolstadt21": 21,
           "grid4x4": 16, "arterial4x4": 16}  # fmt: skip


@pytest.mark.parametrize("name", RESCO)
def test_each_resco_network_is_found_and_has_its_signals(name: str) -> None:
    scenario = resco(name)
    topology = read_topology(scenario.net)
    assert len(topology.junctions) == SIGNALS[name]
    assert check_demand(scenario, topology) > 1000
    assert scenario.licence and scenario.origin
    for junction in topology.junctions.values():
        assert len(junction.phases) >= 2
        links = {index for movement in junction.movements for index in movement.links}
        assert links == {link.index for link in junction.links}


def test_an_unknown_network_lists_the_known() -> None:
    with pytest.raises(NetworkError, match="cologne8"):
        resco("cologne9")


def copy_of(name: str, folder: Path) -> Path:
    source = resco(name).net.parent
    shutil.copytree(source, folder / name)
    return folder / name


def test_one_changed_byte_is_a_wrong_digest(tmp_path: Path) -> None:
    place = copy_of("cologne1", tmp_path)
    demand = place / "cologne1.rou.xml"
    demand.write_text(demand.read_text().replace("25205.00", "25206.00", 1))
    with pytest.raises(NetworkError, match=r"cologne1\.rou\.xml: found sha256") as error:
        resco("cologne1", tmp_path)
    assert "expected sha256 7a3be6818a25b8c2" in str(error.value)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    (copy_of("cologne1", tmp_path) / "cologne1.net.xml").unlink()
    with pytest.raises(NetworkError, match=r"cologne1\.net\.xml: found No such file"):
        resco("cologne1", tmp_path)


def test_a_network_without_signals(tmp_path: Path, crossing: Scenario) -> None:
    net = tmp_path / "plain.net.xml"
    text = crossing.net.read_text()
    begin, end = text.index("<tlLogic"), text.index("</tlLogic>") + len("</tlLogic>")
    net.write_text(text[:begin] + text[end:])
    with pytest.raises(NetworkError, match="no traffic signals"):
        read_topology(net)


def test_broken_and_foreign_files(tmp_path: Path) -> None:
    broken = tmp_path / "broken.net.xml"
    broken.write_text("<net>\n<edge id=\n")
    with pytest.raises(NetworkError, match=r"line [23]: found broken XML"):
        read_topology(broken)
    foreign = tmp_path / "foreign.net.xml"
    foreign.write_text("<routes/>")
    with pytest.raises(NetworkError, match="found root element <routes>, expected <net>"):
        read_topology(foreign)


def test_a_packed_network_reads_the_same(tmp_path: Path, crossing: Scenario) -> None:
    packed = tmp_path / "crossing.net.xml.gz"
    packed.write_bytes(gzip.compress(crossing.net.read_bytes()))
    assert read_topology(packed).junctions == read_topology(crossing.net).junctions


def test_a_demand_that_does_not_fit(tmp_path: Path, crossing: Scenario) -> None:
    routes = tmp_path / "other.rou.xml"
    routes.write_text('<routes><trip id="7" depart="1" from="ec" to="elsewhere"/></routes>')
    with pytest.raises(NetworkError, match="trip 7: found edge elsewhere, expected an edge of the network"):
        check_demand(own_scenario(crossing.net, (routes,), 0, 300), read_topology(crossing.net))


def test_a_route_with_a_gap(tmp_path: Path, crossing: Scenario) -> None:
    routes = tmp_path / "gap.rou.xml"
    routes.write_text('<routes><vehicle id="3" depart="1"><route edges="ec sc"/></vehicle></routes>')
    with pytest.raises(NetworkError, match="vehicle 3: found street sc after ec"):
        check_demand(own_scenario(crossing.net, (routes,), 0, 300), read_topology(crossing.net))


def test_nobody_departs_in_these_hours(crossing: Scenario) -> None:
    night = own_scenario(crossing.net, crossing.routes, 90_000, 93_600)
    with pytest.raises(NetworkError, match="no vehicle that departs from 90000 s"):
        check_demand(night, read_topology(crossing.net))


def test_empty_hours(crossing: Scenario) -> None:
    with pytest.raises(NetworkError, match="expected an end later than the begin"):
        own_scenario(crossing.net, crossing.routes, 300, 300)


def test_configurations(tmp_path: Path, crossing: Scenario) -> None:
    assert read_scenario(crossing.net.parent).end == 300
    assert own_scenarios(tmp_path / "nowhere") == {}
    with pytest.raises(NetworkError, match="0 SUMO configurations"):
        read_scenario(tmp_path)
    (tmp_path / "half.sumocfg").write_text(
        '<configuration><input><net-file value="a.net.xml"/></input></configuration>'
    )
    shutil.copy(crossing.net, tmp_path / "a.net.xml")
    with pytest.raises(NetworkError, match="no route-files"):
        read_scenario(tmp_path)
