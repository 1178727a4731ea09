"""A start before decision day, in weather it has seen."""


class Solution:
    def solve(self, problem):
        return {
            name: {"start": problem["decision_day"], "variety": site["varieties"][0]}
            for name, site in problem["sites"].items()
        }
