import time


def solve(problem):
    time.sleep(3600)
