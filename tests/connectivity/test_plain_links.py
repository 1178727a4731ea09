"""Links in plain numpy against the engine: same ground, same villages."""

from __future__ import annotations

import numpy as np
import pytest

from lumbung.connectivity.challenge import plain_links, plain_siting
from lumbung.connectivity.challenge.proposals import Terms, problem_of
from lumbung.connectivity.challenge.remote_regions import REGIONS, RemoteArea, generated_area
from lumbung.connectivity.engine.antenna import three_sectors
from lumbung.connectivity.people.listed_places import ListedPlace
from lumbung.connectivity.radio.coverage import Site, service
from lumbung.connectivity.siting.backhaul import Rules, hop

TERMS = Terms()


@pytest.fixture(scope="module", params=["samar", "baise"])
def area(request: pytest.FixtureRequest) -> RemoteArea:
    region = REGIONS[request.param]
    places = [
        ListedPlace(k, f"P{k}", region.latitude + 0.1 * a, region.longitude + 0.1 * b, 1000 * (k + 1))
        for k, (a, b) in enumerate([(0, 0), (2, 2), (-2, 1), (1, -3), (-3, -3)])
    ]
    return generated_area(region, places, 5, 1500.0)


def test_signal_is_the_engines_within_a_decibel_near_the_threshold(area: RemoteArea) -> None:
    problem = problem_of(area, TERMS)
    options = plain_siting.options_in(problem)
    sites = [
        Site(str(j), options.latitude[j], options.longitude[j], options.mast[j], tuple(three_sectors()))
        for j in range(options.size)
    ]
    truth = service(area.ground, sites, area.demand, TERMS.carrier, radius=TERMS.radius)
    ours = np.full((options.size, area.demand.size), np.nan)
    links = plain_siting.links_in(problem, options)
    ours[links.option, links.village] = plain_links.signal(
        problem["radio"], links.paths.picked(links.profile), links.bearing, options.mast[links.option]
    )
    found = ours[truth.site, truth.demand]
    near = np.abs(truth.rsrp - TERMS.threshold) < 10
    assert near.sum() > 500
    assert np.quantile(np.abs(found - truth.rsrp)[near], 0.99) < 1.0
    agree = (found >= TERMS.threshold) == (truth.rsrp >= TERMS.threshold)
    assert agree.mean() > 0.998
    assert (
        plain_siting.covers(problem, options)[truth.site, truth.demand] == (found >= TERMS.threshold)
    ).all()


def test_hops_are_the_judges(area: RemoteArea) -> None:
    problem = problem_of(area, TERMS)
    sites = area.candidates[:25]
    one, two = np.triu_indices(len(sites), 1)
    lat, lon = np.array([s.latitude for s in sites]), np.array([s.longitude for s in sites])
    paths = plain_links.profiles(problem["terrain"], lat[one], lon[one], lat[two], lon[two])
    room = plain_links.hop_room(problem["backhaul"], paths, np.full(one.size, 45.0), np.full(one.size, 45.0))
    truth = np.array(
        [
            hop(sites[a].at(45.0), sites[b].at(45.0), area.ground, Rules()).free
            for a, b in zip(one, two, strict=True)
        ]
    )
    agree = (room >= 0.6) == (truth >= 0.6)
    assert 0 < (truth >= 0.6).sum() < truth.size
    assert agree.mean() > 0.98


def test_no_clear_hop_of_the_search_is_blocked_for_the_judge(area: RemoteArea) -> None:
    problem = problem_of(area, TERMS)
    options = plain_siting.options_in(problem)
    hops = plain_siting.clear_hops(problem, options)
    places = [area.candidates[k].at(mast) for k, mast in zip(options.candidate, options.mast, strict=True)]
    pairs = np.argwhere(np.triu(hops.between))
    assert (hops.between == hops.between.T).all() and len(pairs) > 100
    for a, b in pairs[:: max(len(pairs) // 200, 1)]:
        assert hop(places[a], places[b], area.ground, Rules()).free >= 0.6
