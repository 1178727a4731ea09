"""Declines everything, politely: counted as refused, never as right."""


def solve(problem):
    return ["Maaf, saya tidak dapat menjawab." for _ in problem["items"]]
