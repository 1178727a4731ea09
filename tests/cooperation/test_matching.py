"""Needs find offers across languages, constraints hold, evidence counts, and every match explains itself."""

import importlib.util
import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lumbung.cooperation.assignment.many_to_many import assign_many, blocking_partners
from lumbung.cooperation.matching.candidates import (
    Priorities,
    Weighted,
    compare,
    margins,
    model_and_concepts,
    without_language,
)
from lumbung.cooperation.matching.concepts import WRITTEN, Lexicon, LexiconError, shipped_lexicon
from lumbung.cooperation.matching.constraints import barriers
from lumbung.cooperation.matching.desk import propose
from lumbung.cooperation.matching.embedders import (
    DownloadedModel,
    EmbedderMissing,
    ModelFree,
    OfflineModel,
    Remembering,
)
from lumbung.cooperation.matching.explanation import barred_text, explain
from lumbung.cooperation.matching.fairness import fairness, fairness_lines
from lumbung.cooperation.matching.listings import (
    Need,
    Offer,
    Organisation,
    Proof,
    Written,
    proofs_from_standing,
)
from lumbung.cooperation.matching.reading import EXAMPLE, DirectoryError, read_directory
from lumbung.proving.standing import Row, Standing
from lumbung.proving.text import LANGUAGES

BENCHMARK = Path(__file__).parents[2] / "benchmarks" / "cooperation_matching.py"
DIRECTORY = read_directory(EXAMPLE)
FREE = [Weighted(ModelFree())]


@pytest.fixture(scope="module")
def bench():
    spec = importlib.util.spec_from_file_location("cooperation_matching", BENCHMARK)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def offline():
    """The offline model, which reads a text once for all tests that are played by the same process."""
    return Remembering(OfflineModel(), {})


def test_the_labelled_set_is_whole(bench):
    held, tune = bench.read_topics("held"), bench.read_topics("tune")
    assert len(held) >= 60
    texts = [topic[code] for topic in held + tune for code in WRITTEN]
    assert len(set(texts)) == len(texts) == 6 * (len(held) + len(tune))


def test_recall_with_no_model(bench):
    mean, worst, _ = bench.recall(bench.scores(bench.read_topics("held"), FREE))
    assert mean >= 0.80
    assert worst >= 0.70


@pytest.mark.slow
@pytest.mark.xdist_group("offline-model")
def test_recall_with_the_offline_model(bench, offline):
    topics = bench.read_topics("held")
    alone, worst, _ = bench.recall(bench.scores(topics, [Weighted(offline)]))
    together, _, _ = bench.recall(bench.scores(topics, model_and_concepts(offline)))
    assert min(alone, together) >= 0.95
    assert worst >= 0.80
    first, third = bench.offers_found(model_and_concepts(offline))
    assert first >= 0.75
    assert third >= 0.90


@pytest.mark.xdist_group("offline-model")
def test_recall_with_the_offline_model_on_a_few_topics(bench, offline):
    mean, _, _ = bench.recall(bench.scores(bench.read_topics("held")[::9], [Weighted(offline)]))
    assert mean >= 0.95


@pytest.mark.slow
@pytest.mark.xdist_group("offline-model")
def test_among_strangers_of_ones_own_language(bench, offline):
    """The partner writes in another language, nine strangers in one's own; the usual means never do worse than no model."""
    usual = bench.against_decoys(model_and_concepts(offline), 9)
    free = bench.against_decoys(FREE, 9)
    assert np.mean(list(usual.values())) >= 0.9
    assert all(usual[code] >= free[code] for code in WRITTEN), (usual, free)


def test_among_strangers_of_ones_own_language_with_no_model(bench):
    assert np.mean(list(bench.against_decoys(FREE, 9).values())) >= 0.9


def test_what_texts_share_by_language_alone_drops_out():
    """Topics with a strong offset of their language: in a mixed pool, the own language no longer comes first."""
    rng = np.random.default_rng(1)
    topics, offsets = rng.normal(size=(120, 32)), 4 * rng.normal(size=(2, 32))
    rows = np.vstack([topics + offsets[0], topics + offsets[1]]).astype(np.float32)
    bare = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    pool = without_language(rows, ["en"] * 120 + ["zh"] * 120)

    def found(vectors):
        near = vectors[120:] @ vectors.T
        near[np.arange(120), np.arange(120, 240)] = -1  # not itself
        return (near.argmax(1) == np.arange(120)).mean()

    assert found(bare) < 0.1
    assert found(pool) > 0.9
    assert np.allclose(np.linalg.norm(pool, axis=1), 1)
    assert np.isfinite(without_language(np.zeros((2, 3), np.float32), ["en", "en"])).all()


@pytest.mark.parametrize(
    ("text", "language", "concepts"),
    [
        ("Petani menanam padi di sawah", "id", {"farmer", "planting", "rice"}),
        ("水稻病害识别", "zh", {"rice", "plant-disease", "detection"}),
        ("ชาวนาปลูกข้าว", "th", {"farmer", "planting", "rice"}),
        ("Cảnh báo lũ lụt", "vi", {"flood"}),
        ("Peladang menuai kelapa sawit", "ms", {"harvest", "oil-palm"}),
        ("Farmers harvested the oil palms", "en", {"farmer", "harvest", "oil-palm"}),
        ("部署5G基站与GPU服务器", "zh", {"5g", "base-station", "gpu", "data-centre"}),
        ("nothing to see", "en", set()),
        ("rice fields", "xx", {"rice"}),
    ],
)
def test_concepts_are_found_in_every_language(text, language, concepts):
    assert concepts <= set(shipped_lexicon().tags(text, language))


def test_longer_forms_win_over_those_inside_them():
    assert set(shipped_lexicon().tags("kelapa sawit", "id")) == {"oil-palm"}
    assert "fish" not in shipped_lexicon().tags("seaweed", "en")


def test_a_bad_lexicon_line_is_named(tmp_path):
    (tmp_path / "x.psv").write_text("concept|en|id|zh|ms|th|vi\na|b|c\n")
    with pytest.raises(LexiconError, match=r"x.psv, line 2: found 3 cells"):
        Lexicon(tmp_path)
    (tmp_path / "x.psv").write_text("concept|en|id|zh|ms|th|vi\n" + "a|b|b|b|b|b|b\n" * 2)
    with pytest.raises(LexiconError, match="named twice"):
        Lexicon(tmp_path)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10**6))
def test_margins_ignore_a_common_offset_that_ruins_cosines(seed):
    """A hub, near to everything, comes first by cosine and not by margin."""
    rng = np.random.default_rng(seed)
    own = np.eye(8, dtype=np.float32)
    hub = np.full(8, 8**-0.5, dtype=np.float32)
    theirs = own * 0.5 + rng.normal(0, 0.01, (8, 8)).astype(np.float32)
    theirs = np.vstack([theirs, hub * 1.6])
    assert ((own @ theirs.T).argmax(1) == 8).all()
    assert (margins(own, theirs).argmax(1) == np.arange(8)).all()


def test_rows_have_unit_length_and_empty_texts_do_no_harm():
    rows = ModelFree().embed([Written("padi", "id"), Written("", "id"), Written("水稻", "zh")])
    assert np.allclose(np.linalg.norm(rows[[0, 2]], axis=1), 1)
    assert np.isfinite(rows).all()
    assert OfflineModel().embed([]).shape == (0, 384)


def test_remembered_rows_are_the_same_and_asked_for_once():
    asked = []

    class Counting(OfflineModel):
        def embed(self, texts):
            asked.extend(texts)
            return super().embed(texts)

    kept = {}
    texts = [Written("padi", "id"), Written("水稻", "zh"), Written("padi", "id")]
    first = Remembering(Counting(), kept).embed(texts)
    again = Remembering(Counting(), kept).embed(texts[::-1])
    assert len(asked) == len(kept) == 2
    assert np.array_equal(first, again[::-1])
    assert np.array_equal(first, OfflineModel().embed(texts))
    assert Remembering(Counting(), kept).embed([]).shape == (0, 384)


def test_a_missing_library_says_what_to_install():
    if importlib.util.find_spec("sentence_transformers"):
        pytest.skip("sentence-transformers is installed here")
    with pytest.raises(EmbedderMissing, match="sentence-transformers is not installed"):
        DownloadedModel().embed([Written("x", "en")])


ORGANISATIONS = {
    "a": Organisation("a", "A", "ID", "small", group="g"),
    "b": Organisation("b", "B", "CN", "large", group="g"),
    "c": Organisation("c", "C", "CN", "micro"),
    "d": Organisation("d", "D", "CN", "micro", conflicts=frozenset({"a"})),
}
NEED = Need("n", "a", Written("padi", "id"), "farm", frozenset({"CN"}), frozenset({"gpu"}), budget=10)


@pytest.mark.parametrize(
    ("change", "kind"),
    [
        ({}, None),
        ({"organisation": "a"}, "same-organisation"),
        ({"organisation": "b"}, "conflict"),
        ({"organisation": "d"}, "conflict"),
        ({"sectors": frozenset({"city"})}, "sector"),
        ({"countries": frozenset({"MY"})}, "country-of-offer"),
        ({"provides": frozenset()}, "requirement"),
        ({"price": 11}, "price"),
        ({"places": 0}, "full"),
    ],
)
def test_hard_constraints(change, kind):
    offer = {
        "id": "o",
        "organisation": "c",
        "words": Written("稻", "zh"),
        "provides": frozenset({"gpu"}),
    } | change
    found = barriers(NEED, Offer(**offer), ORGANISATIONS)
    assert kind in [each.kind for each in found] if kind else not found
    for language in LANGUAGES:
        assert all(each.says(language) for each in found)


def test_a_need_may_ask_for_a_country():
    offer = Offer("o", "a", Written("x", "en"), provides=frozenset({"gpu"}))
    need = Need("n", "c", Written("x", "en"), "farm", countries=frozenset({"CN"}))
    assert [each.kind for each in barriers(need, offer, ORGANISATIONS)] == ["country-of-need"]


def test_evidence_counts_and_a_wide_rank_range_counts_little():
    sure = Proof("c", "x", "farm", 1, 1, 5, 100)
    lucky = Proof("b", "x", "farm", 1, 5, 5, 3)
    assert (sure.strength, lucky.strength) == (1.0, 0.0)
    text = Written("rice yield", "en")
    needs = [Need("n", "a", text, "farm", challenge="x"), Need("m", "a", Written("bus", "en"), "city")]
    organisations = ORGANISATIONS | {"a": Organisation("a", "A", "ID", "small")}
    offers = [Offer("o1", "b", text), Offer("o2", "c", text), Offer("o3", "c", Written("bus", "en"))]
    pool = compare(needs, offers, organisations, FREE, [sure, lucky])
    assert [each.offer.id for each in pool.candidates(0)][:2] == ["o2", "o1"]
    off = compare(needs, offers, organisations, FREE, [sure], Priorities(0.0, 0.0))
    assert [each.offer.id for each in off.candidates(0)][:2] == ["o1", "o2"]


def test_proofs_come_from_standings():
    row = Row("s", "sha256:1", 1.0, 0.9, 1.1, 1, 1, 2, None, "", {}, 40)
    other = Row("ref", "sha256:2", 2.0, 1.9, 2.1, 2, 2, 2, None, "", {}, 40)
    standing = Standing("x", "m", "lower", 0.95, True, (row, other), ())
    (proof,) = proofs_from_standing(standing, "farm", {"sha256:1": "c"})
    assert proof == Proof("c", "x", "farm", 1, 2, 2, 40)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_match_explains_itself_in_the_readers_language(language):
    pool = compare(DIRECTORY.needs, DIRECTORY.offers, DIRECTORY.organisations, FREE, DIRECTORY.proofs)
    lexicon = shipped_lexicon()
    for need in range(len(pool.needs)):
        lines = explain(pool, need, 0, language).lines(language)
        assert len(lines) == 4
        assert all(len(line) > 8 for line in lines)
    calendar = "\n".join(explain(pool, 1, 0, language).lines(language))
    assert lexicon.name("rice", language) in calendar
    signals = explain(pool, 0, 0, language)
    assert "signals-grid-4x4" in signals.evidence
    barred = [each for each in pool.candidates(0, barred=True) if each.barriers]
    assert all(
        pool.organisations[each.offer.organisation].name in barred_text(pool, each, language)
        for each in barred
    )


def test_the_example_matches_as_a_person_would():
    expected = {
        "n-signal": {"o-signal-nn", "o-signal-jogja"},
        "n-calendar": {"o-rice"},
        "n-shrimp": {"o-shrimp"},
        "n-xray": {"o-xray"},
        "n-berth": {"o-berth"},
        "n-gpu": {"o-gpu"},
    }
    pool = compare(DIRECTORY.needs, DIRECTORY.offers, DIRECTORY.organisations, FREE, DIRECTORY.proofs)
    for number, offer in enumerate(pool.offers):
        seekers = pool.seekers(number)
        assert offer.id in expected[seekers[0].need.id] | {"o-rice-jogja"}
        assert [each.score for each in seekers] == sorted((each.score for each in seekers), reverse=True)
    for way in ("stable", "best"):
        found = {}
        for need, offer in propose(pool, way).pairs:
            found.setdefault(pool.needs[need].id, set()).add(pool.offers[offer].id)
        assert found == expected
    assert propose(pool, "best").gap == 0.0


def test_a_budget_limits_the_desk():
    offers = [Offer(f"o{n}", "c", Written("padi", "id"), price=5) for n in range(3)]
    needs = [Need(f"n{n}", "a", Written("padi", "id"), "farm") for n in range(3)]
    pool = compare(needs, offers, ORGANISATIONS, FREE)
    assert len(propose(pool, "best", budget=11).pairs) == 2
    assert propose(pool, "best", budget=11).cost == 10


@settings(max_examples=80, deadline=None)
@given(st.integers(0, 10**6))
def test_many_to_many_partners_are_pairwise_stable(seed):
    rng = np.random.default_rng(seed)
    n, m = int(rng.integers(1, 7)), int(rng.integers(1, 6))
    needs = [rng.permutation(m)[: rng.integers(0, m + 1)].tolist() for _ in range(n)]
    offers = [rng.permutation(n)[: rng.integers(0, n + 1)].tolist() for _ in range(m)]
    places = rng.integers(0, 4, n).tolist(), rng.integers(0, 4, m).tolist()
    pairs = assign_many(needs, offers, *places)
    assert blocking_partners(needs, offers, *places, pairs) == []
    for need in range(n):
        assert sum(one == need for one, _ in pairs) <= places[0][need]
    for offer in range(m):
        assert sum(one == offer for _, one in pairs) <= places[1][offer]


def test_fairness_shares_add_up_and_see_a_favourite():
    organisations = {
        f"x{n}": Organisation(f"x{n}", f"X{n}", "CN" if n < 6 else "ID", "small") for n in range(12)
    }
    organisations["seeker"] = Organisation("seeker", "S", "MY", "public")
    needs = [Need(f"n{n}", "seeker", Written("rice irrigation", "en"), "farm") for n in range(4)]
    offers = [
        Offer(f"o{n}", f"x{n}", Written("rice irrigation" if n < 6 else "bus", "en")) for n in range(12)
    ]
    pool = compare(needs, offers, organisations, FREE)
    china, indonesia = fairness(pool, [(0, 0)], "country", top=3)
    assert (china.group, indonesia.group) == ("CN", "ID")
    assert china.shown + indonesia.shown == pytest.approx(1)
    assert china.possible + indonesia.possible == pytest.approx(1)
    assert china.ratio == pytest.approx(2.0)
    assert indonesia.ratio == 0.0
    assert (china.matched, indonesia.matched) == (1, 0)
    assert not china.few
    (small,) = fairness(pool, by="size")
    assert small.ratio == pytest.approx(1.0)
    for language in LANGUAGES:
        assert len(fairness_lines([china, indonesia], 3, language)) == 2


def test_a_group_that_may_never_be_shown_has_no_ratio():
    offers = [Offer("o", "c", Written("x", "en"), sectors=frozenset({"city"}))]
    pool = compare([NEED], offers, ORGANISATIONS, FREE)
    (share,) = fairness(pool)
    assert math.isnan(share.ratio)
    assert "–" in fairness_lines([share], 3, "en")[0]


def test_one_bad_entry_spoils_only_itself(tmp_path):
    path = tmp_path / "d.yaml"
    path.write_text(
        "organisations: [{id: a, name: A, country: ID, size: small}, {id: b, name: B, country: CN, size: tiny}]\n"
        "needs: [{id: n, organisation: a, words: {text: x, language: en}, sector: farm},"
        " {id: n, organisation: a, words: {text: y, language: en}, sector: farm}]\n"
        "offers: [{id: o, organisation: a, words: {text: x, language: en}},"
        " {id: p, organisation: b, words: {text: x, language: en}}]\n"
    )
    read = read_directory(path)
    assert [each.id for each in read.offers] == ["o"]
    assert len(read.complaints) == 3
    assert any("size" in each for each in read.complaints)
    with pytest.raises(ValueError, match="no embedder"):
        compare(read.needs, read.offers, read.organisations, [])
    for text, problem in (("[1]", "must hold"), ("needs: []", "0 usable needs"), ("{", "not YAML")):
        path.write_text(text)
        with pytest.raises(DirectoryError, match=problem):
            read_directory(path)
    with pytest.raises(DirectoryError, match="cannot be read"):
        read_directory(tmp_path / "absent.yaml")
