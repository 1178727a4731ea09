"""One challenge on the private cases of two countries: each node scores its own, the centre joins them in one standing."""

from __future__ import annotations

import csv
import io
import re
from datetime import UTC, datetime

import pytest
from django.test import Client

from federation_league import make_country
from lumbung.centre.challenges.models import Phase
from lumbung.centre.runs.models import Run
from lumbung.centre.standings.selectors import leaderboard
from lumbung.proving.challenge import Egress
from making_evidence import evidence_of
from small_league import join, organisation

PREDICTS = 'def solve(p): return {{"id": p["keys"], "prediction": [{0}] * len(p["keys"])}}'


def cases(folder, truth):
    """Twenty-five private rows whose truth is around one figure."""
    folder.mkdir()
    keys = [f"row-{i}" for i in range(25)]
    (folder / "truth.csv").write_text(
        "id,target\n" + "".join(f"{k},{truth + i % 5}\n" for i, k in enumerate(keys))
    )
    (folder / "inputs.csv").write_text("id,x\n" + "".join(f"{k},{i}\n" for i, k in enumerate(keys)))
    return folder


@pytest.fixture
def two_countries(league, tmp_path):
    """Bandung's truths are around 10, Nanning's around 100; two teams hand in to both, and all is judged."""
    nanning = organisation("nanning", "CN")
    join(league.owner, nanning, "administrator")
    toy = tmp_path / "toy"
    indonesia = make_country(
        league, tmp_path / "id", toy, name="bandung-1", cases=cases(tmp_path / "a", 10.0)
    )
    china = make_country(
        league,
        tmp_path / "cn",
        toy,
        name="nanning-1",
        cases=cases(tmp_path / "b", 100.0),
        organisation=nanning,
    )
    assert league.api["owner"]("POST", "/challenges/toy/1/nodes", {"node": "nanning-1"}).status_code == 201
    Phase.objects.filter(slug="final").update(embargo=False)
    for who, guess in {"member": 12.0, "stranger": 102.0}.items():
        assert league.submit(who, phase="final", solution=PREDICTS.format(guess)).status_code == 201
    for country in (indonesia, china):
        node = country.start()
        while node.work(country.folder.settings(), wait_s=0.0):
            pass
    assert list(Run.objects.values_list("state", flat=True)) == ["scored"] * 4
    return league


def test_every_node_has_its_column_and_all_have_one_standing(two_countries):
    board = two_countries.api["visitor"]("GET", "/challenges/toy/phases/final/leaderboard").json()
    names = [node["name"] for node in board["nodes"]]
    assert {(n["name"], n["country"]) for n in board["nodes"]} == {("bandung-1", "ID"), ("nanning-1", "CN")}
    figures = {row["team"]: dict(zip(names, row["nodes"], strict=True)) for row in board["rows"]}
    assert figures["rice-rocket"]["bandung-1"] < 3 < 80 < figures["rice-rocket"]["nanning-1"]
    assert figures["others"]["nanning-1"] < 3 < 80 < figures["others"]["bandung-1"]
    for row in board["rows"]:
        assert row["mean"] == pytest.approx(sum(row["nodes"]) / 2, rel=1e-3)
        assert row["judged_by"] == ["bandung-1", "nanning-1"]
        runs = Run.objects.filter(token__in=row["runs"]).values_list("token", "node__name")
        assert [dict(runs)[token] for token in row["runs"]] == row["judged_by"]


def test_the_table_has_a_column_per_node_and_the_json_is_what_the_page_shows(two_countries):
    url = "/challenges/toy/phases/final/leaderboard"
    board = two_countries.api["visitor"]("GET", url).json()
    text = two_countries.api["visitor"]("GET", f"{url}?format=csv").content.decode()
    table = list(csv.DictReader(io.StringIO(text)))
    assert [row["team"] for row in table] == [row["team"] for row in board["rows"]]
    for line, row in zip(table, board["rows"], strict=True):
        assert [float(line[node["name"]]) for node in board["nodes"]] == row["nodes"]
    phase = Phase.objects.select_related("challenge").get(slug="final")
    shown = leaderboard(phase, datetime.now(UTC))
    assert {**shown, "closes": None} == {**board, "closes": None}


@pytest.mark.parametrize(("language", "country"), [("en", "China"), ("id", "Tiongkok"), ("zh-hans", "中国")])
def test_the_page_names_nodes_and_countries_and_no_number_in_their_place(two_countries, language, country):
    page = Client(headers={"Accept-Language": language}).get("/challenges/toy/phases/final/")
    text = page.content.decode()
    heads = re.findall(r'<th scope="col" class="number">([\w-]+)<small>([^<]+)</small>', text)
    assert {name for name, _country in heads} == {"bandung-1", "nanning-1"}
    assert dict(heads)["nanning-1"] == country
    assert set(re.findall(r'class="interval[^"]*" viewBox="0 0 240 (\d+)"', text)) == {"24"}, "one scale"
    assert "1/group" not in text and "group-1" not in text
    assert re.findall(r'/evidence/">([\w-]+)</a>', text) == ["bandung-1", "nanning-1"] * 2


def test_two_nodes_that_hold_the_same_cases_keep_their_columns(league):
    """Whoever delivers first: a column is one node's, for every team."""
    nodes = {name: league.node(name) for name in ("node-b", "node-a")}
    Phase.objects.filter(slug="final").update(embargo=False)
    figures = {"node-a": 1.0, "node-b": 5.0}
    for who, order in {"member": ("node-a", "node-b"), "stranger": ("node-b", "node-a")}.items():
        league.submit(who, phase="final")
        for name in order:
            job = nodes[name].lease()
            means = evidence_of({"all": [figures[name]] * 5}, egress=Egress("aggregate", 5), metric="mae")
            piece = nodes[name].evidence(
                job, {}, rows=(), aggregates=means.aggregates, case_count=5, finished_count=5,
                cases_digest=means.cases_digest, wall_s=2.0 ** len(who),
            )  # fmt: skip
            assert nodes[name].deliver(job, piece).status_code == 200
    board = league.api["visitor"]("GET", "/challenges/toy/phases/final/leaderboard").json()
    assert [node["name"] for node in board["nodes"]] == ["node-a", "node-b"]
    assert [row["nodes"] for row in board["rows"]] == [[1.0, 5.0]] * 2
