# expected: scored judge_pictures
# says: pictures_hang
import time

from failing.guessing import Guessing


class Judge(Guessing):
    def pictures(self, runs):
        time.sleep(3600)
