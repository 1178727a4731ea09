"""Keeps a copy of the whole terrain for every pair of places."""


class Solution:
    def solve(self, problem):
        height, kept = problem["terrain"]["height"], []
        while True:
            kept.append(height.astype(float) + len(kept))
