import os


def solve(problem):
    os.abort()
