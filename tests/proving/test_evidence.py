"""Evidence: signed, sealed, readable by others' tools, and unable to carry what must stay."""

from __future__ import annotations

import base64
import json
import stat

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from lumbung.proving.case import CaseScore
from lumbung.proving.challenge import Egress, Ranking
from lumbung.proving.digest import digest_data
from lumbung.proving.envelope import seal
from lumbung.proving.evidence import (
    BYTES_LEAST,
    PAYLOAD_TYPE,
    EgressRefused,
    Evidence,
    EvidenceError,
    coarse,
    let_out,
    open_evidence,
    read_envelope,
    sign,
)
from lumbung.proving.keys import KeyUnusable, key_id, load_or_make_key, read_public_key
from making_evidence import evidence_of

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
PIECE = evidence_of({"g": [1.5, 2.5], "h": [3.0]})
ENVELOPE = sign(PIECE, KEY)


def test_what_was_signed_comes_back():
    found, signer = open_evidence(ENVELOPE, [Ed25519PrivateKey.generate().public_key(), KEY.public_key()])
    assert found == PIECE and signer == key_id(KEY.public_key())


def test_of_several_signatures_one_that_holds_is_enough():
    sealed = json.loads(ENVELOPE)
    (good,) = sealed["signatures"]
    broken = {"keyid": good["keyid"], "sig": base64.b64encode(bytes(64)).decode()}
    for signatures in ([broken, good], [good, broken]):
        several = json.dumps({**sealed, "signatures": signatures}).encode()
        assert open_evidence(several, [KEY.public_key()])[0] == PIECE
    with pytest.raises(EvidenceError, match="altered"):
        open_evidence(json.dumps({**sealed, "signatures": [broken]}).encode(), [KEY.public_key()])


def test_a_stranger_signature_is_refused():
    with pytest.raises(EvidenceError) as error:
        open_evidence(ENVELOPE, [Ed25519PrivateKey.generate().public_key()])
    assert error.value.code == "unknown_key"


@settings(max_examples=150, deadline=None)
@given(st.integers(0, len(base64.b64decode(json.loads(ENVELOPE)["payload"])) - 1), st.integers(1, 255))
def test_any_changed_byte_of_the_payload_is_found(place, flip):
    outer = json.loads(ENVELOPE)
    payload = bytearray(base64.b64decode(outer["payload"]))
    payload[place] ^= flip
    outer["payload"] = base64.b64encode(payload).decode()
    with pytest.raises(EvidenceError) as error:
        open_evidence(json.dumps(outer).encode(), [KEY.public_key()])
    assert error.value.code == "bad_signature"


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=300))
def test_rubbish_is_malformed_never_a_crash(data):
    with pytest.raises(EvidenceError) as error:
        open_evidence(data, [KEY.public_key()])
    assert error.value.code == "malformed"


def test_another_payload_type_is_not_accepted():
    outer = {**json.loads(ENVELOPE), "payloadType": "text/plain"}
    with pytest.raises(EvidenceError, match="payload type"):
        open_evidence(json.dumps(outer).encode(), [KEY.public_key()])


def test_a_peer_verifies_the_envelope():
    """The DSSE of securesystemslib, used by in-toto and TUF, accepts ours."""
    from securesystemslib.dsse import Envelope
    from securesystemslib.signer import SSlibKey

    raw = KEY.public_key().public_bytes_raw().hex()
    outer = json.loads(ENVELOPE)
    signer = outer["signatures"][0]["keyid"]
    peer_key = SSlibKey(signer, "ed25519", "ed25519", {"public": raw})
    envelope = Envelope.from_dict({**outer, "signatures": outer["signatures"]})
    assert signer in envelope.verify([peer_key], 1)
    statement = json.loads(envelope.payload)
    assert statement["_type"] == "https://in-toto.io/Statement/v1"
    assert statement["subject"][0]["digest"]["sha256"] == PIECE.submission_digest.removeprefix("sha256:")


def free_text_fields(kind: object, path: str = "") -> list[str]:
    """Walk the type and name every string field without a pattern, every bytes field, every Any."""
    found = []
    info = msgspec.inspect.type_info(kind)

    def walk(node: object, place: str) -> None:
        if isinstance(node, msgspec.inspect.StructType):
            for field in node.fields:
                walk(field.type, f"{place}.{field.name}")
        elif isinstance(node, msgspec.inspect.StrType):
            if node.pattern is None:
                found.append(place)
        elif isinstance(node, (msgspec.inspect.BytesType, msgspec.inspect.AnyType)):
            found.append(place)
        elif isinstance(node, msgspec.inspect.DictType):
            walk(node.key_type, place + "{key}")
            walk(node.value_type, place + "{value}")
        elif isinstance(node, msgspec.inspect.VarTupleType):
            walk(node.item_type, place + "[]")
        elif isinstance(node, msgspec.inspect.UnionType):
            for one in node.types:
                walk(one, place)

    walk(info, path)
    return found


def test_no_field_can_carry_free_text():
    assert free_text_fields(Evidence) == []


BY_DELAY = Ranking("delay", "lower")


def scores(count: int, group: str = "bandung-dago") -> list[CaseScore]:
    return [
        CaseScore(
            f"{group}/{i}",
            group,
            i,
            digest_data([group, i]),
            {"delay": 10 + i / 7, "stops": float(i)},
            "engine 1",
            {"secret": "s"},
            rows=20,
        )
        for i in range(count)
    ]


def test_aggregate_rule_lets_out_means_and_no_name():
    rows, aggregates = let_out(scores(6), Egress("aggregate", 5, reveal="every"), BY_DELAY, private=True)
    assert rows == () and aggregates[0].group == "group-1" and aggregates[0].cases == 6
    assert aggregates[0].mean["delay"] == 10.36
    assert b"bandung" not in msgspec.json.encode(aggregates)


def test_too_few_cases_let_nothing_out():
    with pytest.raises(EgressRefused, match="at least 5"):
        let_out(scores(4), Egress("aggregate", 5), BY_DELAY, private=True)


def test_private_cases_lose_names_and_seeds_under_the_per_case_rule():
    rows, _ = let_out(scores(3), Egress("per-case", digits=3), BY_DELAY, private=True)
    assert [(r.case, r.group, r.seed) for r in rows] == [(f"case-{i:05d}", "group-1", 0) for i in (1, 2, 3)]
    assert [r.metrics["delay"] for r in rows] == [10.0, 10.1, 10.3]


def test_keys_are_made_once_with_mode_600(tmp_path):
    first, second = load_or_make_key(tmp_path / "keys"), load_or_make_key(tmp_path / "keys")
    path = tmp_path / "keys" / "signing.key"
    assert key_id(first.public_key()) == key_id(second.public_key())
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert key_id(read_public_key(path.with_name("signing.pub"))) == key_id(first.public_key())


def test_a_key_others_can_read_is_refused(tmp_path):
    load_or_make_key(tmp_path)
    (tmp_path / "signing.key").chmod(0o644)
    with pytest.raises(KeyUnusable, match="chmod 600"):
        load_or_make_key(tmp_path)


def _others(value: object) -> object:
    """Another value of the same kind: the smallest change that is one."""
    match value:
        case bool():
            return not value
        case int():
            return value + 1
        case float():
            return value * 1.5 + 1
        case str():
            return ("a" if value[:1] != "a" else "b") + value[1:]
        case None:
            return {"owner": "platform", "code": "unknown"}
        case dict():
            return {name: _others(one) for name, one in value.items()} or {"delay": [0.0, None]}
        case list():
            return [_others(value[0]), *value[1:]] if value else ["engine 2"]
    raise AssertionError(value)


@pytest.mark.parametrize("field", Evidence.__struct_fields__)
def test_a_mutated_field_of_any_kind_is_refused(field):
    """Altered in the envelope, or signed anew by another: neither passes for what the node signed."""
    outer = json.loads(ENVELOPE)
    statement = json.loads(base64.b64decode(outer["payload"]))
    before = statement["predicate"].get(field, msgspec.to_builtins(getattr(PIECE, field)))
    statement["predicate"][field] = _others(before)
    altered = json.dumps({**outer, "payload": base64.b64encode(json.dumps(statement).encode()).decode()})
    with pytest.raises(EvidenceError) as error:
        open_evidence(altered.encode(), [KEY.public_key()])
    assert error.value.code == "bad_signature"
    thief = Ed25519PrivateKey.from_private_bytes(bytes(32))
    from lumbung.proving.envelope import seal

    with pytest.raises(EvidenceError) as error:
        open_evidence(seal(json.dumps(statement).encode(), outer["payloadType"], thief), [KEY.public_key()])
    assert error.value.code == "unknown_key"
    with pytest.raises(EvidenceError):  # nor does a field more, nor one fewer
        open_evidence(
            seal(json.dumps({**statement, "note": "x"}).encode(), outer["payloadType"], KEY),
            [KEY.public_key()],
        )


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda told: told.update(_type="x"), "not a statement of type urn:lumbung:evidence:1"),
        (lambda told: told.update(predicateType="x"), "not a statement of type urn:lumbung:evidence:1"),
        (lambda told: told.update(more=1), "a statement with more in it than a statement has"),
        (lambda told: told["subject"][0].update(uri="x"), "a subject with more in it"),
        (lambda told: told["subject"][0].update(name="x"), "a subject with more in it"),
        (lambda told: told["subject"][0]["digest"].update(md5="x"), "a subject with more in it"),
        (lambda told: told["subject"].append({}), "not a Lumbung evidence"),
        (lambda told: told.update(subject=[]), "not a Lumbung evidence"),
        (
            lambda told: told["subject"][0]["digest"].update(sha256="0" * 64),
            "the statement's subject is another submission than the evidence's",
        ),
    ],
)
def test_what_is_said_around_evidence_is_as_strict(change, words):
    key = Ed25519PrivateKey.generate()
    envelope = msgspec.json.decode(sign(evidence_of({"g": [1.0]}), key))
    told = msgspec.json.decode(base64.b64decode(envelope["payload"]))
    change(told)
    with pytest.raises(EvidenceError) as caught:
        open_evidence(seal(msgspec.json.encode(told), PAYLOAD_TYPE, key), [key.public_key()])
    assert caught.value.code == "malformed" and words in str(caught.value)


def test_a_file_that_is_not_there_is_malformed_evidence(tmp_path):
    with pytest.raises(EvidenceError, match=r"evidence\.json: No such file") as caught:
        read_envelope(tmp_path / "evidence.json")
    assert caught.value.code == "malformed"
    (tmp_path / "evidence.json").write_bytes(b"{}")
    assert read_envelope(tmp_path / "evidence.json") == b"{}"


def test_of_one_case_there_is_no_deviation():
    piece = evidence_of({"a": [3.0]}, egress=Egress(min_cases=1, reveal="every"))
    (told,) = piece.aggregates
    assert (told.mean, told.deviation) == ({"delay": 3.0}, {"delay": 0.0})
    assert (told.log_mean["delay"], told.log_deviation) == (pytest.approx(1.099), {"delay": 0.0})


def test_too_few_rows_are_named_with_what_the_owner_asks():
    for rule, where in (("per-case", "case 1"), ("aggregate", "group 1")):
        with pytest.raises(EgressRefused) as caught:
            evidence_of({"a": [3.0]}, egress=Egress(rule, min_cases=1), rows=19)
        assert str(caught.value) == f"{where}: 19 rows, and the owner lets out figures over at least 20"


@pytest.mark.parametrize("gibibytes", [1.5, 2.0, 6.0])
def test_what_used_much_memory_can_be_signed(gibibytes):
    """On private cases 1.5 GiB are told as 2."""
    used = int(coarse(gibibytes * 2**30, BYTES_LEAST))
    key = Ed25519PrivateKey.generate()
    envelope = sign(evidence_of({"all": [1.0] * 5}, peak_memory_bytes=used), key)
    assert open_evidence(envelope, [key.public_key()])[0].peak_memory_bytes == used
