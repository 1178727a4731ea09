"""From a city's own model to a challenge: the files of its folder, ready for teams and for ``lumbung check``.

Everything that SUMO reads goes along, by the names it has there; outputs and what lies beside stay at home. Three
submissions of known verdict come with it: one that teams start from, the network's own plan, and one that asks for a
phase that no junction has.
"""

from __future__ import annotations

import math
import re
from pathlib import Path

from lumbung.city.engine.demand import check_demand
from lumbung.city.engine.networks import NetworkError
from lumbung.city.engine.scenario_files import read_scenario, scenario_files
from lumbung.city.engine.topology import scenario_topology

CHALLENGE = """\
schema = 1
id = "{id}"
version = 1
sector = "city"
judge = "city.signals"
judge_version = {version}
home = "ID"                # country where private cases stay, two letters
licence = "To be stated by the owner of network and demand"
data = ["networks/**"]     # take this line away, and {network} stays at home: teams then never see it

[title]
en = "Traffic signals of {network}"
id = "Sinyal lalu lintas {network}"
zh = "{network} 的交通信号控制"

[summary]
en = "Run the {junctions} signals of {network} so that people lose as little time as possible."
id = "Kendalikan {junctions} sinyal di {network} agar waktu yang hilang sesedikit mungkin."
zh = "控制 {network} 的 {junctions} 处信号灯，使出行者损失的时间尽可能少。"

[options]
networks = []              # empty: every folder below networks/
seeds = 10
sensors = "camera200"      # what stands in the street: loops, camera50 or camera200
decision_interval = 5
min_green = 5
max_red = 120
ignore_junction_blocker = 10   # drivers no longer wait for one who blocks the junction after so many seconds

[ranking]
metric = "delay"
better = "lower"

[limits]
start_s = 20.0
message_s = 5.0
total_s = {total}
cpu_s = {total}
memory_mb = 1024
processes = 16

[egress]
rule = "aggregate"
min_cases = 5
legal_basis = ""

[[phases]]
id = "practice"
daily_limit = 20
title = {{ en = "Practice", id = "Latihan", zh = "练习" }}

[check]
cases = "*"
seeds = 1
"""

STARTER = '''\
"""Green for whoever has the most vehicles in sight: a start, make it better.

Every few seconds `step` sees the network and answers one phase for every junction; what `problem` and `observation`
hold is in docs/city/writing-a-controller.md. print() goes to your log.
"""


class Solution:
    def start(self, problem):
        self.problem = problem

    def step(self, observation):
        action = {}
        for name, shown in observation["phase"].items():
            junction = self.problem["junctions"][name]
            counts = [0] * len(junction["movements"])
            for lane, row in observation.get("vehicles", {}).items():
                place = self.problem["lanes"][lane]
                if place["junction"] == name:
                    for distance, _, movement in row:
                        if movement >= 0 and distance + place["offset"] < 75:
                            counts[movement] += 1
            scores = [
                sum(n for n, m in zip(counts, junction["movements"]) if any(state[i] in "Gg" for i in m["links"]))
                for state in junction["phases"]
            ]
            scores[shown] += 0.1
            action[name] = scores.index(max(scores))
        return action
'''
TODAY = '''\
"""What runs there today, held to the same rules as everybody."""


class Solution:
    def start(self, problem):
        return {"plans": {name: {"phases": plan(junction, problem)} for name, junction in problem["junctions"].items()}}

    def step(self, observation):
        return {}


def plan(junction, problem):
    """The network's own greens; a cycle too long for the maximum red is shortened, a green too short lengthened."""
    greens = junction["plan"]["phases"] or [[phase, problem["min_green"]] for phase in range(len(junction["phases"]))]
    clearing = (junction["yellow"] + junction["all_red"] + 12) * len(greens)
    total = sum(green for _, green in greens) or 1
    share = min(1.0, max(problem["max_red"] - clearing, 20) / total)
    return [[phase, max(problem["min_green"], int(green * share))] for phase, green in greens]
'''
UNKNOWN_PHASE = '''\
"""A phase beyond the last: refused."""


class Solution:
    def start(self, problem):
        self.junctions = list(problem["junctions"])

    def step(self, observation):
        return dict.fromkeys(self.junctions, 99)
'''


def challenge_files(data: Path, version: int) -> dict[str, str | bytes]:
    """Make the files of a challenge from a model.

    Parameters
    ----------
    data : Path
        A ``.sumocfg``, or a folder that holds one.
    version : int
        Of the judge.

    Returns
    -------
    dict of str to str or bytes
        Path below the challenge's folder to content; ``challenge.toml`` has ``{id}`` where the challenge's id goes.

    Raises
    ------
    NetworkError
        No model, one that cannot be simulated, or one whose files do not lie below the configuration's folder.
    """
    scenario = read_scenario(data)
    topology = scenario_topology(scenario)
    check_demand(scenario, topology)
    home = (scenario.folder or scenario.net.parent).resolve()
    place = data if data.is_file() else next(iter(sorted(data.glob("*.sumocfg"))))
    name = re.sub("[^a-z0-9]+", "-", place.resolve().parent.name.lower()).strip("-")[:40] or "town"
    files: dict[str, str | bytes] = {}
    for path in (place, *scenario_files(scenario)):
        if not path.resolve().is_relative_to(home):
            raise NetworkError(str(place), f"{path} outside {home}", "all that SUMO reads in one folder")
        files[f"networks/{name}/{path.resolve().relative_to(home)}"] = path.read_bytes()
    hours = (scenario.end - scenario.begin) / 3600 if math.isfinite(scenario.end) else 4.0
    toml = CHALLENGE.format(
        id="{id}",
        version=version,
        network=name,
        junctions=len(topology.junctions),
        total=float(max(600, math.ceil(600 * hours * max(1, len(topology.junctions) / 20)))),
    )
    return {
        "challenge.toml": toml,
        **files,
        "submissions/accepted/longest-queue/solution.py": STARTER,
        "submissions/accepted/longest-queue/expected.toml": "starter = true   # what a team begins with\n",
        "submissions/accepted/own-plan/solution.py": TODAY,
        "submissions/illegal_action/unknown-phase/solution.py": UNKNOWN_PHASE,
    }
