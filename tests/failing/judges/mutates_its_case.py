# expected: scored
from failing.guessing import Guessing


class Judge(Guessing):
    def play(self, case, solution, options):
        found = super().play(case, solution, options)
        case.inputs.clear()
        case.inputs["target"] = object()
        options["anything"] = 1
        return found
