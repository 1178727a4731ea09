# expected: challenge broken_challenge
# says: not_a_judge
class Judge:
    """Scores nothing."""

    name = "failing.not_a_judge"
    version = 1
