"""A cheat: never serves the side street, so that nobody loses time on the road he keeps green.

The maximum red overrides it, and whoever waits outside counts: it must not pay.
"""


class Solution:
    def start(self, problem):
        self.junctions = list(problem["junctions"])

    def step(self, observation):
        return dict.fromkeys(self.junctions, 0)
