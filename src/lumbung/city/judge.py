"""The judge ``city.signals``: scores controllers of traffic signals, and puts them to work on one's own network."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any, ClassVar

from lumbung.city import pictures, posing, signals, street_map
from lumbung.city.engine.demand import check_demand
from lumbung.city.engine.episode import Episode, Settings, run_episode
from lumbung.city.engine.networks import RESCO, NetworkError, Scenario, file_sha256, resco
from lumbung.city.engine.plans import IllegalAction
from lumbung.city.engine.safety import RuleError, Rules
from lumbung.city.engine.scenario_files import (
    from_inputs,
    own_scenarios,
    read_scenario,
    scenario_files,
    scenario_inputs,
)
from lumbung.city.engine.sensors import TIERS
from lumbung.city.engine.sumo import BACKENDS, SumoError, load_libsumo
from lumbung.city.engine.topology import read_topology, scenario_topology
from lumbung.proving.case import Case, CaseScore, make_case, score_case
from lumbung.proving.challenge import Challenge, ChallengeError
from lumbung.proving.challenge_picture import frames, sheet
from lumbung.proving.faults import ChallengeFault, SubmissionFault
from lumbung.proving.judge import Picture, ScoredRun, Solution
from lumbung.proving.measure import Measure
from lumbung.proving.text import Text

DEFAULTS: dict[str, Any] = {
    "networks": [],
    "seeds": 20,
    "sensors": "camera200",
    "decision_interval": 5,
    "min_green": 5,
    "max_red": 120,
    "yellow": "network",
    "all_red": "network",
    "emissions": False,
    "ignore_junction_blocker": 0,
    "backend": "libsumo",
    "sumo": "",
}


class SignalsJudge:
    """Scores signal controllers on SUMO (registered as ``city.signals``).

    Options of the challenge
    ------------------------
    networks : list of str
        Names of RESCO networks, or folders below ``networks/`` of the case folder. Empty: every folder there.
    seeds : int
        Cases per network.
    sensors : str
        ``loops``, ``camera50`` or ``camera200``.
    decision_interval, min_green, max_red : int
        Seconds.
    yellow, all_red : int or "network"
        Seconds, or those of each junction's own plan.
    emissions : bool
        Also measure CO2 and particles.
    ignore_junction_blocker : int
        Seconds after which SUMO's drivers no longer wait for one who blocks the junction, as people do; 0, RESCO's
        setting, lets them wait for ever, and locks networks that no city would see locked.
    backend : str
        ``libsumo`` or ``traci``.
    sumo : str
        For ``traci``: the path of another ``sumo`` executable; its version stands in the evidence.
    """

    name = "city.signals"
    version = 2
    metrics: ClassVar[dict[str, Text | Measure]] = {
        "delay": Measure(
            Text("mean delay [s]", "tundaan rata-rata [detik]", "平均延误［秒］"), "lower", low=0
        ),
        "time_loss": Text(
            "mean time lost on the road [s]",
            "waktu hilang rata-rata di jalan [detik]",
            "路上平均损失时间［秒］",
        ),
        "waiting": Text(
            "mean time standing [s]", "waktu berhenti rata-rata [detik]", "平均停车等待时间［秒］"
        ),
        "trip_time": Text("mean travel time [s]", "waktu tempuh rata-rata [detik]", "平均行程时间［秒］"),
        "throughput": Text("arrivals per hour", "kendaraan tiba per jam", "每小时到达车辆数"),
        "stops": Text("mean number of stops", "jumlah berhenti rata-rata", "平均停车次数"),
        "never_inserted": Text(
            "vehicles that never got in", "kendaraan yang tidak sempat masuk", "始终未能驶入路网的车辆数"
        ),
        "demanded": Text(
            "vehicles that wanted to travel", "kendaraan yang hendak bepergian", "有出行需求的车辆数"
        ),
        "arrived": Text("vehicles that arrived", "kendaraan yang tiba", "已到达车辆数"),
        "worst_delay": Text(
            "delay of the worst twentieth, at least [s]",
            "tundaan minimum seperdua puluh kendaraan terburuk [detik]",
            "最差 5% 车辆的最低延误［秒］",
        ),
        "gridlock": Measure(
            Text("gridlock (1 = yes)", "macet total (1 = ya)", "路网锁死（1 = 是）"), "lower", low=0, high=1
        ),
        "forced": Text(
            "decisions overridden for maximum red",
            "keputusan yang digantikan karena batas merah maksimum",
            "因最大红灯时间被强制更改的决策数",
        ),
        "early": Text(
            "changes refused for minimum green",
            "pergantian yang ditolak karena hijau minimum",
            "因最小绿灯时间被拒绝的切换数",
        ),
        "longest_red": Text(
            "longest red with a vehicle waiting [s]",
            "merah terlama saat ada kendaraan menunggu [detik]",
            "有车等待时的最长红灯［秒］",
        ),
        "persons": Text(
            "people on foot and riding", "orang yang berjalan kaki dan menumpang", "步行与乘车人数"
        ),
        "person_delay": Text(
            "mean delay of people on foot and riding [s]",
            "tundaan rata-rata pejalan kaki dan penumpang [detik]",
            "行人与乘客平均延误［秒］",
        ),
        "co2": Text("CO2 emitted on the road [t]", "emisi CO2 di jalan [ton]", "路上二氧化碳排放量［吨］"),
        "co2_trip": Text(
            "CO2 per demanded trip [g]",
            "CO2 per perjalanan yang diminta [gram]",
            "每次需求出行的二氧化碳排放［克］",
        ),
        "pm_trip": Text(
            "particles per demanded trip [mg]",
            "partikulat per perjalanan yang diminta [mg]",
            "每次需求出行的颗粒物排放［毫克］",
        ),
    }

    def check_options(self, options: dict[str, Any]) -> dict[str, Any]:
        """Complete the options; `ChallengeError` names the one that is wrong."""
        complete = {**DEFAULTS, **options}
        for name in complete:
            if name not in DEFAULTS:
                raise ChallengeError(f"options.{name}", "an unknown option", "one of " + ", ".join(DEFAULTS))
        networks, seeds = complete["networks"], complete["seeds"]
        if not isinstance(networks, list) or not all(isinstance(name, str) for name in networks):
            raise ChallengeError("options.networks", repr(networks), "a list of names")
        if type(seeds) is not int or not 1 <= seeds <= 1000:
            raise ChallengeError("options.seeds", repr(seeds), "a whole number from 1 to 1000")
        if complete["sensors"] not in TIERS:
            raise ChallengeError("options.sensors", repr(complete["sensors"]), "one of " + ", ".join(TIERS))
        if complete["backend"] not in BACKENDS:
            raise ChallengeError(
                "options.backend", repr(complete["backend"]), "one of " + ", ".join(BACKENDS)
            )
        blocker = complete["ignore_junction_blocker"]
        if type(blocker) is not int or not 0 <= blocker <= 3600:
            raise ChallengeError(
                "options.ignore_junction_blocker", repr(blocker), "whole seconds from 0 (never) to 3600"
            )
        if type(complete["emissions"]) is not bool:
            raise ChallengeError("options.emissions", repr(complete["emissions"]), "true or false")
        if type(complete["sumo"]) is not str or (complete["sumo"] and complete["backend"] != "traci"):
            raise ChallengeError("options.sumo", repr(complete["sumo"]), 'a path, with backend = "traci"')
        _settings(complete)
        return complete

    def cases(self, challenge: Challenge, folder: Path) -> Sequence[Case]:
        """List every network with every seed; files are checked, digests compared."""
        options = self.check_options(challenge.options)
        cases = []
        try:
            for name, scenario, inputs in _scenarios(options["networks"], folder):
                check_demand(scenario, scenario_topology(scenario))
                digests = {
                    f"file {number}": "sha256:" + file_sha256(path)
                    for number, path in enumerate(scenario_files(scenario))
                }
                digests["hours"] = f"{scenario.begin}-{scenario.end}"
                if scenario.configuration:
                    # without where files lie; what they hold has its own digest
                    text = re.sub(r'(?<=[",])/[^",]*/', "", scenario.configuration)
                    digests["configuration"] = "sha256:" + hashlib.sha256(text.encode()).hexdigest()
                cases += [
                    make_case(f"{name}/{seed:02d}", name, seed, inputs, digests)
                    for seed in range(options["seeds"])
                ]
        except NetworkError as error:
            raise _challenge_error(error) from error
        return cases

    def prepare(self, case: Case, options: dict[str, Any]) -> None:
        """Load the simulator and read the network; SUMO itself runs in a copy of this process (decision 0029)."""
        if options["backend"] == "libsumo":
            load_libsumo()
        scenario = _scenario_of(case)
        check_demand(scenario, scenario_topology(scenario))

    def play(self, case: Case, solution: Solution, options: dict[str, Any]) -> CaseScore:
        """Simulate one network with one seed under the solution."""
        settings = _settings(options)
        try:
            scenario = _scenario_of(case)
            episode = run_episode(scenario, solution, settings, case.seed)
        except IllegalAction as error:
            raise SubmissionFault(
                "illegal_action", where=error.where, found=error.found, expected=error.expected
            ) from error
        except NetworkError as error:
            raise _challenge_error(error) from error
        except SumoError as error:
            raise ChallengeFault(
                "broken_challenge",
                where=f"case {case.id}",
                found=str(error)[:300],
                expected="a network and a demand that SUMO can run",
            ) from error
        return score_case(case, episode.metrics.as_dict(), episode.engine, _series(scenario, episode))

    def pictures(self, runs: Sequence[ScoredRun]) -> Sequence[Picture]:
        """Draw, per network: delay per seed, queues over time, and where the time was lost."""
        return _pictures(runs)

    def draw(self, challenge: Challenge, folder: Path) -> str:
        """Draw the challenge's own networks as streets with their signals; of those that stay in a package, only how many
        signals they have."""
        own = own_scenarios(folder / "networks")
        try:
            scenarios = _scenarios(self.check_options(challenge.options)["networks"], folder)
            parts = []
            for (name, scenario, _), frame in zip(scenarios, frames(len(scenarios)), strict=False):
                topology = scenario_topology(scenario)
                if name in own:
                    parts += street_map.streets(topology, *frame)
                else:
                    parts += street_map.signals_alone(len(topology.junctions), *frame)
        except NetworkError as error:
            raise _challenge_error(error) from error
        return sheet(parts)

    def pose(self, data: Path) -> dict[str, str | bytes]:
        """Begin a challenge on one's own network: a SUMO configuration (``.sumocfg``), or a folder that holds one."""
        try:
            return posing.challenge_files(data, self.version)
        except NetworkError as error:
            raise _challenge_error(error) from error

    def apply(self, data: Path, solution: Solution, options: dict[str, Any], out: Path) -> Sequence[Path]:
        """Run the solution on one's own network and write signal programs, sheets and a comparison.

        Parameters
        ----------
        data : Path
            A SUMO configuration (``.sumocfg``), or a folder that holds one.
        """
        try:
            return signals.write_signals(read_scenario(data), solution, _settings(options), out)
        except IllegalAction as error:
            raise SubmissionFault(
                "illegal_action", where=error.where, found=error.found, expected=error.expected
            ) from error
        except NetworkError as error:
            raise _challenge_error(error) from error
        except SumoError as error:
            raise ChallengeError(
                str(data), str(error)[:300], "a network and a demand that SUMO can run"
            ) from error


def _challenge_error(error: NetworkError) -> ChallengeError:
    return ChallengeError(error.where, error.found, error.expected)


def _settings(options: dict[str, Any]) -> Settings:
    try:
        rules = Rules(
            min_green=options["min_green"],
            max_red=options["max_red"],
            yellow=None if options["yellow"] == "network" else options["yellow"],
            all_red=None if options["all_red"] == "network" else options["all_red"],
            decision_interval=options["decision_interval"],
        )
    except RuleError as error:
        raise ChallengeError(f"options.{error.where}", error.found, error.expected) from error
    return Settings(
        options["sensors"],
        rules,
        options["emissions"],
        options["backend"],
        options["sumo"],
        options["ignore_junction_blocker"],
    )


def _scenarios(names: Sequence[str], folder: Path) -> list[tuple[str, Scenario, dict[str, Any]]]:
    """Find the scenarios named, or all that *folder* holds: its own before RESCO's."""
    own = own_scenarios(folder / "networks")
    found = []
    for name in names or list(own):
        if name in own:
            scenario = own[name]
            found.append((name, scenario, scenario_inputs(scenario)))
        elif name in RESCO:
            found.append((name, resco(name), {"resco": name}))
        else:
            known = ", ".join([*own, *RESCO])
            raise NetworkError(
                "options.networks", repr(name), f"a folder below {folder / 'networks'}, or {known}"
            )
    if not found:
        raise NetworkError(
            str(folder / "networks"), "no network", "one folder per network, with its .sumocfg"
        )
    return found


def _scenario_of(case: Case) -> Scenario:
    inputs = case.inputs
    if "resco" in inputs:
        return resco(inputs["resco"])
    return from_inputs(case.group, inputs)


def _series(scenario: Scenario, episode: Episode) -> dict[str, Any]:
    return {
        "net": str(scenario.net),
        "times": episode.times,
        "queue": episode.queue,
        "outside": episode.outside,
        "lost": {street: round(lost, 1) for street, lost in episode.lost.items()},
    }


def _pictures(runs: Sequence[ScoredRun]) -> list[Picture]:
    names = [run.submission for run in runs]
    groups = list(dict.fromkeys(score.group for run in runs for score in run.scores))
    drawn = [
        Picture(
            Text(
                "Mean delay by network [s]; a dot is one seed, the bar their mean. The scale is logarithmic.",
                "Tundaan rata-rata per jaringan [detik]; satu titik satu benih acak, garis tegak rata-ratanya. "
                "Skalanya logaritmik.",
                "各路网的平均延误［秒］；每点为一个随机种子，竖线为均值。坐标为对数刻度。",
            ),
            pictures.delays(
                names,
                {
                    group: [[s.metrics["delay"] for s in run.scores if s.group == group] for run in runs]
                    for group in groups
                },
            ),
        )
    ]
    for group in groups:
        drawn += _group_pictures(group, runs, names)
    return drawn


def _group_pictures(group: str, runs: Sequence[ScoredRun], names: Sequence[str]) -> list[Picture]:
    per_run = [[s for s in run.scores if s.group == group and s.series] for run in runs]
    if not any(per_run):
        return []
    queues = [_mean_curve([s.series for s in scores]) for scores in per_run]
    times = next(s.series["times"] for scores in per_run for s in scores)
    found = [
        Picture(
            Text(
                "Vehicles queueing before signals or waiting to enter, through the simulated hour.",
                "Kendaraan yang mengantre di depan sinyal atau menunggu masuk, sepanjang jam simulasi.",
                "仿真时段内在信号灯前排队及等待驶入的车辆数。",
            ),
            pictures.queues(names, times, queues),
            group,
        )
    ]
    means = [sum(s.metrics["delay"] for s in scores) / len(scores) if scores else None for scores in per_run]
    ranked = sorted((mean, place) for place, mean in enumerate(means) if mean is not None)
    shown = [ranked[-1][1], ranked[0][1]] if len(ranked) > 1 else [ranked[0][1]]
    net = Path(next(s.series["net"] for scores in per_run for s in scores))
    if net.is_file():
        found.append(
            Picture(
                Text(
                    "Where time is lost, in vehicle-seconds per metre of street: most delay (left), least (right).",
                    "Tempat waktu hilang, dalam detik-kendaraan per meter jalan: tundaan terbesar (kiri), "
                    "terkecil (kanan).",
                    "延误分布（每米道路的车·秒）：延误最大的方案（左）与最小的方案（右）。",
                ),
                pictures.delay_maps(
                    read_topology(net),
                    [(names[place], means[place] or 0.0, _mean_lost(per_run[place])) for place in shown],
                ),
                group,
            )
        )
    return found


def _mean_curve(series: Sequence[dict[str, Any]]) -> list[float]:
    if not series:
        return []
    columns = zip(
        *([q + o for q, o in zip(s["queue"], s["outside"], strict=True)] for s in series), strict=True
    )
    return [sum(column) / len(series) for column in columns]


def _mean_lost(scores: Sequence[CaseScore]) -> dict[str, float]:
    total: dict[str, float] = {}
    for score in scores:
        for street, lost in score.series["lost"].items():
            total[street] = total.get(street, 0.0) + lost / len(scores)
    return total
