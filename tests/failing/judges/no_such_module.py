# expected: platform judge_missing
# says: no_such_module; nowhere
# entry point: failing.judges.nowhere:Judge
