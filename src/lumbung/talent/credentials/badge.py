"""What a badge says: an Open Badges 3.0 credential that states a measurement together with its uncertainty.

Two kinds of measurement exist. An :class:`Ability` comes from a test: the estimate, its standard error and the 95 %
interval. A :class:`StandingResult` comes from evidence of the proving ground: the score with its interval, the range of
ranks, and the digests of the evidence it was computed from. Both use terms of Open Badges alone (``Result`` and
``ResultDescription``), so any Open Badges 3.0 reader can show them.

About the holder a badge holds what the holder chose to show and nothing else; by default that is a random identifier.
"""

from __future__ import annotations

import hashlib
import math
import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from lumbung.talent.credentials.contexts import OPEN_BADGES, VCDM2
from lumbung.talent.credentials.status import status_entry
from lumbung.talent.credentials.wording import LANGUAGES, LEVELS, WORDS

# The two-sided 95 % point of the normal distribution.
Z95 = 1.959964


class BadgeProblem(ValueError):
    """A measurement, issuer or holder that cannot be put on a badge; names the field and what was expected."""


@dataclass(frozen=True)
class Issuer:
    """The institution that stands behind a badge.

    Attributes
    ----------
    did : str
        ``did:web:…`` or ``did:key:…``.
    name : str
        As it should be shown.
    url : str, optional
        Its home page; achievements get addresses below it.
    """

    did: str
    name: str
    url: str | None = None

    def profile(self) -> dict[str, Any]:
        """The issuer as an Open Badges ``Profile``."""
        profile: dict[str, Any] = {"id": self.did, "type": ["Profile"], "name": self.name}
        if self.url:
            profile["url"] = self.url
        return profile


@dataclass(frozen=True)
class Holder:
    """What the holder chose to show; every field may stay empty.

    Attributes
    ----------
    did : str, optional
        The holder's own DID. Empty: the badge names a random identifier that means nothing elsewhere.
    name : str, optional
        A name in clear.
    email, salt : str, optional
        An e-mail address, put on the badge only as a salted SHA-256: whoever is told the address can check it, whoever
        is not cannot read it. The salt is required with it.
    """

    did: str | None = None
    name: str | None = None
    email: str | None = None
    salt: str | None = None


@dataclass(frozen=True)
class Ability:
    """A test result.

    Attributes
    ----------
    theta, standard_error : float
        Estimate and standard error on the logit scale of the bank (mean 0, standard deviation 1 in the group it was
        calibrated on).
    items : int
        Items answered.
    language : str
        Language of the test: en, id or zh.
    test : str
        Name and version of the test, e.g. ``ai-capability/1``.
    taken_on : date
        Day of the test.
    proctored : bool
        Whether somebody watched.
    site : str, optional
        Where: the name of the place whose proctor confirmed the sitting.
    level, level_probability : str and float, optional
        A level (foundation, practitioner, specialist) and the probability that the true ability lies in or above it.
    """

    theta: float
    standard_error: float
    items: int
    language: str
    test: str
    taken_on: date
    proctored: bool = False
    site: str | None = None
    level: str | None = None
    level_probability: float | None = None


@dataclass(frozen=True)
class StandingResult:
    """A standing in a challenge, computed from evidence.

    Attributes
    ----------
    challenge, title : str
        Id with version, and the title in the badge's language.
    score, low, high : float
        Mean score and its 95 % confidence interval.
    unit : str
        What the score counts, in the badge's language; may be empty.
    rank_low, rank_high, solutions : int
        The range of ranks the solution may hold, and how many were compared.
    cases : int
        Cases judged.
    evidence : tuple of str
        SHA-256 digests (hex) of the evidence envelopes.
    decided_on : date
        Day of the standing.
    """

    challenge: str
    title: str
    score: float
    low: float
    high: float
    unit: str
    rank_low: int
    rank_high: int
    solutions: int
    cases: int
    evidence: tuple[str, ...]
    decided_on: date


def decimal(value: float, places: int = 2) -> str:
    """Write a number with so many decimals for machines; never ``-0.00``."""
    text = f"{value:.{places}f}"
    return text.removeprefix("-") if float(text) == 0 else text


def places_for(reach: float) -> int:
    """Decimals that show two significant digits of an interval's reach; at least two, at most twelve."""
    return min(max(2, 1 - math.floor(math.log10(reach))), 12) if reach > 0 else 2


def localized(number: str, language: str) -> str:
    """A machine-written number as a person of that language writes it: a decimal comma in Indonesian."""
    return number.replace(".", ",") if language == "id" else number


def chance_shown(probability: float) -> str:
    """A probability in per cent; never 0 or 100, since no measurement makes certain."""
    if probability > 0.99:
        return "> 99"
    return "< 1" if probability < 0.01 else f"{100 * probability:.0f}"


def achievement_address(issuer: Issuer, name: str) -> str:
    """An address for an achievement: below the issuer's page, else a name-based urn:uuid that never changes."""
    if issuer.url:
        return f"{issuer.url.rstrip('/')}/achievements/{name}"
    return f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, f'{issuer.did}/achievements/{name}')}"


def check_measurement(measured: Ability | StandingResult) -> None:
    """Refuse a measurement that cannot be true.

    Raises
    ------
    BadgeProblem
        Names the field, what was found and what was expected.
    """
    wrong = _wrong_in_ability(measured) if isinstance(measured, Ability) else _wrong_in_standing(measured)
    if wrong:
        field, expected = wrong
        found = getattr(measured, field, None)
        raise BadgeProblem(f"{field}: found {found!r}, expected {expected}")


def _wrong_in_ability(measured: Ability) -> tuple[str, str] | None:
    probability = measured.level_probability
    if not -10 <= measured.theta <= 10:
        return "theta", "an ability between -10 and 10"
    if not 0 < measured.standard_error <= 10:
        return "standard_error", "a number above 0"
    if measured.items <= 0:
        return "items", "at least one answered item"
    if measured.language not in LANGUAGES:
        return "language", "en, id or zh"
    if measured.site is not None and not (measured.proctored and measured.site.strip()):
        return "site", "a site of a supervised sitting only"
    if measured.level is not None and measured.level not in LEVELS:
        return "level", f"one of {', '.join(LEVELS)}"
    if (probability is None) != (measured.level is None):
        return "level_probability", "a level and its probability together, or neither"
    if probability is not None and not 0 <= probability <= 1:
        return "level_probability", "a probability"
    return None


def _wrong_in_standing(measured: StandingResult) -> tuple[str, str] | None:
    if not measured.low <= measured.score <= measured.high:
        return "score", "a score inside its interval"
    if not 1 <= measured.rank_low <= measured.rank_high <= measured.solutions:
        return "rank_low", f"ranks that rise, from 1 to {measured.solutions}"
    if measured.cases <= 0:
        return "cases", "at least one judged case"
    if not measured.evidence or not all(re.fullmatch("[0-9a-f]{64}", digest) for digest in measured.evidence):
        return "evidence", "SHA-256 digests in hex"
    return None


def fields_of(measured: Ability | StandingResult, language: str) -> dict[str, str]:
    """Write the numbers of a measurement as the texts that go on the badge.

    The keys ending in ``_shown`` are for sentences in the badge's language, the others for machines.
    """
    places = 2
    if isinstance(measured, Ability):
        reach = Z95 * measured.standard_error
        numbers = {
            "ability": measured.theta,
            "error": measured.standard_error,
            "low": measured.theta - reach,
            "high": measured.theta + reach,
        }
        fields = {"items": str(measured.items), "day": measured.taken_on.isoformat()}
        if measured.level_probability is not None:
            fields["probability"] = f"{min(max(measured.level_probability, 0.01), 0.99):.2f}"
            fields["probability_shown"] = chance_shown(measured.level_probability)
    else:
        numbers = {"score": measured.score, "low": measured.low, "high": measured.high}
        places = places_for((measured.high - measured.low) / 2)
        fields = {
            "rank_low": str(measured.rank_low),
            "rank_high": str(measured.rank_high),
            "solutions": str(measured.solutions),
            "cases": str(measured.cases),
            "day": measured.decided_on.isoformat(),
        }
    for name, number in numbers.items():
        fields[name] = text = decimal(number, places)
        fields[name + "_shown"] = localized(text, language)
    return fields


def badge_document(
    measured: Ability | StandingResult,
    fields: Mapping[str, str],
    *,
    issuer: Issuer,
    subject: str,
    holder: Holder,
    language: str,
    identifier: str,
    valid_from: str,
    valid_until: str | None = None,
    status: tuple[str, str] | None = None,
) -> dict[str, Any]:
    """Lay out the unsigned credential.

    ``measured`` decides the shape (which results, which words), ``fields`` holds every text that differs between two
    badges of one shape; :mod:`~lumbung.talent.credentials.mint` relies on that.
    """
    words = WORDS[language]
    achievement, results, narrative = _described(measured, fields, issuer, language)
    subject_object: dict[str, Any] = {
        "id": subject,
        "type": ["AchievementSubject"],
        "achievement": achievement,
    }
    identifiers = _identifiers(holder)
    if identifiers:
        subject_object["identifier"] = identifiers
    subject_object["result"] = results
    subject_object["narrative"] = narrative
    document: dict[str, Any] = {
        "@context": [VCDM2, OPEN_BADGES],
        "id": identifier,
        "type": ["VerifiableCredential", "OpenBadgeCredential"],
        "name": achievement["name"],
        "description": words["badge_description"],
        "issuer": issuer.profile(),
        "validFrom": valid_from,
        "credentialSubject": subject_object,
    }
    if valid_until is not None:
        document["validUntil"] = valid_until
    if isinstance(measured, StandingResult):
        document["evidence"] = [
            {"id": f"urn:sha256:{digest}", "type": ["Evidence"], "name": words["evidence"]}
            for digest in measured.evidence
        ]
    if status is not None:
        document["credentialStatus"] = {**status_entry(status[0], 0), "id": f"{status[0]}#{status[1]}"}
        document["credentialStatus"]["statusListIndex"] = status[1]
    return document


def ability_achievement(issuer: Issuer, test: str, level: str | None, language: str) -> dict[str, Any]:
    """What a badge over a test names as achieved, for the address it gives: the same for everybody who reached it."""
    anybody = Ability(
        0.0, 1.0, 1, language, test, date(2000, 1, 1), level=level, level_probability=0.9 if level else None
    )
    return _described(anybody, fields_of(anybody, language), issuer, language)[0]


def _identifiers(holder: Holder) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    if holder.name:
        found.append(
            {"type": "IdentityObject", "hashed": False, "identityHash": holder.name, "identityType": "name"}
        )
    if holder.email:
        if not holder.salt:
            raise BadgeProblem("salt: an e-mail address goes on a badge only hashed, and that needs a salt")
        found.append(
            {
                "type": "IdentityObject",
                "hashed": True,
                "identityHash": hash_identity(holder.email, holder.salt),
                "identityType": "emailAddress",
                "salt": holder.salt,
            }
        )
    return found


def hash_identity(identity: str, salt: str) -> str:
    """Hash an identity as Open Badges 3.0 asks (``IdentityHash``): ``sha256$`` and SHA-256 of identity and salt."""
    return "sha256$" + hashlib.sha256((identity + salt).encode()).hexdigest()


def _watched(measured: Ability, words: Mapping[str, Any]) -> str:
    if measured.site:
        return str(words["watched_at"].format(site=measured.site))
    return str(words["watched" if measured.proctored else "not_watched"])


# Where the whole test belongs in public frameworks; items name their competences one by one (docs/talent/bank.md).
_FRAMEWORKS = (
    (
        "DigComp",
        "Digital Competence Framework for Citizens 2.2",
        "https://joint-research-centre.ec.europa.eu/digcomp_en",
    ),
    ("AILit", "AI Literacy Framework (OECD, European Commission)", "https://ailiteracyframework.org/"),
)


def _linked(address: str, issuer: Issuer, measured: Ability | StandingResult) -> dict[str, Any]:
    """What an achievement points at: its picture, where the issuer publishes one, and the frameworks it belongs to."""
    found: dict[str, Any] = {}
    if issuer.url:
        found["image"] = {"id": f"{address}/picture.svg", "type": "Image"}
    if isinstance(measured, Ability):
        found["alignment"] = [
            {"type": ["Alignment"], "targetName": name, "targetFramework": framework, "targetUrl": url}
            for name, framework, url in _FRAMEWORKS
        ]
    return found


def _described(
    measured: Ability | StandingResult, fields: Mapping[str, str], issuer: Issuer, language: str
) -> tuple[dict[str, Any], list[dict[str, Any]], str]:
    words = WORDS[language]
    if isinstance(measured, Ability):
        address = achievement_address(issuer, f"{measured.test}/{measured.level or 'ability'}/{language}")
        name = words["ability_name"]
        if measured.level:
            name += words["colon"] + words["levels"][measured.level]
        rows = [("ability", "ScaledScore"), ("error", "ext:StandardError"), ("low", "ext:IntervalLow")]
        rows += [("high", "ext:IntervalHigh"), ("items", "ext:ItemsAnswered")]
        narrative = words["ability_says"].format(
            **fields,
            language=words["languages"][measured.language],
            watched=_watched(measured, words),
        )
        if measured.level:
            rows.append(("probability", "ext:LevelProbability"))
            narrative += words["level_says"].format(**fields, level=words["levels"][measured.level])
        criteria, description = words["ability_criteria"], words["ability_description"]
    else:
        address = achievement_address(issuer, f"standing/{measured.challenge}/{language}")
        name = words["standing_name"].format(title=measured.title)
        rows = [("score", "RawScore"), ("low", "ext:IntervalLow"), ("high", "ext:IntervalHigh")]
        rows += [("rank_low", "ext:RankLow"), ("rank_high", "ext:RankHigh")]
        rows += [("solutions", "ext:SolutionsCompared"), ("cases", "ext:CasesJudged")]
        narrative = (
            words["standing_says"]
            .format(**fields, title=measured.title, unit=measured.unit)
            .replace("  ", " ")
        )
        criteria, description = words["standing_criteria"], words["standing_description"]
    achievement = {
        "id": address,
        "type": ["Achievement"],
        "achievementType": "Assessment",
        "name": name,
        "description": description,
        "criteria": {"narrative": criteria},
        "inLanguage": language,
        **(_linked(address, issuer, measured)),
        "resultDescription": [
            {
                "id": f"{address}#{row}",
                "type": ["ResultDescription"],
                "name": words["rows"][row],
                "resultType": kind,
            }
            for row, kind in rows
        ],
    }
    results = [
        {"type": ["Result"], "resultDescription": f"{address}#{row}", "value": fields[row]} for row, _ in rows
    ]
    return achievement, results, narrative
