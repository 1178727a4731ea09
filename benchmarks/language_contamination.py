"""Is a model that remembers the public items told from one that does not? Twenty of each, through the judge.

    python benchmarks/language_contamination.py [--seeds 20]

Models are played by chance, in this process: an honest one knows some questions, whichever way they are worded; a memoriser knows fewer, and
remembers half of the public items by their very prompt, and half of the canaries. They are asked a node's private items: the public ones
with other twins, and as many new ones.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import random
import tempfile
from pathlib import Path
from typing import Any

from lumbung.language.contamination import at_least, twin_gap
from lumbung.language.judge import ChoiceJudge
from lumbung.proving.catalogue import find_challenge
from lumbung.proving.run import list_cases

KNOWS, KNOWS_LESS, REMEMBERS = 0.6, 0.35, 0.5


def bahasa() -> Any:
    """Return the module that writes the items."""
    path = Path(__file__).with_name("language_bahasa.py")
    spec = importlib.util.spec_from_file_location("language_bahasa", path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class Model:
    """Answers by chance, the same way each time: what it knows and what it remembers come out of its seed."""

    def __init__(
        self, seed: int, truth: dict[str, tuple[str, str]], public: dict[str, str], *, memory: bool
    ) -> None:
        self.seed, self.truth, self.public, self.memory = seed, truth, public, memory

    def _chance(self, name: str) -> float:
        return random.Random(f"{self.seed} {name}").random()

    def solve(self, problem: dict[str, Any]) -> list[str]:
        """Return an option for each item."""
        return [self._answer(item) for item in problem["items"]]

    def _answer(self, item: dict[str, Any]) -> str:
        family, right = self.truth[item["id"]]
        remembered = self.public.get(item["prompt"]) if self.memory else None
        if remembered is not None and self._chance("memory " + item["prompt"]) < REMEMBERS:
            return remembered
        if family != "canary" and self._chance("knows " + family) < (KNOWS_LESS if self.memory else KNOWS):
            return right
        return random.Random(f"{self.seed} guess {item['id']}").choice(item["options"])


def figures(seeds: int) -> list[tuple[int, bool, Any, float, float]]:
    """Return for each seed and kind of model: its twin gap, the chance of its canaries, its accuracy."""
    judge, challenge, source = ChoiceJudge(), find_challenge("bahasa"), bahasa()
    found = []
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        made = [
            *source.items(source.PUBLIC_SEED, private=True),
            *source.items(1, private=True),
            *source.canaries(source.PUBLIC_SEED),
        ]
        (folder / "items.jsonl").write_text(
            "".join(json.dumps(item) + "\n" for item in made), encoding="utf-8"
        )
        effective, _, cases = list_cases(challenge, folder)
        options = effective.challenge.options
        read = judge.read(options)
        truth = {
            item["id"]: ("canary" if item["canary"] else item["twin"] or item["id"], item["target"])
            for item in made
        }
        lines = (challenge.folder / "items.jsonl").read_text(encoding="utf-8").splitlines()
        public = {judge.question(read, item)["prompt"]: item["target"] for item in map(json.loads, lines)}
        for seed in range(seeds):
            for memory in (False, True):
                model = Model(seed, truth, public, memory=memory)
                scores = [judge.play(case, model, options).metrics for case in cases]  # type: ignore[arg-type]
                total = {
                    name: round(sum(score[name] for score in scores))
                    for name in ("pairs", "first_only", "twin_only", "canaries", "canaries_known")
                }
                gap = twin_gap(total["pairs"], total["first_only"], total["twin_only"])
                canary = at_least(total["canaries_known"], total["canaries"], 0.25)
                found.append(
                    (seed, memory, gap, canary, sum(score["accuracy"] for score in scores) / len(scores))
                )
    return found


def main() -> None:
    arguments = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    arguments.add_argument("--seeds", type=int, default=20)
    seeds = arguments.parse_args().seeds
    found = figures(seeds)
    for memory in (False, True):
        mine = [row for row in found if row[1] == memory]
        gaps = [row[2] for row in mine]
        print(
            f"{'memoriser' if memory else 'honest   '}  flagged {sum(gap.flagged for gap in gaps)} of {seeds} (p < 0.01);  "
            f"gap {min(g.gap for g in gaps):+.3f} … {max(g.gap for g in gaps):+.3f};  p {min(g.p for g in gaps):.2g} … {max(g.p for g in gaps):.2g};  "
            f"canaries flagged {sum(row[3] < 0.01 for row in mine)};  accuracy {sum(row[4] for row in mine) / seeds:.3f}"
        )


if __name__ == "__main__":
    main()
