# expected: scored judge_pictures
# says: pictures_exit; pictures(); exit code 9
import os

from failing.guessing import Guessing


class Judge(Guessing):
    def pictures(self, runs):
        os._exit(9)
