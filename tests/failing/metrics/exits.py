# expected: challenge judge_raised
"""Leaves without a word."""

import os


def score(truth, answers, items):
    os._exit(0)
