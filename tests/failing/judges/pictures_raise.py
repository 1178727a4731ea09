# expected: scored judge_pictures
# says: pictures_raise; queue; pictures()
from failing.guessing import Guessing


class Judge(Guessing):
    def pictures(self, runs):
        return [run.scores[0].series["queue"] for run in runs]
