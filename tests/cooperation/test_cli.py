"""The commands of the room: answers on standard output, complaints beside it, exit codes that tell whose fault it is."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from click.testing import CliRunner
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from lumbung.cli import main
from lumbung.cooperation.rules.printing import NOT_ADVICE
from lumbung.cooperation.rules.rulebook import SHIPPED
from lumbung.proving.evidence import Evidence, Isolation, sign
from lumbung.proving.text import LANGUAGES

NOW = ["--now", "2026-03-02T02:00+00:00"]


def evidence():
    digest, end = "sha256:" + "0" * 64, datetime(2026, 3, 2, tzinfo=UTC)
    return Evidence(
        challenge="c", challenge_version=1, challenge_digest=digest, options_digest=digest, phase="practice",
        submission_digest=digest, cases_digest=digest, case_count=0, finished_count=0, private=False,
        judge="demo.judge", judge_version=1, engines=(), fault=None, rule="per-case", rows=(), aggregates=(),
        isolation=Isolation("bubblewrap", "cgroup2"), wall_s=3600.0, cpu_s=3600.0, peak_memory_bytes=1,
        country="ID", started=end - timedelta(hours=1), finished=end,
    )  # fmt: skip


@pytest.fixture
def run(tmp_path, monkeypatch):
    monkeypatch.setenv("LUMBUNG_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("LUMBUNG_LANGUAGE", "en")

    def call(*arguments, code=0, given=None):
        result = CliRunner().invoke(main, ["cooperation", *arguments], input=given)
        assert result.exit_code == code, result.output
        return result

    return call


def test_help_names_every_command(run):
    text = run("--help").stdout
    assert all(name in text for name in ("match", "rules", "book"))


@pytest.mark.parametrize("language", LANGUAGES)
def test_match_labels_its_example_and_speaks_the_readers_language(run, language):
    shown = run(
        "match", "--example", "--embedder", "model-free", "-l", language, "--fairness", "--barred"
    ).stdout
    assert shown.startswith(
        {"en": "[generated", "id": "[data bangkitan", "zh": "[生成数据（非实测"}[language]
    )
    assert {"en": "What fits", "id": "Yang cocok", "zh": "契合之处"}[language] in shown


def test_match_as_json(run):
    data = json.loads(run("match", "--example", "--embedder", "model-free", "--way", "best", "--json").stdout)
    assert data["proposal"]["gap"] == 0.0
    first = next(each for each in data["needs"] if each["need"] == "n-signal")["candidates"][0]
    assert first["offer"] == "o-signal-nn"
    assert "signals-grid-4x4" in first["evidence"]


def test_match_refuses_what_it_cannot_use(run, tmp_path):
    run("match", code=2)
    assert "there are: n-berth" in run("match", "--example", "--need", "x", code=2).stderr
    assert "cannot be read" in run("match", str(tmp_path / "absent.yaml"), code=2).stderr


def test_rules_answer_with_amount_article_and_one_notice(run):
    facts = "nanning_legal_person=yes clean_record=yes listed_provider=yes ai_compute_used=yes other_city_funding=no "
    facts += "settled_fee=200000 contract_start=2025-01-01 contract_end=2026-12-31"
    options = [part for fact in facts.split() for part in ("-f", fact)]
    shown = run("rules", "ask", "--place", "CN-GX-NNG", "--on", "2026-01-10", "--incentives", *options).stdout
    assert "CNY 25,102.00" in shown
    assert shown.count(NOT_ADVICE.en) == 1
    data = json.loads(
        run("rules", "ask", "--place", "CN-GX-NNG", "--on", "2026-01-10", "--json", *options).stdout
    )
    voucher = next(each for each in data if each["rule"] == "nanning-compute-voucher-2025")
    assert voucher["granted"]["voucher"]["value"] == "25102.00"


def test_rules_say_where_there_are_none(run):
    assert "it has rules for ASEAN, CN" in run("rules", "ask", "--place", "FR").stderr


def test_rules_ask_what_is_missing(run):
    replies = "ya\nnot a flag\nya\n" + "100000000000\n" * 2 + "tidak\n" * 30
    result = run(
        "rules", "ask", "--place", "ID", "--on", "2025-06-01", "--incentives", "-i", "-l", "id", given=replies
    )
    assert "Jawab dengan ya atau tidak" in result.stderr
    assert "Syarat terpenuhi" in result.stdout or "Tidak memenuhi syarat" in result.stdout


def test_rules_facts_come_from_a_file_without_floats(run, tmp_path):
    path = tmp_path / "facts.json"
    path.write_text(
        '{"in_kek": true, "kek_main_activity": true, "kek_allowance_taken": false, "investment": 1e12}'
    )
    data = json.loads(
        run("rules", "ask", "--place", "ID", "--on", "2026-01-01", "--facts", str(path), "--json").stdout
    )
    kek = next(each for each in data if each["rule"] == "id-kek-holiday")
    assert kek["granted"]["years_full"]["value"] == "20"
    path.write_text("[]")
    assert "expected a JSON object" in run("rules", "ask", "--facts", str(path), code=2).stderr
    assert "no rule asks for this" in run("rules", "ask", "-f", "x=1", code=2).stderr


def test_rules_list_show_facts_changes_export_check(run, tmp_path):
    listed = run("rules", "list", "--place", "ID", "--on", "2026-01-01").stdout
    assert "id-kek-holiday" in listed
    assert "id-rnd-deduction-2020" not in listed
    assert json.loads(run("rules", "show", "id-kek-holiday").stdout)["article"]["en"].startswith("PMK 237")
    assert "names them" in run("rules", "show", "x", code=2).stderr
    assert "investment" in run("rules", "facts", "--place", "ID", "--on", "2026-01-01").stdout
    assert "was replaced by" in run("rules", "changes", "2024-12-31", "2025-01-01").stdout
    run("rules", "changes", "2025-01-01", "2024-01-01", code=2)
    out = tmp_path / "book.json"
    run("rules", "export", "--out", str(out))
    assert len(json.loads(out.read_text())["rules"]) >= 30
    assert "all hold" in run("rules", "check", str(SHIPPED)).stdout
    (tmp_path / "facts.yaml").write_text("[]")
    (tmp_path / "r.yaml").write_text("- {id: x}\n")
    assert "has no sort" in run("rules", "check", str(tmp_path), code=2).stderr


def test_rules_egress(run):
    shown = run(
        "rules", "egress", "-f", "data_home=ID", "-f", "personal_data=yes", "-f", "leaves_country=no"
    ).stdout
    assert "only scores and signed logs" in shown
    data = json.loads(run("rules", "egress", "-f", "data_home=CN", "--json").stdout)
    assert data["egress"] == "scores-only"


def test_book_without_conflict_and_with_reasons(run, tmp_path):
    book = ["book", "--example", "--store", str(tmp_path / "b.db")]
    wish = ["--from", "2026-03-02T10:00+07:00", "--hours", "10", *NOW]
    made = run(*book, "make", "gpu-nanning", "--as", "hanoi", *wish, "--units", "6", "--id", "a")
    assert "units 0, 1, 2, 3, 4, 5" in made.stdout
    assert "[generated" in made.stderr
    again = run(*book, "make", "gpu-nanning", "--as", "hanoi", *wish, "--units", "6", "--id", "a")
    assert again.stdout == made.stdout
    refused = run(*book, "make", "gpu-nanning", "--as", "jogja", *wish, "--units", "4", "--json", code=1)
    assert json.loads(refused.stdout)["why"] == "busy"
    poor = run(*book, "make", "gpu-nanning", "--as", "gzagri", *wish, code=1)
    assert "progress report" in poor.stdout
    free = run(*book, "free", "gpu-nanning", *wish, "--units", "8").stdout
    assert free == "free from 2026-03-02T21:00+08:00\n"
    assert "hanoi" in run(*book, "list").stdout
    assert "cancelled: a" in run(*book, "cancel", "a").stdout
    assert "there is no booking" in run(*book, "cancel", "a", code=2).stderr
    run("book", "make", "gpu-nanning", "--as", "hanoi", *wish, code=2)


def test_grants_are_not_spent_twice_by_bookings(run, tmp_path):
    book = ["book", "--example", "--store", str(tmp_path / "b.db")]
    for hour in range(2):
        wish = ["--from", f"2026-03-02T1{hour}:00+07:00", "--hours", "1", *NOW]
        run(*book, "make", "gpu-nanning", "--as", "gzagri", *wish)
    wish = ["--from", "2026-03-02T15:00+07:00", "--hours", "1", *NOW]
    run(*book, "make", "gpu-nanning", "--as", "gzagri", *wish, code=1)


def test_book_shows_shares_line_and_plan(run, tmp_path):
    book = ["book", "--example", "--store", str(tmp_path / "b.db")]
    rows = json.loads(run(*book, "share", *NOW, "--json").stdout)
    assert [row["fair_tree"] for row in rows] == sorted((row["fair_tree"] for row in rows), reverse=True)
    assert "公平树" in run(*book, "share", *NOW, "-l", "zh").stdout
    line = json.loads(run(*book, "line", "gpu-nanning", *NOW, "--json").stdout)
    assert {each["request"]: each["why"] for each in line} == {
        "r1": "next",
        "r2": "next",
        "r4": "no-grant",
        "r3": "report",
    }
    plan = json.loads(
        run(*book, "plan", "--from", "2026-03-02T02:00+00:00", "--hours", "72", "--json").stdout
    )
    assert plan["optimal"] is True
    assert plan["cost"] == plan["bound"]
    assert "Proven optimal" in run(*book, "plan", "--from", "2026-03-02T02:00+00:00", "--hours", "72").stdout


def test_usage_counts_from_trusted_evidence_alone(run, tmp_path):
    key = Ed25519PrivateKey.generate()
    (tmp_path / "e.json").write_bytes(sign(evidence(), key))
    book = ["book", "--example", "--store", str(tmp_path / "b.db"), "share", *NOW, "--json"]
    counted = ["--evidence", f"bandung={tmp_path / 'e.json'}"]
    assert "trusted keys" in run(*book, *counted, code=2).stderr
    trusted = tmp_path / "home" / "trusted"
    trusted.mkdir(parents=True)
    public = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    (trusted / "node.pub").write_bytes(public)
    rows = {row["organisation"]: row for row in json.loads(run(*book, *counted).stdout)}
    assert 0 < rows["bandung"]["hours"] < 1
    run(*book, "--evidence", "bandung", code=2)


def test_a_store_that_cannot_be_is_named(run, tmp_path):
    (tmp_path / "file").write_text("")
    book = ["book", "--example", "--store", str(tmp_path / "file" / "b.db"), "list"]
    assert "--store" in run(*book, code=2).stderr
    away = ["book", "--example", "--store", f"host={tmp_path} dbname=x connect_timeout=1", "list"]
    assert "does not answer" in run(*away, code=3).stderr


def test_book_refuses_times_without_a_zone_and_unknown_places(run, tmp_path):
    book = ["book", "--example", "--store", str(tmp_path / "b.db")]
    assert "no time zone" in run(*book, "free", "gpu-nanning", "--from", "2026-03-02T10:00", code=2).stderr
    assert "there are: gpu-nanning" in run(*book, "free", "x", "--from", "now", code=2).stderr


def test_facilities_file_reports_bad_entries(run, tmp_path):
    path = tmp_path / "f.yaml"
    path.write_text(
        "facilities: [{id: a, name: {en: A, id: A, zh: A}, units: 2, week: ['mon-fri 9-17']},"
        " {id: b, name: {en: B, id: B, zh: B}, units: 1}]\n"
        "grants: [{id: g, organisation: o, resource: gpu, hours: 1, awarded: 2026-01-01T00:00:00, expires: 2027-01-01T00:00:00}]\n"
    )
    shown = run(
        "book", "--facilities", str(path), "--store", str(tmp_path / "b.db"), "free", "b", "--from", "now"
    ).stderr
    assert "mon-fri 09:00-17:00" in shown
    assert "no time zone" in shown
    path.write_text("facilities: []\n")
    assert "names no usable facility" in run("book", "--facilities", str(path), "share", code=2).stderr
