"""The sentences that belong to what engines name by a word: areas, levels, scenarios, sources, what to learn."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

LEVELS = {
    "": pgettext_lazy("level", "below every level"),
    "foundation": pgettext_lazy("level", "Foundation"),
    "practitioner": pgettext_lazy("level", "Practitioner"),
    "specialist": pgettext_lazy("level", "Specialist"),
    "trained": pgettext_lazy("level", "trained"),
    "counted": pgettext_lazy("level", "counted"),
}
CURRENCIES = {"million rupiah": _("million rupiah"), "cost units": _("places, each at the same cost")}
LEVEL_MEANS = {
    "foundation": _("uses AI with sense and notices when something is off"),
    "practitioner": _("works with AI daily and judges its results"),
    "specialist": _("designs, evaluates and answers for AI systems"),
}
AREAS = {
    "understanding": pgettext_lazy("area", "Understanding"),
    "working": pgettext_lazy("area", "Working with AI"),
    "building": pgettext_lazy("area", "Building"),
    "responsibility": pgettext_lazy("area", "Responsibility"),
}
LEARN = {
    ("understanding", "foundation"): _("What data, models and training are; why a model can be wrong and still sound sure."),
    ("understanding", "practitioner"): _("How to read error rates, samples and comparisons; when a high score means little."),
    ("understanding", "specialist"): _("How models generalise, where evaluations mislead, how to quantify uncertainty."),
    ("working", "foundation"): _("How to ask clearly, check an answer against its source, and keep private data out."),
    ("working", "practitioner"): _("How to bring AI into a work process, measure whether it helps, and plan for its errors."),
    ("working", "specialist"): _("How to choose, pilot and roll out AI across an organisation, with costs and risks weighed."),
    ("building", "foundation"): _("How to read short programs and tables, and what an input, an output and a test are."),
    ("building", "practitioner"): _("How to build a pipeline: split data, train, search documents, evaluate honestly."),
    ("building", "specialist"): _("How to run AI safely at scale: monitoring, attacks, drift, reproducible evaluation."),
    ("responsibility", "foundation"): _("Which rights people have over their data, and who answers for a decision."),
    ("responsibility", "practitioner"): _("How to find unfair outcomes, document a system, and keep a person in charge."),
    ("responsibility", "specialist"): _("How to assess impacts, set up oversight, and weigh competing notions of fairness."),
}  # fmt: skip


@dataclass(frozen=True)
class ScenarioWords:
    """A scenario for people: its title, who counts as a talent, and where its figures come from."""

    title: str | Promise
    definition: str | Promise
    sources: tuple[str | Promise, ...]


SCENARIOS = {
    "competence": ScenarioWords(
        _("Nine million who can do it"),
        _(
            "A talent is a person whose measured ability lies at or above the practitioner level. The foundation level "
            "is shown but does not count. People leave, and skills fade."
        ),
        (
            _("Target: 9 million by 2030 (ANTARA), applied here to competence and not to heads."),
            _("At the start: 9.3 million available in July 2025 (vibizmedia.com)."),
            _("Places: Digital Talent Scholarship, plan for 2025, with 37,000 basic, 28,000 middle and 5,000 advanced (podme.id)."),
            _("Arrivals: a supply of 100,000 to 200,000 a year (Moeldoko, 20 December 2023, voi.id)."),
            _("Specialist level: under 1 % have advanced skills (minister, 2022, ANTARA)."),
            _("Population by province: Kepmendagri 300.2.2-2138/2025."),
        ),
    ),
    "official-2015": ScenarioWords(
        _("The official arithmetic: 600,000 a year for fifteen years"),
        _(
            "Everybody who completes any digital training counts as a talent, forever. No ability is measured, nobody "
            "leaves, nobody forgets."
        ),
        (
            _("Target: President Joko Widodo, 9 million in 15 years, 600,000 a year (ANTARA); the figure goes back to McKinsey 2015 (Jakarta Globe, 9 March 2015)."),
            _("Population by province: Kepmendagri 300.2.2-2138/2025."),
        ),
    ),
    "revised-2025": ScenarioWords(
        _("The revised arithmetic: twelve million by 2030"),
        _(
            "Everybody the ministry counted as a digital talent in 2025, and everybody who completes a place after that. "
            "No ability is measured, nobody leaves, nobody forgets."
        ),
        (
            _("Target: human resources agency of the digital ministry, June 2025, a need of 12 million by 2030 (katadata.co.id)."),
            _("At the start: 9.3 million available in July 2025 (vibizmedia.com)."),
            _("Population by province: Kepmendagri 300.2.2-2138/2025."),
        ),
    ),
}  # fmt: skip
