"""Few answers: priors estimated with the items hold where maximum likelihood runs away, and say what they do not know."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from lumbung.cli.talent.calibrate import command
from lumbung.talent import calibrate, score
from lumbung.talent.irt.hierarchical import HierarchicalError, Prior, calibrate_with_priors
from lumbung.talent.irt.item_file import from_document


def sparse(
    seed: int, items: int = 100, people: int = 400, seen: int = 16
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Answers, slopes, difficulties and an expert's guesses, which explain most of the difficulties."""
    rng = np.random.default_rng(seed)
    a, guesses = rng.lognormal(0, 0.4, items), np.array([-1.2, 0, 1.2])[rng.integers(0, 3, items)]
    b = guesses + rng.normal(0, 0.6, items)
    answers = np.full((people, items), -1, dtype=np.int8)
    for person, theta in enumerate(rng.normal(size=people)):
        mine = rng.choice(items, seen, replace=False)
        answers[person, mine] = rng.random(seen) < 1 / (1 + np.exp(-a[mine] * (theta - b[mine])))
    return answers, a, b, guesses


def test_sixty_four_answers_an_item_are_enough_for_the_difficulties() -> None:
    inside, correlations = [], []
    for seed in range(4):
        answers, a, b, guesses = sparse(seed)
        found = calibrate_with_priors(answers, features={"guess": guesses})
        assert found.converged
        correlations.append(
            [np.corrcoef(b, found.items.difficulties[:, 0])[0, 1], np.corrcoef(a, found.items.slopes)[0, 1]]
        )
        inside.append([
            ((ends[:, 0] <= truth) & (truth <= ends[:, 1])).mean()
            for ends, truth in ((found.difficulty_interval, b), (found.slope_interval, a))
        ])  # fmt: skip
        assert found.coefficients["guess"] == pytest.approx(1.0, abs=5 * found.coefficient_sds["guess"])
    assert np.mean(correlations, axis=0) == pytest.approx([0.96, 0.65], abs=0.06)
    assert (np.mean(inside, axis=0) > 0.9).all()


def test_plain_maximum_likelihood_says_that_these_answers_are_too_few() -> None:
    answers, *_ = sparse(1)
    found = calibrate(answers, "2pl", standard_errors="none")
    said = " ".join(map(str, found.problems))
    assert found.items.slopes.max() > 5
    assert "its slope ran away" in said
    assert "--prior estimated" in said


def test_many_answers_outweigh_the_prior() -> None:
    rng = np.random.default_rng(2)
    a, b, theta = rng.lognormal(0, 0.3, 12), rng.normal(0, 1, 12), rng.normal(size=4000)
    answers = (rng.random((4000, 12)) < 1 / (1 + np.exp(-a * (theta[:, None] - b)))).astype(int)
    with_priors, plain = calibrate_with_priors(answers), calibrate(answers, "2pl")
    assert with_priors.items.difficulties[:, 0] == pytest.approx(plain.items.difficulties[:, 0], abs=0.05)
    assert with_priors.items.slopes == pytest.approx(plain.items.slopes, rel=0.08)
    assert with_priors.difficulty_sd == pytest.approx(plain.difficulty_errors[:, 0], rel=0.25)
    assert (with_priors.from_data[:, 1] > 0.98).all()


def test_an_item_nobody_answered_leans_on_the_features_alone() -> None:
    answers, _, _, guesses = sparse(3)
    answers[:, 7] = -1
    found = calibrate_with_priors(
        answers, features={"guess": guesses}, item_names=[f"q{j}" for j in range(100)]
    )
    said = found.coefficients["constant"] + found.coefficients["guess"] * guesses[7]
    assert found.items.difficulties[7, 0] == pytest.approx(said, abs=0.02)
    assert found.from_data[7].tolist() == [0, 0]
    assert found.difficulty_sd[7] == pytest.approx(found.difficulty_spread, rel=0.05)
    assert "1 items: nobody answered them" in " ".join(map(str, found.problems))


def test_a_reversed_key_is_named_by_either_calibration() -> None:
    rng = np.random.default_rng(4)
    theta = rng.normal(size=800)
    answers = (
        rng.random((800, 10)) < 1 / (1 + np.exp(-1.2 * (theta[:, None] - rng.normal(0, 1, 10))))
    ).astype(int)
    answers[:, 3] = 1 - answers[:, 3]
    names = [f"q{j}" for j in range(10)]
    for found in (
        calibrate(answers, "2pl", item_names=names),
        calibrate_with_priors(answers, item_names=names),
    ):
        assert [p.where for p in found.problems if "its key" in p.treatment or "its key" in p.found] == [
            "item q3"
        ]


def test_stated_priors_and_fixed_parameters_are_kept() -> None:
    answers, *_ = sparse(5, items=30, people=120)
    found = calibrate_with_priors(
        answers, prior=Prior(slope=(0.1, 0.2), difficulty=(0.0, 1.0)), fixed_guessing=0.25
    )
    assert found.slope_population == (0.1, 0.2)
    assert found.difficulty_spread == 1.0
    assert found.items.guessing == pytest.approx(np.full(30, 0.25))
    one = calibrate_with_priors(answers, fixed_slope=1.0)
    assert one.items.slopes == pytest.approx(np.ones(30))
    assert np.isnan(one.slope_sd).all()
    free = calibrate_with_priors(answers, fixed_guessing=None)
    assert ((free.items.guessing > 0.05) & (free.items.guessing < 0.5)).all()


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ({"features": {"x": [1, 2]}}, "one number for each of 30 items"),
        ({"fixed_guessing": 1.5}, "fixed guessing: found 1.5"),
    ],
)
def test_what_does_not_fit_the_items_is_refused(more: dict[str, object], says: str) -> None:
    answers, *_ = sparse(5, items=30, people=40)
    with pytest.raises(HierarchicalError, match=says):
        calibrate_with_priors(answers, **more)  # type: ignore[arg-type]


def _table(path: Path, answers: np.ndarray) -> tuple[str, ...]:
    names = tuple(f"q{j}" for j in range(answers.shape[1]))
    rows = [",".join("" if v < 0 else str(v) for v in row) for row in answers]
    path.write_text("\n".join([",".join(names), *rows]))
    return names


def test_the_command_prints_what_score_reads(tmp_path: Path) -> None:
    answers, _, _, guesses = sparse(6, items=40, people=150)
    names = _table(tmp_path / "answers.csv", answers)
    rows = [
        f"{name},{guess},{'easy' if guess < 0 else 'hard'}"
        for name, guess in zip(names, guesses, strict=True)
    ]
    (tmp_path / "features.csv").write_text("\n".join(["item,guess,level", *rows]))
    call = [
        str(tmp_path / "answers.csv"),
        "--prior",
        "estimated",
        "--features",
        str(tmp_path / "features.csv"),
    ]
    done = CliRunner().invoke(command, [*call, "--fixed", "guessing=0.25", "--json"])
    assert done.exit_code == 0, done.output
    document = json.loads(done.stdout)
    assert set(document["population"]["coefficients"]) == {"constant", "guess", "level=hard"} or set(
        document["population"]["coefficients"]
    ) == {"constant", "guess", "level=easy"}
    assert 0 < document["items"][0]["from_data"]["b"] < 1
    known = from_document(document)
    assert known.guessing[0] == pytest.approx(0.25)
    assert np.isfinite(score(answers, known).theta).all()
    shown = CliRunner().invoke(command, call)
    assert shown.exit_code == 0
    assert "from answers" in shown.output
    wrong = CliRunner().invoke(command, [call[0], "--prior", "slope=steep"])
    assert wrong.exit_code != 0
    assert "NAME=MEAN:SD" in wrong.output + (wrong.stderr or "")
