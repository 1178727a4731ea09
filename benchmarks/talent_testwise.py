"""How far one gets in the test without knowing anything: by the look of the options.

    python benchmarks/talent_testwise.py

For the items with one right option of four, in each language: which rank the key's length has (chi-square against a
uniform one), how often a classifier finds the key that sees nothing but surfaces (lengths, ranks, punctuation, hedges,
absolute words, digits, overlap with the question), cross-validated by items, and what ability the test would give to
somebody who always takes the second longest option.
"""

from __future__ import annotations

import numpy as np

from lumbung.talent.adaptive.one_person import Items, follow
from lumbung.talent.adaptive.stopping import StoppingRule
from lumbung.talent.bank import load_bank
from lumbung.talent.bank.item import LANGUAGES
from lumbung.talent.bank.surface import classifier_hits, key_ranks, of_rank

RULE = StoppingRule(0.4, 12, 40)


def main() -> None:
    from scipy.stats import chisquare

    bank = load_bank()
    columns = bank.columns()
    items = Items.of_columns(columns)
    asked = [item for item in bank if item.kind == "choice"]
    print(f"{len(asked)} of {len(bank)} items have one right option of four")
    rng = np.random.default_rng(3)

    def ability(hit: dict[str, bool] | None, people: int = 80) -> float:
        """Mean ability the adaptive test gives: choices by the strategy (None: by lot), the rest by lot."""
        found = []
        for person in range(people):
            answers: list[tuple[str, float]] = []
            while True:
                at = follow(items, person, answers, RULE, candidates=10)
                if at.pending is None:
                    found.append(at.estimate.theta)
                    break
                name = at.pending
                lucky = rng.random() < (0.25 if name in choices else items.chance(name))
                answers.append((name, float(hit[name] if hit is not None and name in choices else lucky)))
        return float(np.mean(found))

    choices = {item.id for item in asked}
    by_lot = ability(None, 300)
    for language in LANGUAGES:
        ranks = key_ranks(asked, language)
        counts = np.bincount(ranks, minlength=4)
        hits = classifier_hits(asked, language)
        strategies = {
            name: of_rank(asked, language, rank)
            for name, rank in (("longest", 3), ("second longest", 2), ("shortest", 0))
        }
        told = ", ".join(
            f"always {name} {ability(dict(zip([item.id for item in asked], hit.tolist(), strict=True))):+.2f} ({hit.mean():.0%})"
            for name, hit in strategies.items()
        )
        print(
            f"{language}: rank of the key's length, shortest to longest {counts.tolist()}, "
            f"chi-square p {chisquare(counts).pvalue:.3f}; classifier finds {hits.mean():.1%}"
        )
        print(f"    ability by lot {by_lot:+.2f}, {told}")


if __name__ == "__main__":
    main()
