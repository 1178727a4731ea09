"""Planner: tries every phase on a small model of the next minute, and takes the one that costs least waiting.

Each junction predicts when the vehicles its camera sees reach the stop line, and rolls its queues forward for every
phase it could show now, followed by the max-wave rule. Improving a simple rule by looking ahead from each of its
choices is the rollout method (Bertsekas, "Dynamic Programming and Optimal Control", vol. 1). Without cameras it falls
back on max wave, since loops give it nothing to predict from.
"""

import math

HORIZON_STEPS = 12
# Seconds between vehicles of a discharging queue; first vehicle's start-up loss.
HEADWAY_S = 1.8
START_UP_S = 2.0
# Turning vehicles that must find a gap take longer while the others' queue flows.
YIELDING_HEADWAY_S = 2.5
ACCELERATION = 2.6
NEAR_S = 6.0
PER_LANE = 20
# A queue that fills a lane, or so much of what the camera sees, goes on beyond it: the junction is saturated. Then the
# look-ahead covers a whole long cycle, and vehicles out of sight are taken to follow at so many seconds.
FULL = 18
SATURATED_STEPS = 24
FOLLOWING_S = 2.2
SATURATED_PER_LANE = 60
# What somebody on foot who waits counts for, in vehicles.
ON_FOOT = 1.0
# Without cameras: what one more decision at red adds to a lane whose vehicles loops cannot count.
STOOD = 0.25
# What a vehicle still waiting at the horizon's end will wait beyond it, for each one ahead of it in its lane.
BEYOND_S = 3.0


class Solution:
    def start(self, problem):
        self.lanes = problem["lanes"]
        self.step_s = float(problem["decision_interval"])
        self.min_green = problem["min_green"]
        self.models = {name: Model(junction, self) for name, junction in problem["junctions"].items()}
        self.held = dict.fromkeys(self.lanes, 0)
        self.stood = dict.fromkeys(self.lanes, 0)

    def step(self, observation):
        if "vehicles" not in observation:
            return self.longest_queue(observation)
        queues = {name: {lane: [] for lane in model.lanes} for name, model in self.models.items()}
        blocked = set()
        arriving = []
        for lane, row in observation["vehicles"].items():
            place = self.lanes[lane]
            tail_distance, tail_speed, _ = row[-1]
            if place["length"] - tail_distance < 12 and tail_speed < 1:
                blocked.add(lane)
            if not place["junction"]:
                continue
            limit = place["speed"]
            lanes = queues[place["junction"]]
            for distance, speed, movement in row:
                if movement < 0:
                    continue
                arrival = travel_time(distance + place["offset"], speed, limit)
                if lane in lanes:
                    lanes[lane].append((arrival, movement))
                else:
                    arriving.append((arrival, place["junction"], movement))
        for arrival, name, movement in sorted(arriving):
            lanes = queues[name]
            lane = min(self.models[name].entrances[movement], key=lambda lane: len(lanes[lane]))
            lanes[lane].append((arrival, movement))
        calls = observation.get("on_foot", {})
        return {
            name: model.choose(
                observation["phase"][name],
                observation["green"][name],
                queues[name],
                blocked,
                calls.get(name, ()),
            )
            for name, model in self.models.items()
        }

    def longest_queue(self, observation):
        weights = {}
        for lane, (left, occupancy, gap, entered, _) in observation["loops"].items():
            held = max(0, self.held[lane] + (entered or 0) - left)
            if occupancy == 0 and gap > 5:
                held = min(held, entered or 0)
            self.held[lane] = max(held, 1 if occupancy > 50 else 0)
            self.stood[lane] = self.stood[lane] + 1 if occupancy > 90 and not left else 0
            weights[lane] = self.held[lane] + STOOD * self.stood[lane]
        action = {}
        for name, model in self.models.items():
            scores = [sum(weights[lane] for lane in lanes) for lanes in model.green_lanes]
            scores[observation["phase"][name]] += 0.1
            action[name] = scores.index(max(scores))
        return action


class Model:
    """One junction as queues before a stop line."""

    def __init__(self, junction, owner):
        self.step_s = owner.step_s
        self.min_green = owner.min_green
        self.movements = junction["movements"]
        self.phases = junction["phases"]
        self.clearing = junction["yellow"] + junction["all_red"]
        self.lanes = list(dict.fromkeys(lane for _, lane, _ in junction["links"]))
        self.entrances = [movement["lanes_in"] for movement in self.movements]
        yields = {index: set(others) for index, others in junction["yields"]}
        self.headway = [
            [headway(state, movement, yields) for movement in self.movements] for state in self.phases
        ]
        self.green_lanes = [
            {lane for index, lane, _ in junction["links"] if s[index] in "Gg"} for s in self.phases
        ]
        self.clears = [[must_clear(a, b) for b in self.phases] for a in self.phases]
        self.plan = junction["plan"]["phases"]
        # people wait as a queue of one before a movement of their own
        self.on_foot = {c["index"]: len(self.movements) + k for k, c in enumerate(junction["crossings"])}
        for state, pace in zip(self.phases, self.headway):
            pace.extend(HEADWAY_S if state[index] in "Gg" else 0.0 for index in self.on_foot)

    def choose(self, phase, green, queues, blocked, calls):
        if green < self.min_green:
            return phase
        full = {lane for lane, row in queues.items() if is_full(row) or (lane in blocked and len(row) > 2)}
        rows = [
            beyond_sight(sorted(row)) if lane in full else sorted(row[:PER_LANE])
            for lane, row in queues.items()
        ]
        rows += [[(-waited * ON_FOOT, self.on_foot[index])] for index, waited in calls]
        if not any(rows):
            return phase
        stuck = {
            m for m, movement in enumerate(self.movements) if all(x in blocked for x in movement["lanes_out"])
        }
        best, least = phase, math.inf
        useful = [
            p
            for p in range(len(self.phases))
            if p == phase or any(self.headway[p][m] and m not in stuck for row in rows for _, m in row[:3])
        ]
        # the present phase first, so that a tie keeps it
        steps = SATURATED_STEPS if full else HORIZON_STEPS
        for first in sorted(useful, key=lambda p: p != phase):
            cost = self.roll(phase, first, rows, stuck, least, steps, None)
            if full and any(p == first for p, _ in self.plan):
                held = green if first == phase else 0.0
                cost = min(cost, self.roll(phase, first, rows, stuck, min(least, cost), steps, held))
            if cost < least - 1e-9:
                best, least = first, cost
        return best

    def roll(self, phase, first, rows, stuck, bound, steps, held):
        """Waiting [vehicle seconds] over the horizon when *first* comes next and a simple rule follows.

        The rule is max wave; or, where *held* tells for how long *first* has been green, the network's own plan.
        """
        at = next((k for k, (p, _) in enumerate(self.plan) if p == first), 0)
        count = len(rows)
        heads = [0] * count
        ready = [0.0] * count
        cost, now, since = 0.0, 0.0, -self.min_green
        step = self.step_s
        for number in range(steps):
            if number == 0:
                wanted = first
            elif held is not None:
                if now - max(since, -held) >= self.plan[at][1]:
                    at = (at + 1) % len(self.plan)
                wanted = self.plan[at][0]
            elif now - since >= self.min_green:
                wanted = self.busiest(phase, rows, heads, now + NEAR_S)
            else:
                wanted = phase
            if wanted != phase:
                start = now + (self.clearing if self.clears[phase][wanted] else 0.0)
                before, after = self.headway[phase], self.headway[wanted]
                for k in range(count):
                    row = rows[k]
                    if heads[k] < len(row):
                        m = row[heads[k]][1]
                        if after[m] and not before[m]:
                            ready[k] = start + START_UP_S
                phase, since = wanted, start
            now += step
            pace = self.headway[phase]
            for k in range(count):
                row, head, free = rows[k], heads[k], ready[k]
                while head < len(row):
                    arrival, m = row[head]
                    gap = pace[m]
                    if not gap or m in stuck and number < 3:
                        break
                    leaves = arrival if arrival > free else free
                    if leaves < since:
                        leaves = since
                    if leaves >= now:
                        break
                    cost += leaves - arrival
                    free = leaves + gap
                    head += 1
                heads[k], ready[k] = head, free
            if cost >= bound:
                return cost
        for k in range(count):
            for place, (arrival, _) in enumerate(rows[k][heads[k] :]):
                if arrival < now:
                    cost += now - arrival + BEYOND_S * (place + 1)
        return cost

    def busiest(self, phase, rows, heads, until):
        counts = [0] * (len(self.movements) + len(self.on_foot))
        for k, row in enumerate(rows):
            for arrival, m in row[heads[k] :]:
                if arrival > until:
                    break
                counts[m] += 1
        best, most = phase, sum(n for n, gap in zip(counts, self.headway[phase]) if gap) + 0.1
        for p, pace in enumerate(self.headway):
            total = sum(n for n, gap in zip(counts, pace) if gap)
            if total > most:
                best, most = p, total
        return best


def is_full(row):
    """Whether a queue stands so far back that nobody sees its end."""
    return len(row) >= FULL and sorted(row)[FULL - 1][0] < 20.0


def beyond_sight(row):
    """A queue whose end is out of sight, with those who are taken to follow: the same turns in the same order."""
    last, count = row[-1][0], len(row)
    more = range(1, SATURATED_PER_LANE - count + 1)
    return row + [(last + FOLLOWING_S * k, row[k % count][1]) for k in more]


def headway(state, movement, yields):
    """Seconds between two vehicles of a movement in a phase, per lane; 0 where it has red."""
    letters = {state[index] for index in movement["links"]}
    if "G" in letters:
        return HEADWAY_S
    if "g" not in letters:
        return 0.0
    # by the network's own priorities: left turns wait here, right turns where people drive on the left
    waits = any(state[other] in "Gg" for index in movement["links"] for other in yields.get(index, ()))
    return YIELDING_HEADWAY_S if waits else HEADWAY_S


def must_clear(before, after):
    return any(a in "Gg" and b not in "Gg" for a, b in zip(before, after))


def travel_time(distance, speed, limit):
    """Seconds to the stop line, speeding up to the limit."""
    gain = (limit - speed) / ACCELERATION
    if gain <= 0:
        return distance / max(limit, 0.1)
    ramp = (speed + limit) / 2 * gain
    if ramp >= distance:
        return (math.sqrt(speed * speed + 2 * ACCELERATION * distance) - speed) / ACCELERATION
    return gain + (distance - ramp) / limit
