"""Actuated: the phases in their order, each held while vehicles keep coming, as gap-actuated controllers do.

A phase without a call is skipped. A green ends at its gap-out or its maximum, as soon as someone else calls.
"""

# A vehicle that reaches the line within this many seconds extends the green.
EXTENSION_S = 4.0
MAX_GREEN_S = 50.0
STANDING_M_S = 0.5


class Solution:
    def start(self, problem):
        self.lanes = problem["lanes"]
        self.junctions = problem["junctions"]
        self.min_green = problem["min_green"]
        self.served = {name: phase_lanes(junction) for name, junction in self.junctions.items()}
        self.movements = {name: phase_movements(junction) for name, junction in self.junctions.items()}

    def step(self, observation):
        if "vehicles" in observation:
            calls, extensions = self.look(observation["vehicles"])
        else:
            calls, extensions = self.listen(observation["loops"])
        return {
            name: self.next_phase(
                name, observation["phase"][name], observation["green"][name], calls, extensions
            )
            for name in self.junctions
        }

    def look(self, vehicles):
        """Who calls, and who extends, by (junction, movement)."""
        calls, extensions = set(), set()
        for lane, row in vehicles.items():
            place = self.lanes[lane]
            for distance, speed, movement in row:
                if place["junction"] and movement >= 0:
                    key = (place["junction"], movement)
                    away = distance + place["offset"]
                    calls.add(key)
                    if away <= max(speed, STANDING_M_S) * EXTENSION_S or (speed < 5 and away < 25):
                        extensions.add(key)
        return calls, extensions

    def listen(self, loops):
        """The same, by (junction, lane)."""
        calls, extensions = set(), set()
        for lane, (left, occupancy, gap, entered, covered) in loops.items():
            key = (self.lanes[lane]["junction"], lane)
            if occupancy > 0 or entered:
                calls.add(key)
            if gap < EXTENSION_S or covered:
                extensions.add(key)
        return calls, extensions

    def next_phase(self, name, phase, green, calls, extensions):
        kinds = self.movements[name] if any(isinstance(key[1], int) for key in calls) else self.served[name]
        count = len(kinds)
        called = [p for p in range(count) if any((name, kind) in calls for kind in kinds[p])]
        others = [p for p in called if not kinds[p] <= kinds[phase]]
        if green < self.min_green or not others:
            return phase
        if green < MAX_GREEN_S and any((name, kind) in extensions for kind in kinds[phase]):
            return phase
        waiting = {
            kind for p in others for kind in kinds[p] if (name, kind) in calls and kind not in kinds[phase]
        }
        for ahead in range(1, count):
            candidate = (phase + ahead) % count
            if kinds[candidate] & waiting:
                return candidate
        return phase


def phase_movements(junction):
    """For each phase, the set of movements with green."""
    return [
        {
            m
            for m, movement in enumerate(junction["movements"])
            if any(state[i] in "Gg" for i in movement["links"])
        }
        for state in junction["phases"]
    ]


def phase_lanes(junction):
    """For each phase, the set of lanes with green."""
    return [
        {lane for index, lane, _ in junction["links"] if state[index] in "Gg"} for state in junction["phases"]
    ]
