"""The shipped book proves itself, answers at its boundaries to the rupiah, and keeps each rule to its own days."""

import copy
import json
from datetime import date, timedelta
from decimal import Decimal

import pytest

from lumbung.cooperation.rules.answer import ask
from lumbung.cooperation.rules.changes import changes_between
from lumbung.cooperation.rules.decision import InexactAmount
from lumbung.cooperation.rules.egress import advise_egress
from lumbung.cooperation.rules.export import answers_as_data, book_as_data
from lumbung.cooperation.rules.printing import NOT_ADVICE, change_lines, sheet
from lumbung.cooperation.rules.questionnaire import next_question
from lumbung.cooperation.rules.rulebook import (
    SHIPPED,
    BadFact,
    IncompleteRule,
    Rulebook,
    _ExactLoader,
    read_rule,
    shipped_book,
)
from lumbung.proving.text import LANGUAGES

BOOK = shipped_book()
KEK = {"in_kek": True, "kek_main_activity": True, "kek_allowance_taken": False}
PIONEER = {"indonesian_company": True, "pioneer_industry": True, "new_investment": True}
VOUCHER = {
    "nanning_legal_person": True,
    "clean_record": True,
    "listed_provider": True,
    "ai_compute_used": True,
    "other_city_funding": False,
}
BILLION, TRILLION = 10**9, 10**12


def one(rule, facts, on):
    """The answer of one rule, or None where it is not in force."""
    found = [each for each in ask(BOOK, facts, on) if each.rule.id == rule]
    return found[0] if found else None


def amounts(answer):
    return {granted.result.id: granted.value for granted in answer.granted}


def raw_rules():
    for path in sorted(SHIPPED.glob("*.yaml")):
        if path.name != "facts.yaml":
            for entry in _ExactLoader(path.read_text()).get_single_data():
                yield path.name, entry


def test_nanning_voucher_to_the_cent(reference):
    """The worked example the city published: 305/729 x 20 wan = 8.3676 wan, voucher 2.5102 wan."""
    published = json.loads(reference("cooperation/nanning_compute_voucher_example.json").read_text())
    facts = VOUCHER | {
        "settled_fee": published["given"]["settled_cny"],
        "contract_start": published["given"]["contract"][0],
        "contract_end": published["given"]["contract"][1],
    }
    answer = one("nanning-compute-voucher-2025", facts, date(2026, 1, 10))
    assert answer.state == "entitled"
    wan = Decimal(10_000)
    assert amounts(answer)["base"] == Decimal(str(published["base_wan"])) * wan
    assert amounts(answer)["voucher"] == Decimal(str(published["voucher_wan"])) * wan == Decimal("25102.00")


@pytest.mark.parametrize(
    ("investment", "years"),
    [
        (100 * BILLION - 1, None),
        (100 * BILLION, 10),
        (500 * BILLION - 1, 10),
        (500 * BILLION, 15),
        (TRILLION - 1, 15),
        (TRILLION, 20),
        (10**18, 20),
    ],
)
def test_kek_brackets_at_their_boundaries(investment, years):
    answer = one("id-kek-holiday", KEK | {"investment": investment}, date(2026, 11, 24))
    assert (answer.state == "entitled") is (years is not None)
    if years is not None:
        assert amounts(answer) == {"years_full": years, "years_half": 2}


@pytest.mark.parametrize(
    ("investment", "full", "mini"),
    [
        (100 * BILLION - 1, None, False),
        (100 * BILLION, None, True),
        (500 * BILLION - 1, None, True),
        (500 * BILLION, 5, False),
        (TRILLION - 1, 5, False),
        (TRILLION, 7, False),
        (5 * TRILLION - 1, 7, False),
        (5 * TRILLION, 10, False),
        (15 * TRILLION - 1, 10, False),
        (15 * TRILLION, 15, False),
        (30 * TRILLION - 1, 15, False),
        (30 * TRILLION, 20, False),
    ],
)
def test_holiday_brackets_at_their_boundaries(investment, full, mini):
    day, facts = date(2025, 12, 31), PIONEER | {"investment": investment}
    holiday, small = one("id-holiday-2020", facts, day), one("id-holiday-mini-2020", facts, day)
    assert (holiday.state == "entitled") is (full is not None)
    assert (small.state == "entitled") is mini
    if full is not None:
        assert amounts(holiday)["years_full"] == full
    if mini:
        assert amounts(small) == {"years_half": 5, "years_quarter": 2}


def test_never_both_the_holiday_and_the_allowance_of_a_zone():
    facts = KEK | {"investment": 200 * BILLION, "kek_holiday_taken": True}
    assert one("id-kek-allowance", facts, date(2026, 1, 1)).state == "refused"
    facts = {
        "in_kek": True,
        "kek_main_activity": True,
        "investment": 200 * BILLION,
        "kek_allowance_taken": True,
    }
    assert one("id-kek-holiday", facts, date(2026, 1, 1)).state == "refused"


def test_the_repealed_regulation_answers_for_its_own_days_only():
    facts = {
        "indonesian_company": True,
        "rnd_in_indonesia": True,
        "rnd_cost": BILLION,
        "patent_home": True,
        "patent_abroad": False,
        "commercialised": False,
        "with_public_research": False,
        "taxable_income": 10 * BILLION,
    }
    first, last = date(2020, 10, 9), date(2024, 12, 31)
    assert one("id-rnd-deduction-2020", facts, first - timedelta(1)) is None
    assert one("id-rnd-deduction-2020", facts, first).state == "entitled"
    assert one("id-rnd-deduction-2020", facts, last).state == "entitled"
    assert one("id-rnd-deduction-2020", facts, last + timedelta(1)) is None
    successor = one("id-rnd-deduction-2025", facts, last + timedelta(1))
    assert successor.state == "unconfirmed"
    assert successor.granted == ()


def test_extra_research_deduction_adds_up():
    facts = {"indonesian_company": True, "rnd_in_indonesia": True, "rnd_cost": 1000, "taxable_income": 10**9}
    rates = {"patent_home": 50, "patent_abroad": 25, "commercialised": 100, "with_public_research": 25}
    for chosen in range(16):
        flags = {name: bool(chosen >> place & 1) for place, name in enumerate(rates)}
        expected = sum(rates[name] for name, on in flags.items() if on)
        if flags["patent_abroad"] and not flags["patent_home"]:
            expected -= 25
        answer = one("id-rnd-deduction-2020", facts | flags, date(2022, 1, 1))
        assert amounts(answer)["extra"] == expected * 10


def test_unconfirmed_rules_compute_nothing():
    unconfirmed = [rule for rule in BOOK if rule.status == "unconfirmed"]
    assert unconfirmed
    for rule in unconfirmed:
        assert not rule.results
        assert one(rule.id, {}, rule.valid.first).state == "unconfirmed"


@pytest.mark.parametrize(
    "field", ["article", "sources", "valid", "examples", "title", "status", "jurisdiction"]
)
def test_a_rule_without_what_every_rule_needs_is_refused(field):
    facts = list(BOOK.facts.values())
    for name, entry in raw_rules():
        crippled = copy.deepcopy(entry)
        del crippled[field]
        with pytest.raises(IncompleteRule, match=field):
            read_rule(crippled, facts, name)


def broken(change):
    name, entry = next((n, e) for n, e in raw_rules() if e["id"] == "id-kek-holiday")
    entry = copy.deepcopy(entry)
    change(entry)
    return read_rule(entry, list(BOOK.facts.values()), name)


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (lambda e: e["examples"][0]["gives"].update(years_full=11), "the rule gives 10"),
        (lambda e: e["examples"][0].update(entitled=False), "expects entitled=False"),
        (lambda e: e["title"].update(zh=" "), "empty in zh"),
        (lambda e: e["title"].pop("id"), "must be given in"),
        (lambda e: e["conditions"][0].update(when="in_keks"), "is no fact"),
        (lambda e: e["conditions"][0].update(when="investment"), "yields a number"),
        (lambda e: e.update(status="unconfirmed"), "may not compute"),
        (lambda e: e.update(status="superseded"), "superseded"),
        (lambda e: e["valid"].update(until=date(2020, 1, 1)), "before it begins"),
        (lambda e: e.update(colour="red"), "nobody reads"),
        (lambda e: e["sources"][0].pop("seen"), "source needs"),
        (lambda e: e["tables"].update(full_years=[0, [5, 1], [5, 2]]), "rising bounds"),
        (lambda e: e["gives"][0].update(formula="in_kek"), "numbers or words"),
    ],
)
def test_a_rule_that_contradicts_itself_is_refused(change, problem):
    with pytest.raises(IncompleteRule, match=problem):
        broken(change)


def test_an_amount_without_finite_decimals_asks_for_a_rounding():
    def third(entry):
        entry["gives"] = [dict(entry["gives"][0], formula="investment / 3")]
        entry["examples"] = [e | {"gives": {"years_full": 1}} for e in entry["examples"][:1]]

    with pytest.raises(InexactAmount, match="add `round"):
        broken(third)


@pytest.mark.parametrize("value", [1e11, True, "a lot", "1/0"])
def test_facts_of_the_wrong_kind_are_refused_by_name(value):
    with pytest.raises(BadFact, match="investment"):
        ask(BOOK, {"investment": value}, date(2026, 1, 1))


def test_texts_are_understood_as_facts():
    facts = BOOK.checked_facts(
        {"investment": "100_000_000_000", "in_kek": "ya", "contract_start": "2025-03-01", "data_home": "ID"}
    )
    assert facts == {
        "investment": 100 * BILLION,
        "in_kek": True,
        "contract_start": date(2025, 3, 1),
        "data_home": "ID",
    }
    with pytest.raises(BadFact, match="expected one of ID, CN, other"):
        BOOK.checked_facts({"data_home": "Mars"})


def test_missing_facts_are_named_and_a_refusal_needs_no_more():
    answer = one("id-kek-holiday", {"in_kek": True, "investment": 100 * BILLION}, date(2026, 1, 1))
    assert answer.state == "open"
    assert set(answer.missing) == {"kek_main_activity", "kek_allowance_taken"}
    assert one("id-kek-holiday", {"in_kek": False}, date(2026, 1, 1)).state == "refused"


def test_questionnaire_ends_and_asks_nothing_in_vain():
    facts, asked = {}, []
    replies = {"number": 600 * BILLION, "flag": True, "date": date(2025, 6, 1)}
    while (fact := next_question(BOOK, facts, date(2025, 6, 1), "ID", "incentive")) is not None:
        assert fact.id not in asked
        asked.append(fact.id)
        facts[fact.id] = replies[fact.kind]
    answers = ask(BOOK, facts, date(2025, 6, 1), "ID", "incentive")
    assert all(each.state != "open" for each in answers)
    used = set().union(
        *(rule.needs for rule in BOOK.in_force(date(2025, 6, 1), "ID") if rule.sort == "incentive")
    )
    assert set(asked) <= used


def test_rules_of_the_country_reach_the_city_and_not_the_other_way():
    city = {rule.jurisdiction for rule in BOOK.in_force(date(2025, 6, 1), "CN-GX-NNG")}
    assert city == {"CN", "CN-GX-NNG"}
    assert {rule.jurisdiction for rule in BOOK.in_force(date(2025, 6, 1), "ID")} == {"ID", "ASEAN"}


def test_changes_between_two_days():
    changes = changes_between(BOOK, date(2024, 12, 31), date(2026, 1, 1), place="ID")
    turns = {change.rule.id: (change.turn, change.day) for change in changes}
    assert turns["id-rnd-deduction-2020"] == ("replaced", date(2025, 1, 1))
    assert turns["id-vocational-2019"] == ("unconfirmed", date(2025, 1, 1))
    assert turns["id-holiday-2020"] == ("replaced", date(2026, 1, 1))
    assert "id-kek-holiday" not in turns
    with pytest.raises(ValueError, match="swap them"):
        changes_between(BOOK, date(2026, 1, 1), date(2025, 1, 1))


def test_changes_for_a_company_show_the_answers_of_both_days():
    facts = VOUCHER | {"settled_fee": 200_000, "contract_start": "2025-01-01", "contract_end": "2026-12-31"}
    (change,) = (
        change
        for change in changes_between(BOOK, date(2026, 1, 3), date(2026, 1, 4), facts, "CN-GX-NNG")
        if change.turn == "answer-changed"
    )
    assert (change.before.window, change.after.window) == ("not-yet", "open")
    for language in LANGUAGES:
        assert "25" in "\n".join(change_lines(change, BOOK, language))


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_sheet_says_once_that_it_is_no_advice(language):
    day = date(2025, 6, 1)
    text = sheet(ask(BOOK, {"investment": 500 * BILLION}, day, "ID"), BOOK, day, "ID", language)
    assert text.count(NOT_ADVICE.in_language(language)) == 1
    for rule in BOOK.in_force(day, "ID"):
        assert rule.title.in_language(language) in text
        assert rule.article.in_language(language) in text


@pytest.mark.parametrize("language", LANGUAGES)
def test_of_two_that_exclude_each_other_one_must_be_chosen(language):
    facts = KEK | {"investment": 100 * BILLION, "kek_holiday_taken": False}
    day = date(2026, 1, 1)
    text = sheet(ask(BOOK, facts, day, "ID", "incentive"), BOOK, day, "ID", language)
    assert text.count({"en": "choose one", "id": "pilih salah satu", "zh": "只能择一"}[language]) == 2


def test_json_export_is_whole_and_holds_no_float():
    def no_float(value):
        assert not isinstance(value, float)
        for part in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
            no_float(part)

    data = json.loads(json.dumps(book_as_data(BOOK)))
    no_float(data)
    assert [rule["id"] for rule in data["rules"]] == list(BOOK.rules)
    answers = answers_as_data(ask(BOOK, KEK | {"investment": TRILLION}, date(2026, 1, 1), "ID"))
    (kek,) = (each for each in json.loads(json.dumps(answers)) if each["rule"] == "id-kek-holiday")
    assert kek["granted"]["years_full"] == {"value": "20", "unit": "years", "ceiling": False}


@pytest.mark.parametrize(
    ("facts", "egress", "ground"),
    [
        ({}, "scores-only", None),
        ({"data_home": "ID", "personal_data": True, "leaves_country": False}, "scores-only", None),
        (
            {
                "data_home": "ID",
                "personal_data": True,
                "leaves_country": True,
                "equal_protection": False,
                "binding_safeguards": True,
                "recipient_in_asean": False,
            },
            "data-allowed",
            "id-pdp-transfer",
        ),
        (
            {
                "data_home": "CN",
                "personal_data": True,
                "leaves_country": True,
                "critical_operator": False,
                "sensitive_data": False,
                "important_data": False,
                "people_since_january": 99_999,
            },
            "data-allowed",
            "cn-cac16-small",
        ),
        (
            {
                "data_home": "CN",
                "personal_data": True,
                "leaves_country": True,
                "important_data": False,
                "critical_operator": False,
                "sensitive_data": False,
                "people_since_january": 100_000,
                "security_assessment": False,
                "data_certification": False,
                "standard_contract": False,
            },
            "scores-only",
            None,
        ),
    ],
)
def test_egress_advice(facts, egress, ground):
    advice = advise_egress(BOOK, facts, date(2026, 11, 24))
    assert advice.egress == egress
    grounds = [each.rule.id for each in advice.grounds]
    assert grounds == ([ground] if ground else [])
    for language in LANGUAGES:
        assert advice.says(language)


def test_names_are_checked_across_rules():
    rules = [rule for rule in BOOK if rule.id != "id-rnd-deduction-2025"]
    book = Rulebook(BOOK.facts.values(), rules)
    with pytest.raises(KeyError, match="there is no rule"):
        book.decider("id-rnd-deduction-2025")
