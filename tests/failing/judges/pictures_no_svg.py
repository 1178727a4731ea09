# expected: scored judge_pictures
# says: pictures_no_svg
from failing.guessing import Guessing
from lumbung.proving.judge import Picture
from lumbung.proving.text import Text


class Judge(Guessing):
    def pictures(self, runs):
        return [Picture(Text("A table", "Tabel", "表格"), "<table><tr><td>1</td></tr></table>")]
