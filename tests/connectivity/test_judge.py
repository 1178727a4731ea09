"""The judge ``connectivity.siting`` and the challenge that comes with it."""

from __future__ import annotations

import csv
import importlib.util
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest

from lumbung.connectivity.challenge.plain_siting import Network, clear_hops, covers, mended, options_in
from lumbung.connectivity.challenge.proposals import Terms, problem_of
from lumbung.connectivity.challenge.remote_regions import REGIONS, generated_area
from lumbung.connectivity.engine.covering.problem import Covering, Lists
from lumbung.connectivity.engine.covering.search import maximise
from lumbung.connectivity.judge import SitingJudge
from lumbung.connectivity.judge.siting import DEFAULTS
from lumbung.connectivity.people.listed_places import places_within
from lumbung.proving.catalogue import find_challenge
from lumbung.proving.challenge import Challenge, ChallengeError
from lumbung.proving.faults import SubmissionFault
from lumbung.proving.judge import Applies, Judge, ScoredRun, find_judge
from small_areas import STEP

NAMES = ("most-populous", "greedy-circles", "learned", "planner")
SOLUTIONS = Path(__file__).parents[2] / "src/lumbung/connectivity/solutions"


def shipped(name: str) -> Any:
    spec = importlib.util.spec_from_file_location(f"solution_{name}", SOLUTIONS / name / "solution.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.Solution()


class Answers:
    """A solution that answers what a function says."""

    def __init__(self, answer: Callable[[dict[str, Any]], Any]) -> None:
        self.solve = answer


@pytest.fixture(scope="module")
def judge() -> SitingJudge:
    return SitingJudge()


@pytest.fixture(scope="module")
def challenge() -> Challenge:
    return find_challenge("remote-villages").challenge


def test_it_enters_by_the_door_of_all_judges() -> None:
    found = find_judge("connectivity.siting")
    assert isinstance(found, Judge) and isinstance(found, Applies)


@pytest.mark.parametrize(
    ("options", "where"),
    [
        ({"speed": 3}, "options.speed"),
        ({"regions": ["atlantis"]}, "options.regions"),
        ({"regions": "flores"}, "options.regions"),
        ({"seeds": 0}, "options.seeds"),
        ({"seeds": True}, "options.seeds"),
        ({"budget": 0}, "options.budget"),
        ({"budget": float("nan")}, "options.budget"),
        ({"budget": "1500"}, "options.budget"),
        ({"hop_cost": -1}, "options.hop_cost"),
        ({"frequency": 9000}, "options.frequency"),
        ({"bandwidth": 7}, "options.bandwidth"),
    ],
)
def test_a_wrong_option_is_named(judge: SitingJudge, options: dict[str, Any], where: str) -> None:
    with pytest.raises(ChallengeError) as error:
        judge.check_options(options)
    assert error.value.where == where


def test_the_challenge_names_every_option_it_sets(judge: SitingJudge, challenge: Challenge) -> None:
    assert judge.check_options(challenge.options).keys() == DEFAULTS.keys()
    assert challenge.ranking.metric in judge.metrics


def test_cases_are_regions_by_seeds_with_real_places(
    judge: SitingJudge, challenge: Challenge, tmp_path: Path
) -> None:
    cases = judge.cases(challenge, tmp_path)
    assert len(cases) == 80 and len({case.digest for case in cases}) == 80
    assert [case.digest for case in cases] == [case.digest for case in judge.cases(challenge, tmp_path)]
    assert {case.group for case in cases} == set(REGIONS)
    kalinga = next(case for case in cases if case.group == "kalinga")
    assert "Tabuk" in {place["name"] for place in kalinga.inputs["places"]}
    msgspec.json.encode(cases[0])


def some_cases(judge: SitingJudge, challenge: Challenge, *groups: str, seed: int = 0) -> list[Any]:
    return [c for c in judge.cases(challenge, Path()) if c.group in groups and c.seed == seed]


def test_generated_ground_repeats_and_seeds_differ() -> None:
    region = REGIONS["samar"]
    places = places_within(region.bounds)
    one, again, other = (generated_area(region, places, seed, 1.0) for seed in (0, 0, 1))
    assert np.array_equal(one.ground.height, again.ground.height)
    assert np.array_equal(one.demand.people, again.demand.people) and one.costs == again.costs
    assert not np.array_equal(one.ground.height, other.ground.height)
    assert one.ground.generated and "generated" in one.ground.label


@pytest.mark.parametrize("name", list(REGIONS))
def test_every_region_can_be_planned(name: str) -> None:
    region = REGIONS[name]
    places = places_within(region.bounds)
    area = generated_area(region, places, 3, 1500.0)
    assert area.demand.size >= 150 and len(area.candidates) == 90 and len(area.fibre) == 3
    assert area.known.all()
    listed = {f"G{p.geonameid}": p.people for p in places if p.people}
    for identity, people, real in zip(area.demand.id, area.demand.people, area.listed, strict=True):
        assert not real or people == listed[identity]
    rows, columns = area.ground.cells(area.demand.latitude, area.demand.longitude)
    assert (area.ground.zone[rows, columns] != 1).all()


def test_shipped_solutions_rank_as_they_should_and_are_drawn(
    judge: SitingJudge, challenge: Challenge
) -> None:
    options = judge.check_options(challenge.options)
    cases = some_cases(judge, challenge, "timor", "kalinga", "phongsaly")
    runs = [
        ScoredRun(f"connectivity/{name}", tuple(judge.play(case, shipped(name), options) for case in cases))
        for name in NAMES
    ]
    served = {
        run.submission.split("/")[1]: np.mean([s.metrics["served"] for s in run.scores]) for run in runs
    }
    assert served["planner"] > served["learned"] > served["greedy-circles"] > served["most-populous"] > 10
    for run in runs:
        for score in run.scores:
            assert score.metrics.keys() == judge.metrics.keys()
            assert score.metrics["spent"] <= options["budget"] and score.metrics["unconnected"] == 0
            assert 0 <= score.metrics["worst_quarter"] <= score.metrics["served"] <= 100
            assert any("GENERATED" in part for part in score.engine)
    msgspec.json.encode(runs[0].scores[0])
    drawn = judge.pictures(runs)
    assert [p.group for p in drawn] == ["", "timor", "kalinga", "phongsaly"]
    for picture in drawn:
        assert picture.svg.startswith("<svg") and picture.svg.endswith("</svg>")
        assert "GENERATED TERRAIN" in picture.svg and "生成地形（非实测）" in picture.svg
        assert "http" not in picture.svg.replace("http://www.w3.org/2000/svg", "")
        assert len(picture.svg) < 600_000
        assert picture.title.en and picture.title.id and picture.title.zh


def test_the_same_answer_scores_the_same_bits(judge: SitingJudge, challenge: Challenge) -> None:
    options, (case,) = judge.check_options({}), some_cases(judge, challenge, "samar")
    one, two = (judge.play(case, shipped("planner"), options) for _ in range(2))
    assert msgspec.json.encode(one) == msgspec.json.encode(two)


def test_pictures_of_runs_without_scores(judge: SitingJudge) -> None:
    assert len(judge.pictures([ScoredRun("a", ())])) == 1


@pytest.mark.parametrize(
    ("answer", "code", "where"),
    [
        ([], "wrong_format", "the answer"),
        (
            {"sites": [{"id": "C001", "height": float("nan"), "backhaul": "satellite"}]},
            "wrong_format",
            "sites[0].height",
        ),
        (
            {"sites": [{"id": "Monas", "height": 30.0, "backhaul": "satellite"}]},
            "illegal_action",
            "sites[0].id",
        ),
    ],
)
def test_a_wrong_answer_is_the_submissions_fault(
    judge: SitingJudge, challenge: Challenge, answer: Any, code: str, where: str
) -> None:
    (case,) = some_cases(judge, challenge, "samar")
    with pytest.raises(SubmissionFault) as fault:
        judge.play(case, Answers(lambda problem: answer), judge.check_options({}))
    assert fault.value.fault.code == code and fault.value.fault.params["where"] == where


def test_the_light_search_stands_beside_the_proven_one() -> None:
    """With satellite for everyone the problem is plain covering: the house's search proves the best, ours comes near."""
    region = REGIONS["samar"]
    area = generated_area(region, places_within(region.bounds), 0, 1500.0)
    problem = problem_of(area, Terms())
    problem["fibre"] = []
    problem["backhaul"]["hop_cost"] = problem["backhaul"]["satellite_cost"]
    options = options_in(problem)
    cover = covers(problem, options)
    network = Network(problem, options, clear_hops(problem, options))
    people = np.asarray(problem["villages"]["people"])
    chosen = mended(people, cover, network, 1500.0)
    exact = maximise(
        Covering.checked(
            Lists.of([np.flatnonzero(row) for row in cover]),
            people,
            options.cost + 80.0,
            1500.0,
            options.candidate,
        ),
        30.0,
        gap=0.002,
    )
    value = people[cover[chosen].any(axis=0)].sum()
    assert 0.93 * exact.value <= value <= exact.bound + 1e-6
    assert network.cost(chosen) <= 1500.0


def own_folder(folder: Path) -> Path:
    """Twenty by twenty kilometres of sloping ground, eight villages, three candidates, one fibre point."""
    import rasterio
    from rasterio.transform import from_origin

    folder.mkdir()
    rows, columns = np.indices((200, 200))
    height = (5.0 + 0.5 * rows + 80.0 * np.exp(-((columns - 100) ** 2) / 200.0)).astype(np.float32)
    with rasterio.open(
        folder / "ground.tif", "w", driver="GTiff", height=200, width=200, count=1, dtype="float32", crs="EPSG:4326",
        transform=from_origin(122.0, -8.0, STEP, STEP),
    ) as raster:  # fmt: skip
        raster.write(height, 1)
    villages = [[f"V{k}", f"Desa {k}", -8.1 - 0.02 * k, 122.1 + 0.03 * k, 100 * (k + 1)] for k in range(8)]
    sites = [[f"S{k}", -8.12 - 0.05 * k, 122.15 + 0.07 * k, "30;50", 100, 20] for k in range(3)]
    for name, header, lines in (
        ("villages.csv", ["id", "name", "lat", "lon", "people"], villages),
        ("candidates.csv", ["id", "lat", "lon", "heights", "tower", "land"], sites),
        ("fibre.csv", ["id", "lat", "lon", "height"], [["KAB", -8.2, 122.12, 40]]),
    ):
        with (folder / name).open("w", newline="") as file:
            csv.writer(file).writerows([header, *lines])
    return folder


@pytest.mark.parametrize("name", NAMES)
def test_a_solution_works_on_ones_own_region(name: str, judge: SitingJudge, tmp_path: Path) -> None:
    data = own_folder(tmp_path / "region")
    options = judge.check_options({"budget": 420})
    written = judge.apply(data, shipped(name), options, tmp_path / "out")
    assert {path.name for path in written} == {
        "plan.csv", "villages.csv", "plan.geojson", "plan.kml", "plan.json", "map.png",
    }  # fmt: skip
    assert all(path.is_file() for path in written)
    summary = json.loads((tmp_path / "out/plan.json").read_text())
    assert 0 < summary["cost"] <= 420 and not summary["generated"]
    assert summary["people_new"] <= summary["bound"] + 1e-6
    assert summary["people_new"] == sum(
        float(row["people"])
        for row in csv.DictReader(
            line for line in (tmp_path / "out/villages.csv").open() if not line.startswith("#")
        )
        if row["reached"] == "new"
    )


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda d: (d / "villages.csv").unlink(), "villages.csv"),
        (lambda d: (d / "ground.tif").unlink(), "no elevation file"),
        (lambda d: (d / "candidates.csv").write_text("id,lat,lon\nS0,-8.1,122.1\n"), "no cost"),
        (lambda d: (d / "fibre.csv").write_text("id,lat,lon\nS0,-8.1,122.1\n"), "the id S0"),
        (
            lambda d: (d / "villages.csv").write_text("id,lat,lon,people\nV,48.1,11.5,5\n"),
            "none of its 1 places",
        ),
    ],
)
def test_a_spoilt_folder_is_named(
    spoil: Callable[[Path], Any], words: str, judge: SitingJudge, tmp_path: Path
) -> None:
    data = own_folder(tmp_path / "region")
    spoil(data)
    with pytest.raises(ChallengeError, match=words):
        judge.apply(data, shipped("most-populous"), judge.check_options({}), tmp_path / "out")
