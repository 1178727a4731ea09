# expected: challenge judge_raised
"""Has no function of the name asked for."""
