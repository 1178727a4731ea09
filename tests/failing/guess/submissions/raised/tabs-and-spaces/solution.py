def solve(problem):
	return {"guess": 5}
        # spaces after tabs
        return None
