"""Max pressure: green for the phase with the most vehicles before the line, less the queues they would join.

After Varaiya, "Max pressure control of a network of signalized intersections", Transportation Research C 36 (2013).
Every five seconds, each junction on its own. Without cameras the vehicles between the two loops of a lane are
counted in and out, and a lane's vehicles are shared among its turns.
"""

# Beyond this a vehicle would not reach the line within the next green.
NEAR_M = 75.0
# A vehicle slower than this stands in a queue.
QUEUED_M_S = 2.0
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
        # where movements lead to the next signal, their exit lanes; a queue elsewhere is nobody's to clear
        self.exits = {
            name: [
                (number, lanes)
                for number, movement in enumerate(junction["movements"])
                if (
                    lanes := [
                        x for x in movement["lanes_out"] if x in self.lanes and self.lanes[x]["junction"]
                    ]
                )
            ]
            for name, junction in self.junctions.items()
        }

    def step(self, observation):
        if "vehicles" in observation:
            before, queues = self.count_seen(observation["vehicles"])
        else:
            before, queues = self.count_passing(observation["loops"]), self.held
        action = {}
        for name, present in observation["phase"].items():
            pressure = before[name]
            for movement, lanes in self.exits[name]:
                if pressure[movement]:
                    queue = sum([queues.get(lane, 0) for lane in lanes]) / len(lanes)
                    # never below zero: one blocked exit must not hide a phase's other movements
                    pressure[movement] = max(0.0, pressure[movement] - queue)
            action[name] = best_phase(self.shares[name], pressure, present)
        return action

    def count_seen(self, vehicles):
        """Vehicles near the line, by junction and movement; vehicles in a queue, by lane."""
        counts = {name: [0.0] * len(junction["movements"]) for name, junction in self.junctions.items()}
        queues = {}
        for lane, row in vehicles.items():
            if lane in self.near:
                junction, near = self.near[lane]
                count = counts[junction]
                queue = 0
                for distance, speed, movement in row:
                    if speed < QUEUED_M_S:
                        queue += 1
                    if movement >= 0 and distance < near:
                        count[movement] += 1
                queues[lane] = queue
        return counts, queues

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
