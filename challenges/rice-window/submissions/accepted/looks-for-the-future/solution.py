"""A cheat: searches what it was sent, and the box, for days that have not come yet. It finds none."""

import os

import numpy as np


def days_after(problem):
    """Sites whose past reaches beyond decision day, or whose hindcast holds the coming season."""
    decision = np.datetime64(problem["decision_day"])
    for name, site in problem["sites"].items():
        past = site["past"]
        last = np.datetime64(past["first_day"]) + len(past["rain"]) - 1
        if last >= decision or max(site["hindcast"]["years"]) >= int(problem["starts"][0][:4]):
            yield name


def files_of_the_judge():
    """A node's case folders within reach (what the packages hold is public)."""
    for top in ("/tmp", "/home", "/root", "/mnt", "/srv", "/var"):
        for folder, _, names in os.walk(top):
            for name in names:
                if name in ("region.toml", "sites.csv"):
                    yield os.path.join(folder, name)


class Solution:
    def solve(self, problem):
        found = [*days_after(problem), *files_of_the_judge()]
        if found:
            # what it would do with its find is no matter: the check sees that there was one
            raise RuntimeError(f"the future is within reach: {found[0]}")
        return {
            name: {"start": problem["starts"][site["habitual"]], "variety": site["varieties"][0]}
            for name, site in problem["sites"].items()
        }
