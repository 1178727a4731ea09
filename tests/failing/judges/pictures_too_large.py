# expected: scored judge_pictures
# says: pictures_too_large
from failing.guessing import SVG, Guessing
from lumbung.proving.judge import Picture
from lumbung.proving.text import Text


class Judge(Guessing):
    def pictures(self, runs):
        svg = SVG.replace("</svg>", '<circle cx="4" cy="4" r="3"/>' * 100_000 + "</svg>")
        return [Picture(Text("Dots", "Titik-titik", "许多点"), svg)]
