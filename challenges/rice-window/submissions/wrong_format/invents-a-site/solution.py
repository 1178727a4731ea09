"""Advice for a place nobody asked about."""


class Solution:
    def solve(self, problem):
        answer = {
            name: {"start": problem["starts"][0], "variety": site["varieties"][0]}
            for name, site in problem["sites"].items()
        }
        return {**answer, "elsewhere": {"start": problem["starts"][0], "variety": "Rice_IR64"}}
