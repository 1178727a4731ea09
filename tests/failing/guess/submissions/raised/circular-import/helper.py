from solution import solve

BEST = solve
