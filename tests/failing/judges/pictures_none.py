# expected: scored judge_pictures
# says: pictures_none
from failing.guessing import Guessing


class Judge(Guessing):
    def pictures(self, runs):
        return None
