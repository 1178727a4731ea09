"""Green for whoever has the most vehicles in sight.

A start: make it better. Every few seconds `step` sees the network and answers one phase for every junction; what
`problem` and `observation` hold is in docs/city/writing-a-controller.md. print() goes to your log.
"""


class Solution:
    def start(self, problem):
        self.problem = problem

    def step(self, observation):
        action = {}
        for name, junction in self.problem["junctions"].items():
            counts = [0] * len(junction["movements"])
            for lane, row in observation["vehicles"].items():
                place = self.problem["lanes"][lane]
                if place["junction"] == name:
                    for distance, _, movement in row:
                        if movement >= 0 and distance + place["offset"] < 75:
                            counts[movement] += 1
            scores = [
                sum(
                    n
                    for n, m in zip(counts, junction["movements"])
                    if any(state[i] in "Gg" for i in m["links"])
                )
                for state in junction["phases"]
            ]
            scores[observation["phase"][name]] += 0.1
            action[name] = scores.index(max(scores))
        return action
