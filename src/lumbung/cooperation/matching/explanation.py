"""Why this partner: what fits, what is missing, what the evidence says, and why not the one ranked next.

Every sentence is built from what the ranking really used (concepts in both texts, constraints, proofs, margins), in
the language of the reader, whatever the languages of need and offer.
"""

from __future__ import annotations

import msgspec

from lumbung.cooperation.matching.candidates import Candidate, Pool
from lumbung.cooperation.matching.concepts import Lexicon, shipped_lexicon
from lumbung.cooperation.matching.listings import Proof
from lumbung.cooperation.matching.names import name_of
from lumbung.cooperation.sentences import colon, listed, said
from lumbung.proving.text import Language, Text

_CLEAR = 0.25
"""Standard deviations of margin below which two texts are called equally near."""

_BOTH_SPEAK = Text("both speak of {what}", "keduanya membahas {what}", "双方都涉及{what}")
_NEAR = Text(
    "the texts are near in meaning, though they share no term we know",
    "isi keduanya dekat, meskipun tidak ada istilah sama yang kami kenali",
    "两段文字含义接近，但没有我们识别到的共同术语",
)
_SECTOR = Text("works in the sector asked for", "bergerak di sektor yang diminta", "从事所需领域")
_BRINGS = Text("brings {what}", "menyediakan {what}", "能提供{what}")
_ABROAD = Text("joins {one} and {other}", "mempertemukan {one} dan {other}", "促成{one}与{other}合作")
_NOT_NAMED = Text(
    "the offer does not speak of {what}", "penawaran tidak menyebut {what}", "供给方未提及{what}"
)
_NOTHING_MISSING = Text("nothing that we can see", "tidak ada yang tampak kurang", "未发现缺项")
_NO_PROOF = Text(
    "nothing proven on the proving ground in this sector yet",
    "belum ada pembuktian di ajang uji pada sektor ini",
    "在试验场该领域尚无评测记录",
)
_PROVEN = Text(
    "rank {rank} of {field} on the challenge {challenge}, over {cases} cases",
    "peringkat {rank} dari {field} pada tantangan {challenge}, atas {cases} kasus uji",
    "在赛题{challenge}的{cases}个测试用例上位列第{rank}名（共{field}个解决方案）",
)
_PROVEN_HERE = Text(" (this very challenge)", " (tantangan ini juga)", "（正是本赛题）")
_NO_NEXT = Text(
    "no other offer may be matched", "tidak ada penawaran lain yang dapat dipasangkan", "没有其他可匹配的供给"
)
_NEXT = Text(
    "{name} comes next: {reasons}", "{name} di urutan berikutnya: {reasons}", "其次是{name}：{reasons}"
)
_LESS_NEAR = Text("its text is less near", "isi penawarannya kurang dekat", "文字相近程度较低")
_AS_NEAR = Text("its text is as near", "isi penawarannya sama dekat", "文字相近程度相当")
_NEARER = Text("its text is nearer", "isi penawarannya lebih dekat", "文字更为相近")
_NOT_SPEAK = Text("it does not speak of {what}", "tidak menyebut {what}", "未提及{what}")
_LESS_PROVEN = Text(
    "it has proven less ({what})", "pembuktiannya lebih lemah ({what})", "已证实的能力较弱（{what}）"
)
_MORE_PROVEN = Text(
    "though it has proven more ({what})",
    "meskipun pembuktiannya lebih kuat ({what})",
    "但已证实的能力更强（{what}）",
)
_UNPROVEN = Text("it has proven nothing here yet", "belum membuktikan apa pun di sini", "在此尚无评测记录")
_BARRED = Text(
    "{name} stands aside: {reasons}", "{name} tidak dapat dipilih: {reasons}", "{name}不可匹配：{reasons}"
)
HEADINGS = {
    "fits": Text("What fits", "Yang cocok", "契合之处"),
    "missing": Text("What is missing", "Yang kurang", "不足之处"),
    "evidence": Text("What evidence says", "Menurut bukti", "评测凭证显示"),
    "next": Text("Why not the next", "Mengapa bukan berikutnya", "为何不选下一位"),
}


class Explanation(msgspec.Struct, frozen=True):
    """The reasons of one match, as sentences in one language."""

    fits: tuple[str, ...]
    missing: tuple[str, ...]
    evidence: str
    next: str

    def lines(self, language: Language) -> list[str]:
        """Return the explanation as lines, each with its heading."""
        joint = "；" if language == "zh" else "; "
        parts = {
            "fits": joint.join(self.fits),
            "missing": joint.join(self.missing),
            "evidence": self.evidence,
            "next": self.next,
        }
        return [
            f"{HEADINGS[name].in_language(language)}{colon(language)}{part}" for name, part in parts.items()
        ]


def explain(
    pool: Pool, need: int, place: int, language: Language, lexicon: Lexicon | None = None
) -> Explanation:
    """Explain the candidate at `place` (0 is the best) of a need.

    Parameters
    ----------
    pool
        What was compared.
    need
        Index of the need.
    place
        Place of the candidate among those that break no constraint.
    language
        Of the reader.
    lexicon
        Names of concepts; the shipped one when absent.

    Raises
    ------
    IndexError
        When there is no candidate at that place.
    """
    lexicon = lexicon or shipped_lexicon()
    ranked = pool.candidates(need)
    chosen = ranked[place]
    wanted = _concepts(chosen.need.words.text, chosen.need.words.language, lexicon)
    given = _concepts(chosen.offer.words.text, chosen.offer.words.language, lexicon)
    following = ranked[place + 1] if place + 1 < len(ranked) else None
    return Explanation(
        _fits(pool, chosen, [each for each in wanted if each in given], language, lexicon),
        _missing([each for each in wanted if each not in given], language, lexicon),
        proof_text(chosen.proof, chosen.need.challenge, language),
        _why_not(pool, chosen, following, wanted, given, language, lexicon),
    )


def barred_text(pool: Pool, candidate: Candidate, language: Language) -> str:
    """Say why a candidate that may not be matched stands aside."""
    joint = "；" if language == "zh" else "; "
    reasons = joint.join(barrier.says(language) for barrier in candidate.barriers)
    return said(
        _BARRED, language, name=pool.organisations[candidate.offer.organisation].name, reasons=reasons
    )


def proof_text(proof: Proof | None, challenge: str | None, language: Language) -> str:
    """Say what a proof says, or that there is none."""
    if proof is None:
        return _NO_PROOF.in_language(language)
    dash = "–" if language != "zh" else "至"
    rank = (
        str(proof.rank_low)
        if proof.rank_low == proof.rank_high
        else f"{proof.rank_low}{dash}{proof.rank_high}"
    )
    text = said(_PROVEN, language, rank=rank, field=proof.field, challenge=proof.challenge, cases=proof.cases)
    return text + (_PROVEN_HERE.in_language(language) if proof.challenge == challenge else "")


def _concepts(text: str, language: str, lexicon: Lexicon) -> list[str]:
    """Concepts of a text, those of a sector before those of method."""
    tags = lexicon.tags(text, language)
    return sorted(tags, key=lambda concept: (lexicon.concepts[concept].sector == "methods", concept))


def _names(concepts: list[str], language: Language, lexicon: Lexicon) -> str:
    return listed([lexicon.name(concept, language) for concept in concepts], language)


def _fits(
    pool: Pool, chosen: Candidate, shared: list[str], language: Language, lexicon: Lexicon
) -> tuple[str, ...]:
    fits = [
        said(_BOTH_SPEAK, language, what=_names(shared, language, lexicon))
        if shared
        else _NEAR.in_language(language)
    ]
    if chosen.need.sector in chosen.offer.sectors:
        fits.append(_SECTOR.in_language(language))
    if chosen.need.requires:
        fits.append(
            said(
                _BRINGS,
                language,
                what=listed([name_of(each, language) for each in sorted(chosen.need.requires)], language),
            )
        )
    one = pool.organisations[chosen.need.organisation].country
    other = pool.organisations[chosen.offer.organisation].country
    if one != other:
        fits.append(said(_ABROAD, language, one=name_of(one, language), other=name_of(other, language)))
    return tuple(fits)


def _missing(lacking: list[str], language: Language, lexicon: Lexicon) -> tuple[str, ...]:
    if not lacking:
        return (_NOTHING_MISSING.in_language(language),)
    return (said(_NOT_NAMED, language, what=_names(lacking, language, lexicon)),)


def _why_not(
    pool: Pool,
    chosen: Candidate,
    following: Candidate | None,
    wanted: list[str],
    given: list[str],
    language: Language,
    lexicon: Lexicon,
) -> str:
    if following is None:
        return _NO_NEXT.in_language(language)
    ahead = chosen.margin - following.margin
    nearness = _LESS_NEAR if ahead > _CLEAR else (_NEARER if ahead < -_CLEAR else _AS_NEAR)
    reasons = [nearness.in_language(language)]
    theirs = _concepts(following.offer.words.text, following.offer.words.language, lexicon)
    lost = [each for each in wanted if each in given and each not in theirs]
    if lost:
        reasons.append(said(_NOT_SPEAK, language, what=_names(lost, language, lexicon)))
    reasons += _by_evidence(chosen, following, language)
    joint = "，" if language == "zh" else ", "
    name = pool.organisations[following.offer.organisation].name
    return said(_NEXT, language, name=name, reasons=joint.join(reasons))


def _by_evidence(chosen: Candidate, following: Candidate, language: Language) -> list[str]:
    """Compare what the two have proven, by what it was worth in their scores."""
    mine = chosen.proof.strength if chosen.proof else 0.0
    theirs = following.proof.strength if following.proof else 0.0
    said_of_it = proof_text(following.proof, None, language)
    if mine > theirs and following.proof is None:
        return [_UNPROVEN.in_language(language)]
    if mine > theirs:
        return [said(_LESS_PROVEN, language, what=said_of_it)]
    return [said(_MORE_PROVEN, language, what=said_of_it)] if theirs > mine else []
