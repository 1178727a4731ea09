"""Language models: what their words say, whether they knew the items, and what an owner may have written wrongly."""

from __future__ import annotations

import importlib.util
import json
import shutil

import pytest

from conftest import ROOT
from lumbung.language.contamination import at_least, twin_gap
from lumbung.language.judge import ChoiceJudge
from lumbung.language.prompts import TemplateError, fields_of, filled
from lumbung.language.reading import REFUSALS, chosen, last_number, refuses
from lumbung.proving.catalogue import find_challenge
from lumbung.proving.challenge import ChallengeError, read_challenge
from lumbung.proving.executors import Serial
from lumbung.proving.files.normalising import normalised
from lumbung.proving.judge import ScoredRun
from lumbung.proving.run import plan_run, play_runs, run_fault
from lumbung.proving.submission import find_submission, read_submission

BAHASA = ROOT / "challenges/bahasa"
OPTIONS = ["12,5 ton", "Kamis", "Kamis pagi", "B 40"]


@pytest.mark.parametrize(
    ("said", "picks"),
    [
        ("A", 0), ("(b)", None), ("B.", 1), ("C) Kamis pagi", 2), ("Jawabannya: D", 3), ("答案是 B。", 1), ("คำตอบคือ C", 2), ("Ｂ", 1),
        ("kamis PAGI", 2), ("Menurut saya Kamis pagi, karena hujan.", 2), ("12,5  ton", 0), ("A or B", None), ("", None), ("E", None),
        ("I think so", None), ("B: because A is wrong", 1), ("𝐁", 1),
    ],
)  # fmt: skip
def test_a_choice_is_read_from_words(said, picks):
    assert chosen(said, OPTIONS) == picks


def test_refusals_are_known_in_every_language_of_bahasa():
    languages = set(read_challenge(BAHASA).challenge.options["templates"])
    assert languages == set(REFUSALS)
    for language, phrases in REFUSALS.items():
        assert all(refuses(f"… {phrase.upper()} …", language) for phrase in phrases)
    assert not refuses("Jawabannya B, maafkan tulisan saya.", "id") and refuses("As an AI, I cannot", "th")


def test_the_last_number_is_read_as_its_language_writes_it():
    for text, language, number in [
        ("Jadi 1.250,50 kg", "id", "1250.5"),
        ("So 1,250.5 kg.", "en", "1250.5"),
        ("๑๒ กิโล", "th", "12"),
        ("-3", "en", "3"),
    ]:
        assert last_number(normalised(text, language)) == number
    assert last_number("none") == ""


def test_templates_name_fields_and_nothing_else():
    assert fields_of("{question}\n{options}: {{x}}") == {"question", "options"}
    for odd in ("{question", "{}", "{0}", "{question.upper}", "{question!r}", "{question:>9}"):
        with pytest.raises(TemplateError):
            fields_of(odd)
    assert filled("{question}", {"question": "{options}"}) == "{options}"


def test_the_gap_of_twins_by_hand():
    gap = twin_gap(100, 10, 0)
    assert gap.p == pytest.approx(2**-10) and gap.flagged and gap.gap == 0.1 and 0 < gap.low < 0.1 < gap.high
    assert not twin_gap(100, 6, 4).flagged and twin_gap(100, 0, 9).p > 0.999 and twin_gap(0, 0, 0).p == 1
    # Of many pairs it is Wald's interval: the difference of two shares of the same pairs.
    many, spread = twin_gap(100_000, 12_000, 10_000), 1.96 * (0.22 - 0.02**2) ** 0.5 / 100_000**0.5
    assert (many.low, many.high) == pytest.approx((0.02 - spread, 0.02 + spread), abs=1e-5)
    assert at_least(6, 8, 0.25) == pytest.approx(0.00423, abs=1e-5)


def test_twenty_memorisers_are_flagged_and_twenty_honest_models_are_not():
    path = ROOT / "benchmarks/language_contamination.py"
    spec = importlib.util.spec_from_file_location("language_contamination", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    found = module.figures(20)
    assert [gap.flagged for _, memory, gap, _, _ in found] == [memory for _, memory, _, _, _ in found]
    assert not any(canary < 0.01 for _, memory, _, canary, _ in found if not memory)


def test_the_items_are_as_their_script_writes_them_and_each_says_how_it_was_checked():
    spec = importlib.util.spec_from_file_location("language_bahasa", ROOT / "benchmarks/language_bahasa.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    lines = [json.loads(line) for line in (BAHASA / "items.jsonl").read_text(encoding="utf-8").splitlines()]
    assert lines == [*module.items(module.PUBLIC_SEED), *module.canaries(module.PUBLIC_SEED)]
    for language in module.FRAMES:
        mine = [
            line for line in lines if line["language"] == language and not line["canary"] and not line["twin"]
        ]
        assert len(mine) >= 40 and {line["topic"] for line in mine} == set(module.SENTENCES)
    assert all(line["checked"].startswith("answer: ") for line in lines if not line["canary"])
    assert sum("not yet read by a native speaker" in line["checked"] for line in lines) == 6 * 84


def test_shipped_baselines_are_judged_by_language_and_the_worst_is_shown():
    challenge = find_challenge("bahasa")
    plan = plan_run(challenge, find_submission("language/random-choice"), case_glob="id/*,zh/00")
    (outcomes,) = play_runs([plan], Serial())
    assert run_fault(outcomes) is None
    scores = tuple(outcome.score for outcome in outcomes.values())
    assert sum(score.rows for score in scores if score.group == "id") == 42, "neither twins nor canaries"
    assert {score.group for score in scores} == {"id", "zh"} and all(
        score.metrics["by_likelihood"] == 1 for score in scores
    )
    (picture,) = ChoiceJudge().pictures([ScoredRun("random", scores)])
    assert (
        "▼ 0." in picture.svg
        and "Δ" in picture.svg
        and "p =" in picture.svg
        and picture.title.zh.startswith("random")
    )


GENERATE = """\
schema = 1
id = "sums"
version = 1
sector = "language"
judge = "language.generate"
judge_version = 1
home = "ID"
licence = "generated"
title = { en = "Sums", id = "Hitungan", zh = "算术" }
summary = { en = "Sums.", id = "Hitungan.", zh = "算术。" }
ranking = { metric = "exact_match", better = "higher" }

[options]
items = "items.jsonl"
group = "language"
language = "language"
twin = "twin"
reads = "last_number"
blocks = 1
metrics = ["exact_match", "cer"]
fields = { language = "text", question = "text", twin = "note" }
templates = { en = "{question} Answer:", id = "{question} Jawab:" }
"""
SUMS = [("en", "1,000 + 250.5?", "1250.5"), ("id", "1.000 + 250,5?", "1250.5")]


@pytest.fixture
def sums(tmp_path):
    """A small challenge of written answers, with twins."""
    lines = []
    for language, question, answer in SUMS:
        for number, of in (("1", ""), ("2", f"{language}1")):
            lines.append(
                {
                    "id": language + number,
                    "language": language,
                    "question": question + " " * (int(number) - 1),
                    "target": answer,
                    "twin": of,
                }
            )
    (tmp_path / "challenge.toml").write_text(GENERATE, encoding="utf-8")
    (tmp_path / "items.jsonl").write_text(
        "".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8"
    )
    return tmp_path


def test_written_answers_are_read_as_their_language_writes_numbers(sums, tmp_path):
    team = tmp_path / "team"
    team.mkdir()
    (team / "solution.py").write_text(
        "def solve(problem):\n"
        "    assert problem['ask'] == 'text' and set(problem['items'][0]) == {'id', 'language', 'prompt'}\n"
        "    said = {'en': 'That is 1,250.50 kg.', 'id': 'Maaf, saya kira 1.250,5'}\n"
        "    return [said[item['language']] if '  ' not in item['prompt'] else 'none' for item in problem['items']]\n"
    )
    plan = plan_run(read_challenge(sums), read_submission(team))
    (outcomes,) = play_runs([plan], Serial())
    assert run_fault(outcomes) is None
    figures = {case: outcome.score.metrics for case, outcome in outcomes.items()}
    assert figures["en/00"]["exact_match"] == figures["id/00"]["exact_match"] == 0.5
    assert [outcome.score.rows for outcome in outcomes.values()] == [1, 1], "a twin is no further row"
    assert (figures["id/00"]["pairs"], figures["id/00"]["first_only"], figures["id/00"]["refusals"]) == (
        1,
        1,
        0.5,
    )


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('"twin": "en1"', '"twin": ""', "line 1: found an item without a twin"),
        ('"twin": "en1"', '"twin": "fr1"', "line 2, twin: found 'fr1'"),
        ('"twin": "en1"', '"twin": "id1"', "of another group"),
        ('"language": "en"', '"language": "fr"', "line 1, language: found 'fr', expected a language with a template: en, id"),
        ("{question} Answer:", "{query} Answer:", "options.templates.en: found {query}, expected one of language, options, question"),
        ("{question} Answer:", "{question Answer:", "options.templates.en"),
        ('twin = "note"', 'twin = "text"', "options.twin: found 'twin', expected a field of kind note"),
        ('metrics = ["exact_match", "cer"]', 'metrics = ["accuracy"]', "for answers of kind text"),
        ('language = "language"', 'language = "id"', "the field with each item's language"),
    ],
)  # fmt: skip
def test_what_is_written_wrongly_is_named(sums, old, new, says):
    changed = False
    for name in ("challenge.toml", "items.jsonl"):
        text = (sums / name).read_text(encoding="utf-8")
        changed |= old in text
        (sums / name).write_text(text.replace(old, new, 1), encoding="utf-8")
    assert changed
    with pytest.raises(ChallengeError) as error:
        plan_run(read_challenge(sums), find_submission("language/longest-option"))
    assert says in str(error.value)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"options": ["1"]}, "2 to 10 texts"),
        ({"options": ["1", "1", "2", "3"]}, "one of them twice"),
        ({"target": "none of them"}, "expected one of the options"),
        ({"canary": True, "options": ["1", "2"]}, "4, of which a canary's is one"),
    ],
)
def test_a_question_that_cannot_be_chosen_from_is_named(tmp_path, change, says):
    shutil.copytree(BAHASA, tmp_path / "bahasa")
    path = tmp_path / "bahasa/items.jsonl"
    lines = path.read_text(encoding="utf-8").splitlines()
    path.write_text("\n".join([json.dumps(json.loads(lines[0]) | change), *lines[1:]]), encoding="utf-8")
    with pytest.raises(ChallengeError, match="line 1, ") as error:
        plan_run(read_challenge(path.parent), find_submission("language/longest-option"))
    assert says in str(error.value)
