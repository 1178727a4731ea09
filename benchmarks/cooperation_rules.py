"""Eligibility questions a second on one core: every worked example of every rule of the shipped book.

A question is one rule, one company's facts, one answer (entitled, with exact amounts; refused; or which fact is
missing). The slowest rule is printed too, and the time of the full, explained answer of a whole jurisdiction.

Run: ``python benchmarks/cooperation_rules.py``
"""

from __future__ import annotations

import time
from datetime import date

from lumbung.cooperation.rules.answer import ask
from lumbung.cooperation.rules.rulebook import shipped_book


def main() -> None:
    book = shipped_book()
    questions = [
        (rule.id, book.decider(rule.id), book.checked_facts(example.facts))
        for rule in book
        if rule.computes
        for example in rule.examples
    ]
    print(
        f"{len(book)} rules, {len(questions)} worked examples of rules that compute; CPU seconds of one process"
    )

    asked, start = 0, time.process_time()
    while time.process_time() - start < 2.0:
        for _, decide, facts in questions:
            decide(facts)
        asked += len(questions)
    rate = asked / (time.process_time() - start)
    print(f"all examples in turn:     {rate:10,.0f} questions/s   (figure asked for: 100,000)")

    slowest = min(((_rate(decide, facts), rule) for rule, decide, facts in questions))
    print(f"the slowest example:      {slowest[0]:10,.0f} questions/s   {slowest[1]}")

    facts = {"investment": 500_000_000_000, "in_kek": True, "kek_main_activity": True}
    count, start = 0, time.process_time()
    while time.process_time() - start < 1.0:
        ask(book, facts, date(2025, 6, 1), "ID")
        count += 1
    print(
        f"full answer of Indonesia: {count / (time.process_time() - start):10,.0f} sheets/s, with reasons and what is missing"
    )


def _rate(decide: object, facts: object) -> float:
    start = time.process_time()
    for _ in range(2000):
        decide(facts)  # type: ignore[operator]
    return 2000 / (time.process_time() - start)


if __name__ == "__main__":
    main()
