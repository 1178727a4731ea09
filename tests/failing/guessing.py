"""A judge that works: guess a number. Each judge of the shelf is this one with one thing broken."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, ClassVar

from lumbung.proving.case import Case, CaseScore, make_case, score_case
from lumbung.proving.challenge import Challenge, ChallengeError
from lumbung.proving.faults import SubmissionFault
from lumbung.proving.judge import Picture, ScoredRun, Solution
from lumbung.proving.text import Text

SVG = '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><circle cx="4" cy="4" r="3"/></svg>'


class Guessing:
    """Asks for a number and measures how far it is from the case's own."""

    name = "failing.guessing"
    version = 1
    metrics: ClassVar[dict[str, Text]] = {
        "miss": Text("distance to the number", "jarak ke bilangan", "与目标数的距离"),
        "square": Text("squared distance", "kuadrat jarak", "距离的平方"),
    }

    def __init_subclass__(cls) -> None:
        cls.name = "failing." + cls.__module__.rpartition(".")[2]

    def check_options(self, options: dict[str, Any]) -> dict[str, Any]:
        for name in options:
            raise ChallengeError(f"options.{name}", "an unknown option", "none: this judge has no options")
        return {}

    def cases(self, challenge: Challenge, folder: Path) -> Sequence[Case]:
        return [make_case(f"number/{seed}", "number", seed, {"target": 3.0 + seed}) for seed in range(2)]

    def play(self, case: Case, solution: Solution, options: dict[str, Any]) -> CaseScore:
        return score_case(case, self.measured(case, solution), "guessing 1.0")

    def measured(self, case: Case, solution: Solution) -> dict[str, Any]:
        answer = solution.solve({"least": 0, "most": 10})
        guess = answer.get("guess") if isinstance(answer, dict) else None
        if type(guess) not in (int, float):
            raise SubmissionFault("wrong_format", where="guess", found=repr(guess)[:40], expected="a number")
        miss = abs(float(guess) - case.inputs["target"])
        return {"miss": miss, "square": miss * miss}

    def pictures(self, runs: Sequence[ScoredRun]) -> Sequence[Picture]:
        return [Picture(Text("A dot", "Satu titik", "一个点"), SVG)]
