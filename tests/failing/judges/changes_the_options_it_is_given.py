# expected: scored
from failing.guessing import Guessing


class Judge(Guessing):
    def check_options(self, options):
        return {"deal": [1, 2]}

    def cases(self, challenge, folder):
        challenge.options["deal"].append(lambda: 3)
        return super().cases(challenge, folder)
