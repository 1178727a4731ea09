# expected: scored judge_pictures
# says: pictures_exit
import os

from failing.guessing import Guessing


class Judge(Guessing):
    def pictures(self, runs):
        os._exit(9)
