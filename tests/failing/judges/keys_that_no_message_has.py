# expected: challenge broken_challenge
# says: the message solve; (1, 2)
from failing.guessing import Guessing


class Judge(Guessing):
    def play(self, case, solution, options):
        return solution.solve({"least": 0, "most": 10, "links": [{(1, 2): 3.0}]})
