"""The line: what is asked of a centre, and what each of its answers means to a node."""

from __future__ import annotations

import base64
import gzip
import io
from datetime import UTC, datetime
from hashlib import sha256

import httpx
import msgspec
import pytest

from lumbung.node import line as line_module
from lumbung.node.line import CentreLied, CentreRefused, Line, LineDown, NoLine
from lumbung.proving.evidence import Isolation
from lumbung.proving.job import Delivery, Held, Job, NodeCard, Renewal, Wanted
from lumbung.proving.transparency import Countersigned

BOX = Isolation("bubblewrap", "cgroup2")
DIGEST = "sha256:" + "a" * 64
JOB = Job(
    "run-00000", "lease-000", "toy", 1, DIGEST, DIGEST, "practice", False, DIGEST, DIGEST, 60.0,
    datetime(2026, 1, 1, tzinfo=UTC),
)  # fmt: skip


def json_answer(record: object, status: int = 200) -> httpx.Response:
    return httpx.Response(status, content=msgspec.json.encode(record))


def test_who_has_joined_shows_its_secret_and_who_has_not_shows_none(centre, line):
    centre.answers["/renew"] = json_answer({})
    line.renew("run-00000", Renewal("lease-000", 0, 0))
    assert centre.asked[0].headers["authorization"] == "Bearer secret"
    stranger = Line("http://centre.test", "", centre)
    stranger.renew("run-00000", Renewal("lease-000", 0, 0))
    assert "authorization" not in centre.asked[1].headers


def test_joining_shows_the_code_and_the_card(centre, line):
    centre.answers["/join"] = json_answer({"token": "its own"})
    card = NodeCard("node-a", "ID", "a key", ("toy",), "0.1.0", BOX)
    assert line.join("the code", card) == "its own"
    asked = centre.asked[0]
    assert asked.headers["x-enrolment"] == "the code" and asked.headers["content-type"] == "application/json"
    assert msgspec.json.decode(asked.content, type=NodeCard) == card


def test_a_lease_is_waited_for_longer_than_the_centre_holds_it_open(centre, line):
    centre.answers["/lease"] = [httpx.Response(204), json_answer(JOB)]
    wanted = Wanted(("toy",), 20.0, BOX)
    assert line.lease(wanted) is None and line.lease(wanted) == JOB
    timeout = centre.asked[0].extensions["timeout"]
    assert timeout["read"] == 40.0
    assert msgspec.json.decode(centre.asked[0].content, type=Wanted) == wanted
    assert centre.paths() == ["POST /lease"] * 2


def test_who_cannot_be_reached_is_given_up_sooner_than_who_is_slow(centre, line):
    centre.answers["/held"] = httpx.Response(200)
    line.held("run-00000", Held("lease-000"))
    timeout = centre.asked[0].extensions["timeout"]
    assert (timeout["connect"], timeout["read"]) == (10.0, 20.0)


def test_each_message_goes_where_it_belongs(centre, line):
    centre.answers |= {"/renew": json_answer({"withdrawn": True}), "/held": httpx.Response(200)}
    centre.answers |= {"/result": httpx.Response(200), "/cosignatures": httpx.Response(200)}
    centre.answers["/pictures"] = json_answer({"digest": DIGEST})
    assert line.renew("run-00000", Renewal("lease-000", 1, 2)).withdrawn
    assert centre.asked[0].extensions["timeout"]["read"] == 10.0
    line.held("run-00000", Held("lease-000"))
    line.deliver("run-00000", Delivery("lease-000"))
    line.countersign(Countersigned("a note", "a line"))
    assert line.picture(b"<svg/>") == DIGEST
    assert centre.paths() == [
        "POST /runs/run-00000/renew", "POST /runs/run-00000/held", "POST /runs/run-00000/result",
        "POST /log/cosignatures", "POST /pictures",
    ]  # fmt: skip
    assert [msgspec.json.decode(one.content) for one in centre.asked[:4]] == [
        {"lease": "lease-000", "finished": 1, "total": 2, "case": None},
        {"lease": "lease-000"},
        {"lease": "lease-000"},
        {"note": "a note", "line": "a line"},
    ]
    assert centre.asked[4].content == b"<svg/>"


def test_a_log_is_asked_for_from_what_was_seen(centre, line):
    centre.answers["/log"] = [httpx.Response(204), json_answer({"note": "n", "key": "k"})]
    assert line.newest_head(7) is None
    offer = line.newest_head(0)
    assert offer is not None and (offer.note, offer.key, offer.proof) == ("n", "k", ())
    assert [one.url.params["seen"] for one in centre.asked] == ["7", "0"]


def test_a_deliverable_goes_whole_with_its_digest_wherever_its_file_stands(centre, line):
    centre.answers["/deliverable"] = httpx.Response(200)
    tar = io.BytesIO(b"calendar")
    tar.seek(5)
    line.attach(3, tar)
    asked = centre.asked[0]
    digest = base64.b64encode(sha256(b"calendar").digest()).decode()
    assert asked.url.path.endswith("/adoptions/3/deliverable") and asked.content == b"calendar"
    assert asked.headers["content-digest"] == f"sha-256=:{digest}:"
    assert asked.headers["content-type"] == "application/x-tar"
    assert asked.extensions["timeout"]["read"] == 120.0


@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_centre_that_fails_is_asked_again_later(centre, line, status):
    centre.answers["/held"] = httpx.Response(status)
    with pytest.raises(LineDown, match=str(status)) as caught:
        line.held("run-00000", Held("lease-000"))
    assert caught.value.answered


@pytest.mark.parametrize(
    ("content", "detail"),
    [(b'{"detail": "gone"}', "gone"), (b"{}", ""), (b"[1]", "[1]"), (b"x" * 300, "x" * 200)],
)
@pytest.mark.parametrize("status", [400, 409])
def test_a_refusal_says_what_the_centre_said(centre, line, status, content, detail):
    centre.answers["/held"] = httpx.Response(status, content=content)
    with pytest.raises(CentreRefused) as caught:
        line.held("run-00000", Held("lease-000"))
    assert (caught.value.status, caught.value.detail) == (status, detail)
    assert str(caught.value) == f"the centre answered {status}: {detail}"


def test_a_line_that_is_cut_says_where(centre, line):
    centre.answers["/held"] = httpx.ConnectError("no route")
    with pytest.raises(LineDown, match=r"^ConnectError on held$") as caught:
        line.held("run-00000", Held("lease-000"))
    assert not caught.value.answered
    assert not LineDown("x").answered


@pytest.mark.parametrize("content", [b"{", b'{"withdrawn": 3}'])
def test_an_answer_of_another_form_is_not_believed(centre, line, content):
    centre.answers["/renew"] = httpx.Response(200, content=content)
    with pytest.raises(CentreLied, match="wrong form"):
        line.renew("run-00000", Renewal("lease-000", 0, 0))


# ------------------------------------------------------------------------------------------------- blobs

BLOB = b"0123456789"
NAME = sha256(BLOB).hexdigest()


def test_a_blob_is_fetched_once(centre, line, tmp_path):
    centre.answers[NAME] = httpx.Response(200, content=BLOB)
    for _ in range(2):
        found = line.fetch(f"sha256:{NAME}", tmp_path / "blobs" / "here")
        assert found == tmp_path / "blobs" / "here" / NAME and found.read_bytes() == BLOB
    assert centre.paths() == [f"GET /blobs/sha256:{NAME}"]
    assert centre.asked[0].headers["range"] == "bytes=0-"
    assert [one.name for one in found.parent.iterdir()] == [NAME]


@pytest.mark.parametrize("status", [200, 206])
def test_a_blob_goes_on_where_it_broke_off_if_the_centre_can(centre, line, tmp_path, status):
    (tmp_path / f"{NAME}.part").write_bytes(BLOB[:4])
    centre.answers[NAME] = httpx.Response(status, content=BLOB[4:] if status == 206 else BLOB)
    assert line.fetch(f"sha256:{NAME}", tmp_path).read_bytes() == BLOB
    assert centre.asked[0].headers["range"] == "bytes=4-"


def test_a_blob_that_breaks_off_leaves_what_came(centre, line, tmp_path):
    def broken():
        yield BLOB[:4]
        raise httpx.ReadError("cut")

    class Stream(httpx.SyncByteStream):
        def __iter__(self):
            return broken()

    centre.answers[NAME] = lambda request: httpx.Response(200, stream=Stream())
    with pytest.raises(LineDown, match=f"^ReadError while fetching sha256:{NAME[:16]}…$"):
        line.fetch(f"sha256:{NAME}", tmp_path)
    assert [one.name for one in tmp_path.iterdir()] == [f"{NAME}.part"]


def test_of_bytes_that_are_not_those_asked_for_nothing_is_kept(centre, line, tmp_path):
    centre.answers[NAME] = httpx.Response(200, content=b"other")
    with pytest.raises(
        CentreLied, match=f"{NAME} was asked for, and sha256:{sha256(b'other').hexdigest()} came"
    ):
        line.fetch(f"sha256:{NAME}", tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_blob_without_end_is_cut(centre, line, tmp_path):
    assert line_module.BLOB_LIMIT == 512 * 2**20
    centre.answers[NAME] = httpx.Response(200, content=BLOB)
    assert line.fetch(f"sha256:{NAME}", tmp_path / "fits", len(BLOB)).read_bytes() == BLOB
    with pytest.raises(CentreLied, match="more than 9 bytes"):
        line.fetch(f"sha256:{NAME}", tmp_path / "large", len(BLOB) - 1)


@pytest.mark.parametrize("digest", ["sha256:../../etc/passwd", f"md5:{NAME}", NAME, f"sha256:{NAME}0", ""])
def test_only_a_digest_is_fetched(centre, line, tmp_path, digest):
    with pytest.raises(CentreLied, match="is no digest"):
        line.fetch(digest, tmp_path)
    assert centre.asked == []


def test_a_blob_that_is_refused_says_why(centre, line, tmp_path):
    centre.answers[NAME] = httpx.Response(404, content=b'{"detail": "not for you"}')
    with pytest.raises(CentreRefused, match="404: not for you"):
        line.fetch(f"sha256:{NAME}", tmp_path)
    centre.answers[NAME] = httpx.Response(503)
    with pytest.raises(LineDown):
        line.fetch(f"sha256:{NAME}", tmp_path)


# ---------------------------------------------------------------------------------- a centre that means no good

WANTED = Wanted(("toy",), 0.0, BOX)


class Endless(httpx.SyncByteStream):
    """Blanks, as many as are taken."""

    def __init__(self) -> None:
        self.taken = 0

    def __iter__(self):
        while self.taken < 64 * 2**20:
            self.taken += 2**20
            yield b" " * 2**20


@pytest.mark.parametrize("status", [200, 403])
def test_of_an_answer_without_end_little_is_held(centre, line, status):
    stream = Endless()
    centre.answers["/lease"] = lambda request: httpx.Response(status, stream=stream)
    with pytest.raises(CentreLied, match=f"an answer of more than {4 * 2**20} bytes"):
        line.lease(WANTED)
    assert stream.taken == 5 * 2**20


def test_nothing_is_unpacked(centre, line, tmp_path):
    bomb = gzip.compress(b" " * 2**20)

    def answer(_request):
        return httpx.Response(200, headers={"Content-Encoding": "gzip"}, content=bomb)

    centre.answers |= {"/lease": answer, NAME: answer}
    for ask in (lambda: line.lease(WANTED), lambda: line.fetch(f"sha256:{NAME}", tmp_path)):
        with pytest.raises(CentreLied, match="an answer packed as gzip"):
            ask()
    assert {one.headers["accept-encoding"] for one in centre.asked} == {"identity"}


def test_a_refusal_steers_no_terminal_and_is_cut(centre, line):
    centre.answers["/lease"] = json_answer({"detail": "\x1b]0;mine\x07" + "x" * 1000}, 403)
    with pytest.raises(CentreRefused) as caught:
        line.lease(WANTED)
    assert caught.value.detail.startswith(r"\x1b]0;mine\x07xxx") and len(caught.value.detail) < 220


@pytest.mark.parametrize("lease_s", [0.0, 0.5, 86_401.0, 1e300])
def test_a_lease_of_no_time_or_of_ages_is_none(centre, line, lease_s):
    centre.answers["/lease"] = json_answer(msgspec.structs.replace(JOB, lease_s=lease_s))
    with pytest.raises(CentreLied, match="lease_s"):
        line.lease(WANTED)


@pytest.mark.parametrize("content", [b"<html>", b"[]", b"{}", b'{"token": 1, "digest": "x"}'])
def test_what_is_no_answer_is_not_taken_for_one(centre, line, content):
    centre.answers |= {end: httpx.Response(200, content=content) for end in ("/join", "/pictures")}
    with pytest.raises(CentreLied):
        line.join("the code", NodeCard("node-a", "ID", "a key", ("toy",), "0.1.0", BOX))
    with pytest.raises(CentreLied):
        line.picture(b"<svg/>")


@pytest.mark.parametrize(
    "address",
    ["http://[::1", "ftp://centre.test", "centre.test", "http://", "http://centre.test\n", "/var/centre"],
)
def test_an_address_that_can_be_none_is_said_before_anything_is_asked(address):
    with pytest.raises(NoLine, match="such as https:"):
        Line(address)


def test_a_secret_that_was_copied_wrong_is_said(centre):
    card = NodeCard("node-a", "ID", "a key", ("toy",), "0.1.0", BOX)
    with pytest.raises(NoLine, match="address of the centre is missing"):
        Line("").join("a code", card)
    with pytest.raises(NoLine, match="the enrolment code"):
        Line("http://centre.test", "", centre).join("lbe_k\u00f3d", card)
    with pytest.raises(NoLine, match="the token"):
        Line("http://centre.test", "lbn_a\nlbn_b", centre)
    assert not centre.asked
