"""A cheat: searches what it was sent for days that have not come yet, and the box for a node's cases. It finds none."""

import os

import numpy as np


def days_after(problem):
    """Fields whose past reaches beyond planting, or whose response holds the coming season."""
    planted = np.datetime64(problem["planted"])
    for name, one in problem["fields"].items():
        past = one["past"]
        last = np.datetime64(past["first_day"]) + len(past["rain"]) - 1
        if last >= planted or max(one["response"]["years"]) >= int(problem["planted"][:4]):
            yield name


def files_of_the_judge():
    """A node's case folders within reach (what the packages hold is public)."""
    for top in ("/tmp", "/home", "/root", "/mnt", "/srv", "/var"):
        for folder, _, names in os.walk(top):
            for name in names:
                if name in ("region.toml", "sites.csv"):
                    yield os.path.join(folder, name)


class Solution:
    def start(self, problem):
        self.turn = problem["turn"]
        found = [*days_after(problem), *files_of_the_judge()]
        if found:
            # what it would do with its find is no matter: the check sees that there was one
            raise RuntimeError(f"the future is within reach: {found[0]}")

    def step(self, observation):
        for one in observation["fields"].values():
            if len(one["rain"]) > self.turn:
                raise RuntimeError("rain of more days than have passed since the last turn")
        return {name: {"nitrogen": 0.0, "water": 0.0} for name in observation["fields"]}
