# expected: challenge judge_out_of_memory
"""Grows without end."""


def score(truth, answers, items):
    kept = []
    while True:
        kept.append(bytearray(2**24))
