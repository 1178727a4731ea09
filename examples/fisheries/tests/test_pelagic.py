"""What must stay true of the engine, the judge and the challenge."""

from __future__ import annotations

import importlib.util
import math
from statistics import fmean
from typing import Any

import pytest
from pelagic.judge import QuotaJudge, read_stocks
from pelagic.stock import HIGHEST, Stock

from lumbung.proving.catalogue import find_challenge
from lumbung.proving.challenge import ChallengeError
from lumbung.proving.proof import prove
from lumbung.proving.submission import find_submission

SOLUTIONS = "constant", "forty-ten", "remembers"
SARDINES = Stock(natural_mortality=0.8, growth=0.8, length=20.0, steepness=0.7, recruits=1000.0)


def solution(name: str) -> Any:
    """Return a solution that ships with the package, made here: no sandbox, since we wrote it."""
    path = find_submission(f"pelagic/{name}").folder / "solution.py"
    spec = importlib.util.spec_from_file_location("pelagic_solution", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.Solution()


def test_nobody_fishes_and_nothing_changes():
    later = SARDINES.a_year_later(SARDINES.unfished, 0.0)
    assert later == pytest.approx(SARDINES.unfished)


def test_the_fish_that_are_missing_were_caught_or_died():
    """Baranov: of those that a year loses, the share F / Z is landed. Counted in fish, all of a weight."""
    fishing, fish = 0.6, SARDINES.unfished
    lost = sum(
        n * (1 - math.exp(-SARDINES.mortality(age, fishing))) for age, n in enumerate(fish) if age >= 1
    )
    share = fishing / SARDINES.mortality(1, fishing)
    alike = Stock(0.8, 100.0, 10.0 ** (5 / 3), 0.7, 1000.0)  # grown at once to 1000 g
    assert alike.weights[1:] == pytest.approx([1000.0] * 7)
    assert alike.catch(fish, fishing) == pytest.approx(share * lost)


def test_a_quota_is_landed_where_there_is_so_much():
    for quota in (0.0, 0.5, 3.0):
        fishing = SARDINES.fishing_of(SARDINES.unfished, quota)
        assert SARDINES.catch(SARDINES.unfished, fishing) == pytest.approx(quota, abs=1e-9)
    assert SARDINES.fishing_of(SARDINES.unfished, 1e9) == HIGHEST


def test_a_constant_fishing_mortality_leads_to_its_lasting_catch():
    fish = SARDINES.unfished
    for _ in range(300):
        fish = SARDINES.a_year_later(fish, 0.5)
    assert SARDINES.catch(fish, 0.5) == pytest.approx(SARDINES.lasting_catch(0.5), rel=1e-6)
    assert SARDINES.lasting_catch(0.5) <= SARDINES.most_lasting_catch


def test_recruits_at_a_fifth_are_what_steepness_says():
    fifth = 0.2 * SARDINES.spawners(SARDINES.unfished)
    assert SARDINES.young(fifth) == pytest.approx(0.7 * 1000.0)


@pytest.mark.parametrize(
    ("table", "says"),
    [
        ("", "no stock"),
        ("stock,natural_mortality\nsardine,0.8\n", "stock 1, column growth"),
        (
            "stock,natural_mortality,growth,length,steepness,recruits,luck,survey\na,0.8,1,20,nan,9,1,1\n",
            "steepness",
        ),
        (
            "stock,natural_mortality,growth,length,steepness,recruits,luck,survey\na,0.8,1,20,0.2,9,1,1\n",
            "above 0.2",
        ),
        (
            "stock,natural_mortality,growth,length,steepness,recruits,luck,survey\n,0.8,1,20,0.5,9,1,1\n",
            "a name",
        ),
    ],
)
def test_a_table_that_is_wrong_is_refused_with_its_place(tmp_path, table, says):
    (tmp_path / "stocks.csv").write_text(table)
    with pytest.raises(ChallengeError, match=says):
        read_stocks(tmp_path / "stocks.csv")
    with pytest.raises(ChallengeError, match=r"options\.fleet"):
        QuotaJudge().check_options({"fleet": 3})


def test_the_challenge_proves_itself():
    proof = prove(find_challenge("pelagic-quota"))
    assert proof.wrong() == [] and len(proof.verdicts) == 7


def test_who_learned_does_better_than_who_follows_a_rule_and_than_who_does_not_look():
    challenge = find_challenge("pelagic-quota")
    judge = QuotaJudge()
    cases = judge.cases(challenge.challenge, challenge.folder)
    worth = [
        fmean(judge.play(case, solution(name), {}).metrics["worth"] for case in cases) for name in SOLUTIONS
    ]
    assert worth == sorted(worth), dict(zip(SOLUTIONS, worth, strict=True))
