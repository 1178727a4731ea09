"""The report is one file that needs nothing from outside, in three languages, and safe against names that are markup."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from html.parser import HTMLParser

import msgspec

from lumbung.proving import report
from lumbung.proving.challenge import read_challenge
from lumbung.proving.faults import SubmissionFault
from lumbung.proving.judge import Picture
from lumbung.proving.report import Entry, write_report
from lumbung.proving.standing import Row, compute_standing
from lumbung.proving.text import Text
from making_evidence import evidence_of

NAMES = {"good": [1.0, 2.0, 3.0], "<script>alert(1)</script>": [4.0, 5.0, 7.0]}


def report_of(toy):
    challenge = read_challenge(toy).challenge
    evidence = {name: [evidence_of({"g": values}, metric="mae")] for name, values in NAMES.items()}
    entries = [Entry(name, "evidence.json") for name in NAMES]
    entries.append(Entry("late", "e.json", SubmissionFault("timed_out", which="message", seconds=5).fault))
    picture = Picture(
        Text("A picture", "Gambar", "图"), "<svg xmlns='http://www.w3.org/2000/svg'></svg>", "g"
    )
    return write_report(
        challenge,
        compute_standing(evidence, challenge.ranking, seed=0),
        Text("error", "galat", "误差"),
        entries,
        [picture],
        signer="0" * 64,
        made=datetime(2026, 1, 1, tzinfo=UTC),
        partial=True,
    )


class Seen(HTMLParser):
    def __init__(self):
        super().__init__()
        self.tags, self.links = [], []

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.links += [value for name, value in attrs if name in ("src", "href") and value]


def test_it_needs_nothing_and_runs_nothing(toy):
    page = report_of(toy)
    seen = Seen()
    seen.feed(page)
    assert seen.links == [] and "script" not in seen.tags and "@import" not in page and "url(" not in page
    assert "&lt;script&gt;alert(1)" in page


def test_every_language_says_everything(toy):
    page = report_of(toy)
    counts = [len(re.findall(f"<span lang={code}>", page)) for code in ("en", "id", "zh")]
    assert counts[0] == counts[1] == counts[2] > 10
    assert (
        "Solusi melampaui batas 5 detik untuk satu jawaban" in page
        and "解决方案在单次回答上超过了 5 秒的时限" in page
    )


def test_nothing_but_sentences_stands_between_its_parts(toy):
    page = report_of(toy)
    assert re.search(r"[{}]", re.sub(r"<style>.*?</style>", "", page, flags=re.DOTALL)) is None, (
        "a word unfilled"
    )
    assert re.findall(r"</section>([^<]*)", page) == [""] * page.count("</section>")


def test_too_few_cases_are_said_to_be_few_in_every_language(toy):
    page = report_of(toy)
    for word in ("too few cases to tell", "kasus uji terlalu sedikit", "用例太少，无法判断"):
        assert page.count(word) >= 2, "at both solutions"
    assert "An interval stands there only where" in page


def test_it_shows_figures_and_how_to_verify(toy):
    page = report_of(toy)
    assert "lumbung verify evidence.json" in page and ">2<" in page and "<svg" in page


def test_groups_stand_side_by_side_with_the_best_of_each_marked(toy):
    figures = {
        "b": {"north": [1.0, 2.0, 3.0], "south": [7.0, 8.0, 9.0]},
        "a<": {"north": [2.0, 3.0, 4.0], "south": [6.0, 7.0, 8.0]},
    }
    evidence = {name: [evidence_of(values, metric="mae")] for name, values in figures.items()}
    ranking = read_challenge(toy).challenge.ranking
    lower = report._groups(compute_standing(evidence, ranking, seed=0))
    assert lower.startswith(
        "<div class=wide><table><thead><tr><th></th><th>north</th><th>south</th></tr></thead>"
    )
    assert "<tr><td class=name>b</td><td class='figure best'>2</td><td class='figure'>8</td></tr>" in lower
    assert (
        "<tr><td class=name>a&lt;</td><td class='figure'>3</td><td class='figure best'>7</td></tr>" in lower
    )
    assert lower.endswith("</tr></tbody></table></div>")
    turned = msgspec.structs.replace(ranking, better="higher")
    higher = report._groups(compute_standing(evidence, turned, seed=0))
    assert "<tr><td class=name>b</td><td class='figure'>2</td><td class='figure best'>8</td></tr>" in higher


def test_a_bar_spans_its_interval_on_the_scale_of_all():
    row = Row("a", "", 2.0, 1.0, 4.0, 1, 1, 1, None, "", {}, 5)
    alone = msgspec.structs.replace(row, mean=5.0, low=None, high=None)
    place = report._scale([row, alone])
    assert (place(1.0), place(5.0), place(3.0)) == (6.0, 234.0, 120.0)
    assert re.findall(r'[xc]x?\d?="([\d.]+)"', report._bar(row, place)) == [
        "6.0",
        "177.0",
        "6.0",
        "6.0",
        "177.0",
        "177.0",
        "63.0",
    ]
    assert set(re.findall(r'[xc]x?\d?="([\d.]+)"', report._bar(alone, place))) == {"234.0"}
    assert report._scale([])(0.0) == 6.0 and report._scale([alone])(5.0) == 6.0


def test_pictures_stand_by_their_group_and_those_of_none_under_a_plain_heading():
    drawn = [
        Picture(Text("a", "b", "c"), f"<svg id='{n}'/>", group) for n, group in enumerate(("", "n<", ""))
    ]
    page = report._pictures(drawn)
    assert page.index("<svg id='0'/>") < page.index("<svg id='2'/>") < page.index("<h2>n&lt;</h2>")
    assert f"<h2>{report._say('pictures')}</h2>" in page and page.count("<section>") == 2
