"""The judges of language models: which option is chosen, or what is written, language by language."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any, ClassVar, Literal

import msgspec
import numpy as np

from lumbung.language.contamination import at_least, twin_gap
from lumbung.language.prompts import LETTERS, TemplateError, fields_of, filled
from lumbung.language.reading import chosen, first_line, last_number, refuses
from lumbung.proving.blocks import deal
from lumbung.proving.case import Case, CaseScore, make_case, score_case
from lumbung.proving.challenge import Challenge, ChallengeError
from lumbung.proving.digest import digest_bytes
from lumbung.proving.faults import SubmissionFault
from lumbung.proving.files.items import Item, ItemReader
from lumbung.proving.files.judge import SLACK, batches_of, drawn_items
from lumbung.proving.files.measures import MEASURES, check_names, compute_all, engines_of
from lumbung.proving.files.normalising import normalised
from lumbung.proving.files.schema import FileOptions, read_options
from lumbung.proving.judge import Picture, ScoredRun, Solution
from lumbung.proving.measure import Measure
from lumbung.proving.text import Text

SHARES: dict[str, Text | Measure] = {
    "refusals": Measure(Text("refused", "ditolak", "拒答"), "lower", 0, 1),
    "pairs": Measure(
        Text("pairs of item and twin", "pasangan butir dan kembarannya", "原题与改写题对数"), None, 0
    ),
    "first_only": Measure(
        Text("pairs with the item alone right", "pasangan yang hanya butirnya benar", "仅原题答对的对数"),
        None,
        0,
    ),
    "twin_only": Measure(
        Text(
            "pairs with the twin alone right", "pasangan yang hanya kembarannya benar", "仅改写题答对的对数"
        ),
        None,
        0,
    ),
}
CHOICE: dict[str, Text | Measure] = {
    "accuracy": Measure(Text("right", "benar", "正确率"), "higher", 0, 1),
    "unread": Measure(Text("no option chosen", "tidak memilih", "未选出选项"), "lower", 0, 1),
    "by_likelihood": Measure(
        Text("answered by likelihood", "dijawab dengan kemungkinan", "以似然作答"), None, 0, 1
    ),
    "canaries": Measure(Text("canaries asked", "kenari yang ditanyakan", "金丝雀条目数"), None, 0),
    "canaries_known": Measure(
        Text("canaries known", "kenari yang dikenal", "已知的金丝雀条目数"), "lower", 0
    ),
    **SHARES,
}
CANARY_STRINGS = 4
"""Of so many one stands in the public file."""
TEXTS = {name: named.measure for name, named in MEASURES.items() if "text" in named.answers}


class LanguageOptions(FileOptions, frozen=True, forbid_unknown_fields=True):
    """The options of both judges, beside those of `FileOptions`.

    Attributes
    ----------
    templates : dict of str to str
        Language to prompt, with fields in braces (``{question}``, and ``{options}`` for the lettered options).
    choices : str
        The field with the options, a list of texts; the target is one of them. Only of ``language.choice``.
    twin : str
        A note that names, in a re-worded item, the item that it re-words; empty in all others.
    canary : str
        A note that is true in canaries: items of which only a text that was never to be trained on tells the answer.
    reads : {"all", "first_line", "last_number"}
        What of a written answer counts. Only of ``language.generate``.
    """

    templates: dict[str, str] = msgspec.field(default_factory=dict)
    choices: str = "options"
    twin: str = ""
    canary: str = ""
    reads: Literal["all", "first_line", "last_number"] = "first_line"


class _LanguageJudge:
    """What both share: items of several languages, dealt with their twins, asked as prompts."""

    name: str
    version: int
    asks: str

    def check_options(self, options: dict[str, Any]) -> dict[str, Any]:
        found = self.read(options)
        for role, field, kind in (("twin", found.twin, "note"), ("canary", found.canary, "note")):
            if field and found.fields.get(field) != kind:
                raise ChallengeError(
                    f"options.{role}", repr(field), f"a field of kind {kind}: it is never sent"
                )
        if found.language not in found.fields:
            raise ChallengeError(
                "options.language", repr(found.language), "the field with each item's language"
            )
        if not found.templates:
            raise ChallengeError("options.templates", "none", 'a prompt for each language: id = "{question}"')
        usable = {name for name, kind in found.fields.items() if kind != "note"} | {"options"}
        for language, template in found.templates.items():
            try:
                odd = sorted(fields_of(template) - usable)
            except TemplateError as error:
                raise ChallengeError(
                    f"options.templates.{language}", str(error), "fields in braces"
                ) from None
            if odd:
                expected = "one of " + ", ".join(sorted(usable))
                raise ChallengeError(f"options.templates.{language}", f"{{{odd[0]}}}", expected)
        complete: dict[str, Any] = msgspec.to_builtins(found)
        return complete

    def read(self, options: dict[str, Any]) -> LanguageOptions:
        """Read options strictly."""
        raise NotImplementedError

    def check_item(self, options: LanguageOptions, item: Item, record: dict[str, Any], where: str) -> None:
        """Check what this judge asks of an item beyond its schema."""

    def cases(self, challenge: Challenge, folder: Path) -> Sequence[Case]:
        options = self.read(challenge.options)
        room = int(challenge.limits.message_mb * 2**20 * SLACK)
        reader = ItemReader(folder, options, room)
        items = list(reader.items())
        records = list(reader.read([[item.line, item.offset, item.length] for item in items]))
        for item, record in zip(items, records, strict=True):
            where = f"{reader.path}: line {item.line}"
            language = str(record[options.language])
            if language not in options.templates:
                expected = "a language with a template: " + ", ".join(options.templates)
                raise ChallengeError(f"{where}, {options.language}", repr(language)[:40], expected)
            self.check_item(options, item, record, where)
        families = _families(items, records, options, reader.path)
        cases = []
        for block in deal([items[family[0]].group for family in families], options.blocks, str(reader.path)):
            # By key: an item's twin does not follow it, so that neither can be told from where it stands.
            mine = sorted(
                (items[row] for family in block.rows for row in families[family]), key=lambda item: item.key
            )
            inputs = {
                "folder": str(folder),
                "batches": [
                    [[i.line, i.offset, i.length] for i in batch]
                    for batch in batches_of(mine, options.batch, room)
                ],
            }
            content = {"items": digest_bytes(b"".join(item.digest for item in mine))}
            cases.append(make_case(block.id, block.group, block.number, inputs, content))
        return cases

    def play(self, case: Case, solution: Solution, options: dict[str, Any]) -> CaseScore:
        read = self.read(options)
        reader = ItemReader(Path(case.inputs["folder"]), read, 0)
        records: list[dict[str, Any]] = []
        answers: list[Any] = []
        for number, places in enumerate(case.inputs["batches"]):
            batch = list(reader.read(places))
            asked = {
                "ask": self.asks,
                "items": [self.question(read, record) for record in batch],
                "batch": number,
                "batches": len(case.inputs["batches"]),
            }
            answers += _listed(solution.solve(asked), len(batch))
            records += batch
        figures, engines = self.score(read, records, answers)
        return score_case(case, figures, engines, rows=_rows_among(read, records))

    def question(self, read: LanguageOptions, record: dict[str, Any]) -> dict[str, Any]:
        """Return what a solution is sent of an item."""
        options = record[read.choices] if self.asks == "choice" else []
        language = str(record[read.language])
        prompt = filled(read.templates[language], record, options)
        asked = {"id": str(record[read.key]), "language": language, "prompt": prompt}
        return {**asked, "options": list(options)} if self.asks == "choice" else asked

    def score(
        self, read: LanguageOptions, records: list[dict[str, Any]], answers: list[Any]
    ) -> tuple[dict[str, float], tuple[str, ...] | str]:
        """Return the figures of a case, and whose they are."""
        raise NotImplementedError

    def pictures(self, runs: Sequence[ScoredRun]) -> Sequence[Picture]:
        """Draw each run's languages, worst first, and what its twins and canaries tell."""
        title = Text(
            "{name}: by language, weakest first. ▼ weakest, ⌀ mean, Δ gap between items and their twins (95 % interval), κ canaries "
            "known, p chance of so much where nothing was remembered, ⚑ below 0.01",
            "{name}: menurut bahasa, yang terlemah di atas. ▼ terlemah, ⌀ rata-rata, Δ selisih antara butir dan kembarannya (selang 95 %), "
            "κ kenari yang dikenal, p peluang sebesar itu bila tidak ada yang diingat, ⚑ di bawah 0,01",
            "{name}：各语言成绩，最差在前。▼ 最差，⌀ 平均，Δ 原题与改写题之差（95% 区间），κ 已知的金丝雀，p 未记忆时出现如此结果的概率，⚑ 低于 0.01",
        )
        return [
            Picture(title.format(name=run.submission), _drawn(run, self.ranked(run)))
            for run in runs
            if run.scores
        ]

    def draw(self, challenge: Challenge, folder: Path) -> str:
        """Draw the public items, a row for each language, a stroke for each item as high as it is long."""
        room = int(challenge.limits.message_mb * 2**20 * SLACK)
        return drawn_items(ItemReader(folder, self.read(challenge.options), room))

    def ranked(self, run: ScoredRun) -> str:
        """Return the figure that is drawn."""
        names = run.scores[0].metrics
        return "accuracy" if "accuracy" in names else next(iter(names))


class ChoiceJudge(_LanguageJudge):
    """Which option a model chooses (registered as ``language.choice``).

    A solution is asked ``solve`` with ``items``, each with ``prompt``, ``options`` and ``language``. For each it answers a list of
    log-likelihoods, one an option, or a text that is read.
    """

    name = "language.choice"
    version = 1
    asks = "choice"
    metrics: ClassVar[dict[str, Text | Measure]] = CHOICE

    def read(self, options: dict[str, Any]) -> LanguageOptions:
        found = read_options({"answer": "text", **options}, LanguageOptions)
        if found.fields.get(found.choices) != "data":
            raise ChallengeError(
                "options.choices", repr(found.choices), "the field with an item's options, of kind data"
            )
        if found.metrics or found.metric:
            raise ChallengeError("options.metrics", "metrics", "none: a choice is right or not")
        return found

    def check_item(self, options: LanguageOptions, item: Item, record: dict[str, Any], where: str) -> None:
        given = record[options.choices]
        texts = isinstance(given, list) and all(isinstance(one, str) and one for one in given)
        if not texts or not 2 <= len(given) <= len(LETTERS):
            raise ChallengeError(
                f"{where}, {options.choices}", repr(given)[:60], f"2 to {len(LETTERS)} texts"
            )
        if options.canary and record[options.canary] and len(given) != CANARY_STRINGS:
            expected = f"{CANARY_STRINGS}, of which a canary's is one"
            raise ChallengeError(f"{where}, {options.choices}", f"{len(given)} options", expected)
        if len(set(given)) < len(given):
            raise ChallengeError(f"{where}, {options.choices}", "one of them twice", "each once")
        if len(item.target) != 1 or item.target[0] not in given:
            raise ChallengeError(f"{where}, {options.target}", repr(item.target)[:60], "one of the options")

    def score(
        self, read: LanguageOptions, records: list[dict[str, Any]], answers: list[Any]
    ) -> tuple[dict[str, float], tuple[str, ...] | str]:
        picks = [_picked(answer, record, read) for answer, record in zip(answers, records, strict=True)]
        right = [
            pick is not None and record[read.choices][pick] == _only(record[read.target])
            for pick, record in zip(picks, records, strict=True)
        ]
        canary = [bool(record[read.canary]) if read.canary else False for record in records]
        counted = [place for place, odd in enumerate(canary) if not odd]
        refused = [_refused(answers[place], str(records[place][read.language])) for place in counted]
        unread = [picks[place] is None and not gone for place, gone in zip(counted, refused, strict=True)]
        figures = {
            "accuracy": _share([right[place] for place in counted]),
            "refusals": _share(refused),
            "unread": _share(unread),
            "by_likelihood": _share([not isinstance(answers[place], str) for place in counted]),
            **_paired(read, records, right),
        }
        if read.canary:
            known = sum(hit for hit, odd in zip(right, canary, strict=True) if odd)
            figures |= {"canaries": float(sum(canary)), "canaries_known": float(known)}
        return figures, f"{self.name} {self.version}"


class GenerateJudge(_LanguageJudge):
    """What a model writes (registered as ``language.generate``).

    A solution is asked ``solve`` with ``items``, each with ``prompt`` and ``language``; it answers a text for each. ``options.metrics``
    are those of texts (`lumbung.proving.files.measures`).
    """

    name = "language.generate"
    version = 1
    asks = "text"
    metrics: ClassVar[dict[str, Text | Measure]] = {**TEXTS, **SHARES}

    def read(self, options: dict[str, Any]) -> LanguageOptions:
        found = read_options({"answer": "text", "metrics": ["exact_match"], **options}, LanguageOptions)
        check_names(found.metrics, "text")
        if found.metric is not None:
            raise ChallengeError("options.metric", "a metric", "none: files.answers takes one of your own")
        return found

    def score(
        self, read: LanguageOptions, records: list[dict[str, Any]], answers: list[Any]
    ) -> tuple[dict[str, float], tuple[str, ...] | str]:
        languages = [str(record[read.language]) for record in records]
        keys = [str(record[read.key]) for record in records]
        texts = [_text(answer, key, read.longest) for answer, key in zip(answers, keys, strict=True)]
        said = [_read(text, code, read.reads) for text, code in zip(texts, languages, strict=True)]
        truth = [
            _references(record[read.target], code, read.reads)
            for record, code in zip(records, languages, strict=True)
        ]
        right = [
            bool(compute_all(["exact_match"], [one], [answer], [code])["exact_match"])
            for one, answer, code in zip(truth, said, languages, strict=True)
        ]
        figures = {
            **compute_all(read.metrics, truth, said, languages),
            "refusals": _share([refuses(text, code) for text, code in zip(texts, languages, strict=True)]),
            **_paired(read, records, right),
        }
        return figures, engines_of(read.metrics) or f"{self.name} {self.version}"


# ---------------------------------------------------------------------------------------------- items


def _families(
    items: Sequence[Item], records: Sequence[Mapping[str, Any]], options: LanguageOptions, path: Path
) -> list[list[int]]:
    """Return places of items that go into one case: each with its twin, canaries alone.

    Raises
    ------
    ChallengeError
        A twin of nothing, of another group's item, or an item without a twin.
    """
    if not options.twin:
        return [[place] for place in range(len(items))]
    places = {item.key: place for place, item in enumerate(items)}
    families: dict[int, list[int]] = {}
    twins: list[tuple[int, int]] = []
    for place, record in enumerate(records):
        named = record[options.twin]
        if named in ("", None):
            families[place] = [place]
            continue
        where = f"{path}: line {items[place].line}, {options.twin}"
        first = places.get(str(named))
        if first is None or first == place:
            raise ChallengeError(where, repr(named)[:60], "the id of the item that this one re-words")
        if items[first].group != items[place].group:
            raise ChallengeError(where, f"{named!r}, of another group", "an item of its own group")
        twins.append((first, place))
    for first, place in twins:
        if len(families.get(first, ())) != 1:
            raise ChallengeError(
                f"{path}: line {items[place].line}, {options.twin}",
                "a second twin, or a twin's",
                "one twin an item",
            )
        families[first].append(place)
    for first, family in families.items():
        if len(family) == 1 and not (options.canary and records[first][options.canary]):
            raise ChallengeError(
                f"{path}: line {items[first].line}",
                "an item without a twin",
                "one that re-words it (options.twin)",
            )
    return list(families.values())


def _rows_among(read: LanguageOptions, records: Sequence[Mapping[str, Any]]) -> int:
    """Return how many of the owner's records there are: a twin asks for the answer of its item, a canary for nothing of theirs."""
    beside = [name for name in (read.twin, read.canary) if name]
    return max(1, sum(not any(record[name] for name in beside) for record in records))


def _paired(
    read: LanguageOptions, records: Sequence[Mapping[str, Any]], right: Sequence[bool]
) -> dict[str, float]:
    if not read.twin:
        return {}
    place_of = {str(record[read.key]): place for place, record in enumerate(records)}
    pairs = [
        (place_of[str(r[read.twin])], place)
        for place, r in enumerate(records)
        if r[read.twin] not in ("", None)
    ]
    return {
        "pairs": float(len(pairs)),
        "first_only": float(sum(right[first] and not right[twin] for first, twin in pairs)),
        "twin_only": float(sum(right[twin] and not right[first] for first, twin in pairs)),
    }


# -------------------------------------------------------------------------------------------- answers


def _listed(given: Any, count: int) -> list[Any]:
    values = list(given) if isinstance(given, np.ndarray) and given.ndim else given
    if not isinstance(values, list) or len(values) != count:
        found = f"{len(values)} answers" if isinstance(values, list) else type(given).__name__
        raise SubmissionFault("wrong_format", where="answer", found=found, expected=f"a list of {count}")
    return values


def _picked(answer: Any, record: Mapping[str, Any], read: LanguageOptions) -> int | None:
    """Return the option that is likeliest, or that a text chooses; None for a tie and for words that choose none."""
    options, key = record[read.choices], str(record[read.key])
    if isinstance(answer, str):
        return chosen(_text(answer, key, read.longest), options)
    try:
        figures = np.asarray(answer, float)
    except (TypeError, ValueError):
        figures = np.empty(0)
    if figures.shape != (len(options),) or not np.isfinite(figures).all():
        expected = f"a text, or {len(options)} finite log-likelihoods"
        raise SubmissionFault(
            "wrong_format", where=f"item {key[:40]}", found=repr(answer)[:60], expected=expected
        )
    best = np.flatnonzero(figures == figures.max())
    return int(best[0]) if len(best) == 1 else None


def _text(answer: Any, key: str, longest: int) -> str:
    if not isinstance(answer, str):
        raise SubmissionFault(
            "wrong_format", where=f"item {key[:40]}", found=repr(answer)[:60], expected="a text"
        )
    if len(answer) > longest:
        found, expected = f"{len(answer)} characters", f"at most {longest} (options.longest)"
        raise SubmissionFault("wrong_format", where=f"item {key[:40]}", found=found, expected=expected)
    return answer


def _read(text: str, language: str, how: str) -> str:
    if how == "last_number":
        return last_number(normalised(text, language))
    return first_line(text) if how == "first_line" else text


def _references(target: Any, language: str, how: str) -> list[str]:
    references = target if isinstance(target, list) else [target]
    return [_read(one, language, how) for one in references]


def _refused(answer: Any, language: str) -> bool:
    return isinstance(answer, str) and refuses(answer, language)


def _only(target: Any) -> str:
    return str(target[0] if isinstance(target, list) else target)


def _share(values: Sequence[bool]) -> float:
    return sum(values) / len(values) if values else 0.0


# ------------------------------------------------------------------------------------------- pictures


def _drawn(run: ScoredRun, metric: str) -> str:
    groups: dict[str, list[float]] = {}
    for score in run.scores:
        groups.setdefault(score.group, []).append(score.metrics[metric])
    means = sorted(((sum(v) / len(v), group) for group, v in groups.items()))
    most = max(1.0, *(mean for mean, _ in means))
    rows = []
    for place, (mean, group) in enumerate(means):
        y = 20 + 22 * place
        rows.append(f'<text x="70" y="{y + 12}" text-anchor="end">{escape(group)}</text>')
        rows.append(
            f'<rect x="80" y="{y}" width="{300 * mean / most:.1f}" height="15" fill="{"#b3541e" if place == 0 else "#2f6f62"}"/>'
        )
        rows.append(f'<text x="{86 + 300 * mean / most:.1f}" y="{y + 12}">{mean:.3g}</text>')
    mean_of_means = sum(mean for mean, _ in means) / len(means)
    notes = [f"▼ {means[0][0]:.3g} ({means[0][1]}) · ⌀ {mean_of_means:.3g}", *_told(run)]
    base = 20 + 22 * len(means) + 16
    rows += [
        f'<text x="80" y="{base + 20 * place}">{escape(note)}</text>' for place, note in enumerate(notes)
    ]
    height = base + 20 * len(notes)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 520 {height}" font-family="sans-serif" font-size="13" '
        f'fill="currentColor">{"".join(rows)}</svg>'
    )


def _told(run: ScoredRun) -> list[str]:
    """Return what twins and canaries tell, in figures alone."""

    def total(name: str) -> int:
        return round(sum(score.metrics.get(name, 0.0) for score in run.scores))

    told = []
    if total("pairs"):
        gap = twin_gap(total("pairs"), total("first_only"), total("twin_only"))
        told.append(
            f"Δ {gap.gap:+.3f} ({gap.low:+.3f} … {gap.high:+.3f}), n = {gap.pairs}, p = {gap.p:.2g}"
            + " ⚑" * gap.flagged
        )
    if total("canaries"):
        p = at_least(total("canaries_known"), total("canaries"), 1 / CANARY_STRINGS)
        told.append(f"κ {total('canaries_known')}/{total('canaries')}, p = {p:.2g}" + " ⚑" * (p < 0.01))
    return told
