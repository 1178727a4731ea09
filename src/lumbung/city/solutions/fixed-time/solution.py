"""Fixed time: every junction keeps the plan its network came with. The naive reference."""


class Solution:
    """Hands in the network's own plans; there is nothing left to decide."""

    def start(self, problem):
        return {"plans": {junction: "network" for junction in problem["junctions"]}}

    def step(self, observation):
        return {}
