# expected: challenge broken_challenge
# says: no_such_module; nowhere
# entry point: failing.judges.nowhere:Judge
