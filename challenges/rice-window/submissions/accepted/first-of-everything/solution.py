"""The first start and the first variety, whatever the site: legal, and poor."""


class Solution:
    def solve(self, problem):
        return {
            name: {"start": problem["starts"][0], "variety": site["varieties"][0]}
            for name, site in problem["sites"].items()
        }
