"""Judging speed of the city: CPU seconds for one episode, beside plain SUMO and beside sumo-rl.

    python benchmarks/city_speed.py [--networks cologne8,ingolstadt21] [--rounds 3]

Ours is one case judged as the proving ground judges it: the controller in the sandbox, every message counted, the
tripinfo read, the copy of the process made (measured apart, mean of 50). Plain SUMO is the executable of the same version on the same network, demand and seed, with the same
outputs, under the network's own plan. sumo-rl runs a longest-queue controller on its own observations, with its
defaults (a decision every 5 s), over libsumo and over TraCI; "bare" is without the figures it gathers at every step
by default. CPU seconds are of all processes of an episode, without
importing Python packages. Rounds alternate between the candidates; the least of each is printed.
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import resource
import subprocess
import sys
import tempfile
from pathlib import Path

from lumbung.city.engine.networks import resco
from lumbung.city.engine.sumo import load_libsumo, sumo_binary, sumo_version

SEED = 1
COPIES = 50


def cpu_s() -> float:
    """CPU seconds of this process and of all its ended children."""
    both = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(usage.ru_utime + usage.ru_stime for usage in both)


def children_s() -> float:
    """CPU seconds of this process's ended children."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def plain_sumo(network: str) -> float:
    """The executable alone."""
    scenario = resco(network)
    with tempfile.TemporaryDirectory() as folder:
        command = [
            str(sumo_binary()), "-n", str(scenario.net), "-r", str(scenario.routes[0]),
            "-b", str(scenario.begin), "-e", str(scenario.end), "--seed", str(SEED), "--time-to-teleport", "-1",
            "--tripinfo-output", f"{folder}/t.xml", "--tripinfo-output.write-unfinished",
            "--tripinfo-output.write-undeparted", "--no-step-log", "--no-warnings", "--duration-log.disable",
            "--xml-validation", "never", "--xml-validation.net", "never", "--xml-validation.routes", "never",
        ]  # fmt: skip
        before = cpu_s()
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        return cpu_s() - before


def ours(network: str, solution: str) -> float:
    """One case, judged."""
    from lumbung.proving.catalogue import find_challenge
    from lumbung.proving.run import plan_run, play_here, prepare_case, task_of
    from lumbung.proving.submission import find_submission

    load_libsumo()
    plan = plan_run(
        find_challenge("resco"), find_submission(solution), options={"networks": [network]}, seeds=SEED + 1
    )
    case = next(case for case in plan.cases if case.seed == SEED)
    task = task_of(plan, case)
    prepare_case(task)
    gc.freeze()  # as the copy of a process does that a case runs in
    before, children_before = cpu_s(), children_s()
    outcome = play_here(task)
    children = children_s() - children_before
    spent = cpu_s() - before - children
    if outcome.score is None:
        raise SystemExit(f"{solution} on {network}: {outcome.fault and outcome.fault.reason()}")
    # Who collects the sandboxed processes at their end, and so their seconds, is chance; the sandbox counts them always.
    return spent + max(children, outcome.score.cpu_s) + copy_s(task)


def copy_s(task) -> float:
    """CPU seconds of making and ending the copy of a process that every case runs in, without the case."""
    from lumbung.proving.apart import Apart
    from lumbung.proving.run import prepare_case

    apart = Apart(prepare_case, id)
    apart(task)
    before = cpu_s() + template_s(apart.pid)
    for _ in range(COPIES):
        apart(task)
    spent = cpu_s() + template_s(apart.pid) - before
    apart.close()
    return spent / COPIES


def template_s(pid: int) -> float:
    """CPU seconds of a running process and of its ended children."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")


def sumo_rl_episode(network: str, info: bool) -> float:
    """One episode of sumo-rl under a longest-queue controller; run in a process of its own."""
    from sumo_rl import SumoEnvironment

    scenario = resco(network)
    before = cpu_s()
    env = SumoEnvironment(
        net_file=str(scenario.net),
        route_file=str(scenario.routes[0]),
        begin_time=scenario.begin,
        num_seconds=scenario.end - scenario.begin,
        sumo_seed=SEED,
        sumo_warnings=False,
        add_system_info=info,
        add_per_agent_info=info,
    )
    observations = env.reset()
    served = {name: served_lanes(signal) for name, signal in env.traffic_signals.items()}
    done = False
    while not done:
        actions = {
            name: longest_queue(observation, served[name], len(env.traffic_signals[name].lanes))
            for name, observation in observations.items()
        }
        observations, _, dones, _ = env.step(actions)
        done = dones["__all__"]
    env.close()
    return cpu_s() - before


def served_lanes(signal) -> list[list[int]]:
    """For each phase of a sumo-rl signal, the places of the lanes with green in its list of lanes."""
    links = signal.sumo.trafficlight.getControlledLinks(signal.id)
    return [
        sorted(
            {
                signal.lanes.index(link[0][0])
                for link, s in zip(links, p.state, strict=False)
                if link and s in "Gg"
            }
        )
        for p in signal.green_phases
    ]


def longest_queue(observation, served: list[list[int]], lanes: int) -> int:
    """The phase whose lanes hold most; the observation ends with a density and a queue for each lane."""
    density = observation[-2 * lanes : -lanes]
    return max(range(len(served)), key=lambda phase: sum(density[lane] for lane in served[phase]))


def in_process(kind: str, network: str) -> float:
    """Run one candidate in a fresh process and return what it measured."""
    environment = dict(os.environ)
    environment["SUMO_HOME"] = str(sumo_binary().parents[1])
    environment.pop("LIBSUMO_AS_TRACI", None)
    if "libsumo" in kind:
        environment["LIBSUMO_AS_TRACI"] = "1"
    done = subprocess.run(
        [sys.executable, __file__, "--one", kind, "--networks", network],
        env=environment, check=True, capture_output=True, text=True,
    )  # fmt: skip
    return float(json.loads(done.stdout.strip().splitlines()[-1]))


def one(kind: str, network: str) -> float:
    """Measure one candidate here."""
    if kind == "plain sumo":
        return plain_sumo(network)
    if kind.startswith("sumo-rl"):
        return sumo_rl_episode(network, "bare" not in kind)
    return ours(network, kind)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--networks", default="cologne8,ingolstadt21")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--rivals", default="cologne8", help="networks on which sumo-rl runs too")
    parser.add_argument("--solutions", default="city/max-pressure,city/max-wave,city/fixed-time,city/planner")
    parser.add_argument("--one", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.one:
        print(json.dumps(one(arguments.one, arguments.networks)))
        return
    # One core for everybody, simulator and controller alike: between two, each question and answer pays for waking the
    # other core, and it is chance who is put where.
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    print(
        f"{sumo_version()}, CPU seconds on one core for one hour of traffic, least of {arguments.rounds} rounds"
    )
    for network in arguments.networks.split(","):
        kinds = ["plain sumo", *arguments.solutions.split(",")]
        if network in arguments.rivals.split(","):
            kinds += ["sumo-rl libsumo", "sumo-rl libsumo bare", "sumo-rl TraCI"]
        spent = {kind: [] for kind in kinds}
        for _ in range(arguments.rounds):
            for kind in kinds:
                spent[kind].append(in_process(kind, network))
        least = {kind: min(values) for kind, values in spent.items()}
        lead = least[arguments.solutions.split(",")[0]]
        print(f"\n{network:24}{'CPU-s':>8}{'/ plain':>9}{'/ ours':>9}")
        for kind, value in least.items():
            print(f"{kind:24}{value:8.3f}{value / least['plain sumo']:9.2f}{value / lead:9.2f}")


if __name__ == "__main__":
    main()
