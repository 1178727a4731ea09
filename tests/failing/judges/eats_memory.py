# expected: challenge judge_out_of_memory
# says: number/0
from failing.guessing import Guessing


class Judge(Guessing):
    def play(self, case, solution, options):
        hoard = []
        while True:
            hoard.append(bytearray(32 << 20))
