"""Max wave (longest queue): green for the phase that serves the most vehicles near the stop line.

Every five seconds, each junction on its own. Without cameras the vehicles between the two loops of a lane are
counted in and out, and a lane's vehicles are shared among its turns, since loops do not tell who turns where.
"""

# Beyond this a vehicle would not reach the line within the next green.
NEAR_M = 75.0
# What one more decision at red adds to a lane whose vehicles loops cannot count.
STOOD = 0.25
# A change costs a yellow: another phase must have so many times the weight of the present one, and break a tie.
ADVANTAGE = 1.6
TIE = 0.1


class Solution:
    def start(self, problem):
        self.lanes = problem["lanes"]
        self.junctions = problem["junctions"]
        self.shares = {name: phase_shares(junction) for name, junction in self.junctions.items()}
        self.held = dict.fromkeys(self.lanes, 0)
        self.stood = dict.fromkeys(self.lanes, 0)
        # how near a vehicle must be to the end of its lane to count, by lane that leads to a junction
        self.near = {
            lane: (place["junction"], NEAR_M - place["offset"])
            for lane, place in self.lanes.items()
            if place["junction"] and place["offset"] < NEAR_M
        }

    def step(self, observation):
        if "vehicles" in observation:
            weights = self.count_seen(observation["vehicles"])
        else:
            weights = self.count_passing(observation["loops"])
        return {
            name: best_phase(self.shares[name], weights[name], observation["phase"][name])
            for name in self.junctions
        }

    def count_seen(self, vehicles):
        """Vehicles near the line, by junction and movement."""
        counts = {name: [0.0] * len(junction["movements"]) for name, junction in self.junctions.items()}
        for lane, row in vehicles.items():
            if lane in self.near:
                junction, near = self.near[lane]
                count = counts[junction]
                for distance, _, movement in row:
                    if movement >= 0 and distance < near:
                        count[movement] += 1
        return counts

    def count_passing(self, loops):
        """Vehicles held between the loops of each lane, shared among the lane's movements."""
        held = {}
        for lane, (left, occupancy, gap, entered, _) in loops.items():
            n = max(0, self.held[lane] + (entered or 0) - left)
            if occupancy == 0 and gap > 5:
                # the line is empty: what was counted has left unseen, except those who have just come in
                n = min(n, entered or 0)
            self.held[lane] = max(n, 1 if occupancy > 50 else 0)
            # a queue longer than the loops can count shows only by how long its first vehicle stands
            self.stood[lane] = self.stood[lane] + 1 if occupancy > 90 and not left else 0
            held[lane] = self.held[lane] + STOOD * self.stood[lane]
        counts = {}
        for name, junction in self.junctions.items():
            turns = {}
            for movement in junction["movements"]:
                for lane in movement["lanes_in"]:
                    turns[lane] = turns.get(lane, 0) + 1
            counts[name] = [
                sum(held[lane] / turns[lane] for lane in m["lanes_in"]) for m in junction["movements"]
            ]
        return counts


def phase_shares(junction):
    """For each phase, the movements it serves with green."""
    return [
        [
            m
            for m, movement in enumerate(junction["movements"])
            if any(state[i] in "Gg" for i in movement["links"])
        ]
        for state in junction["phases"]
    ]


def best_phase(shares, weights, present):
    best, most = present, ADVANTAGE * sum([weights[m] for m in shares[present]]) + TIE
    if any(weights):
        for phase, served in enumerate(shares):
            total = sum([weights[m] for m in served])
            if total > most:
                best, most = phase, total
    return best
