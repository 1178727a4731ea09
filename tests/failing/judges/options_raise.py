# expected: challenge judge_raised
# says: options_raise; tide
from failing.guessing import Guessing


class Judge(Guessing):
    def check_options(self, options):
        return {"tide": options["tide"]}
