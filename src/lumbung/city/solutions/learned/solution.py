"""Learned: every phase of every junction gets a score from what is seen, and the best score gets green.

One short list of weights serves all junctions of all networks: nothing in it belongs to a place. ``train.py`` beside
this file made ``weights.json``: it first copied the planner's choices, then improved on them by evolution, on seeds
that no challenge uses. Without cameras it scores what two loops per lane count, with the same weights.
"""

import json
from pathlib import Path

import numpy as np

QUEUED_M_S = 2.0
NEAR_M = 75.0
# A vehicle that comes reaches the line within so many seconds.
SOON_S, NEXT_S, LATER_S = 5.0, 10.0, 20.0
# An exit lane is full when its last vehicle stands within this of its start.
ROOM_M = 12.0
LONGEST_S = 60.0

# What is known of a movement.
SEEN = ("queued", "soon", "next", "later", "far", "heads", "red", "downstream", "full")
# What of it counts once more where it must give way, and once more where its phase has green already.
YIELDING = ("queued", "soon", "heads")
PRESENT = ("queued", "soon", "next", "later", "heads")
NAMES = (
    *SEEN,
    "queue_root",
    *(f"yielding_{name}" for name in YIELDING),
    *(f"present_{name}" for name in PRESENT),
    "present",
    "green",
    "clearing",
)
COLUMN = {name: number for number, name in enumerate(SEEN)}


class Solution:
    def __init__(self):
        stored = json.loads(Path(__file__).with_name("weights.json").read_text(encoding="utf-8"))
        self.weights = np.array([stored[name] for name in NAMES])

    def start(self, problem):
        self.network = Network(problem)

    def step(self, observation):
        table = self.network.features(observation)
        # rounded, so that the last bit of a sum never decides
        scores = np.round(table @ self.weights, 9)
        return {
            name: int(np.argmax(scores[first:end])) for name, (first, end) in self.network.phases_of.items()
        }


class Network:
    """All junctions at once: rows for movements, rows for phases, and who serves whom."""

    def __init__(self, problem):
        self.lanes, self.junctions = problem["lanes"], problem["junctions"]
        self.step_s, self.min_green = problem["decision_interval"], problem["min_green"]
        self.phases_of, self.first_movement = {}, {}
        states, movements = [], []
        for name, junction in self.junctions.items():
            self.phases_of[name] = (len(states), len(states) + len(junction["phases"]))
            self.first_movement[name] = len(movements)
            states += [(name, state) for state in junction["phases"]]
            movements += [(name, movement) for movement in junction["movements"]]
        letters = [
            [{state[i] for i in m["links"]} if there == here else set() for there, m in movements]
            for here, state in states
        ]
        self.serves = np.array([[bool(shown & set("Gg")) for shown in row] for row in letters], float)
        self.yields = np.array(
            [
                ["g" in shown and "G" not in shown and m["direction"] in "ltL"
                 for shown, (_, m) in zip(row, movements)]
                for row in letters
            ],
            float,
        )  # fmt: skip
        self.clearing = {
            name: [[lost(junction, a, b) for b in junction["phases"]] for a in junction["phases"]]
            for name, junction in self.junctions.items()
        }
        self.exits = [
            (row, lanes)
            for row, (_, movement) in enumerate(movements)
            if (lanes := [x for x in movement["lanes_out"] if x in self.lanes and self.lanes[x]["junction"]])
        ]
        self.turns = {lane: [] for lane in self.lanes}
        for row, (_, movement) in enumerate(movements):
            for lane in movement["lanes_in"]:
                if lane in self.turns:
                    self.turns[lane].append(row)
        self.red = np.zeros(len(movements))
        self.held = dict.fromkeys(self.lanes, 0)

    def features(self, observation):
        """What speaks for each phase; shape (phases, features), in the order of NAMES."""
        seen = np.zeros((len(self.red), len(SEEN)))
        if "vehicles" in observation:
            self.look(observation["vehicles"], seen)
        else:
            self.listen(observation["loops"], seen)
        present = np.zeros(len(self.serves))
        green, clearing = present.copy(), present.copy()
        for name, (first, end) in self.phases_of.items():
            phase = observation["phase"][name]
            present[first + phase] = 1.0
            green[first + phase] = min(max(observation["green"][name], 0.0), LONGEST_S) / LONGEST_S
            clearing[first:end] = self.clearing[name][phase]
        shown = present @ self.serves > 0
        waits = ~shown & (seen[:, COLUMN["queued"]] > 0)
        self.red = np.where(waits, self.red + self.step_s, 0.0)
        seen[:, COLUMN["red"]] = np.minimum(self.red, 2 * LONGEST_S) / LONGEST_S
        total = self.serves @ seen
        yielding = self.yields @ seen[:, [COLUMN[name] for name in YIELDING]]
        return np.column_stack(
            [
                total,
                np.sqrt(total[:, COLUMN["queued"]]),
                yielding,
                total[:, [COLUMN[name] for name in PRESENT]] * present[:, None],
                present,
                green,
                clearing,
            ]
        )

    def look(self, vehicles, seen):
        """Fill in what cameras see."""
        standing, full = {}, set()
        for lane, row in vehicles.items():
            place = self.lanes[lane]
            if not place["junction"]:
                continue
            first, head = self.first_movement[place["junction"]], True
            standing[lane] = 0
            for distance, speed, movement in row:
                away = distance + place["offset"]
                queued = speed < QUEUED_M_S
                standing[lane] += queued
                if movement < 0:
                    continue
                arrives = away / place["speed"]
                if queued and away < NEAR_M:
                    kind = "queued"
                elif queued or arrives > LATER_S:
                    kind = "far"
                else:
                    kind = "soon" if arrives <= SOON_S else "next" if arrives <= NEXT_S else "later"
                seen[first + movement, COLUMN[kind]] += 1
                if head and arrives <= SOON_S:
                    seen[first + movement, COLUMN["heads"]] += 1
                head = False
            tail, speed, _ = row[-1]
            if speed < QUEUED_M_S and place["length"] - tail < ROOM_M:
                full.add(lane)
        anyone = seen[:, : COLUMN["far"]].any(axis=1)
        for row, lanes in self.exits:
            if anyone[row]:
                seen[row, COLUMN["downstream"]] = sum(standing.get(x, 0) for x in lanes) / len(lanes)
                seen[row, COLUMN["full"]] = any(x in full for x in lanes)

    def listen(self, loops, seen):
        """Fill in what loops count: vehicles between the two loops of a lane, shared among its turns."""
        for lane, (left, occupancy, gap, entered, _) in loops.items():
            held = max(0, self.held[lane] + (entered or 0) - left)
            if occupancy == 0 and gap > SOON_S:
                held = min(held, entered or 0)
            self.held[lane] = max(held, 1 if occupancy > 50 else 0)
            for row in self.turns[lane]:
                seen[row, COLUMN["queued"]] += self.held[lane] / len(self.turns[lane])
                seen[row, COLUMN["heads"]] += (occupancy > 50) / len(self.turns[lane])


def lost(junction, before, after):
    """Seconds of yellow and all-red between two states, over five."""
    clears = any(b in "Gg" and a not in "Gg" for b, a in zip(before, after))
    return (junction["yellow"] + junction["all_red"]) / 5.0 if clears else 0.0
