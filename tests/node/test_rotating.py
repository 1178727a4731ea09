"""A node's key is replaced once the centre agreed, and not before."""

from __future__ import annotations

from datetime import UTC, datetime

import httpx
import msgspec
import pytest

import lumbung
from lumbung.node.folder import Accepted
from lumbung.node.line import CentreRefused, LineDown
from lumbung.node.rotating import join_anew, rotate
from lumbung.proving.evidence import Isolation
from lumbung.proving.job import KeyChange, NodeCard
from lumbung.proving.keys import is_endorsed, key_id, read_public_key, read_public_pem

BOX = Isolation("bubblewrap", "cgroup2")
UNTIL = datetime(2028, 1, 1, tzinfo=UTC)


def present(folder):
    return folder.signing_key().public_key()


def test_the_present_key_endorses_the_next_which_then_signs(folder, line, centre):
    before = present(folder)

    def take(request):
        change = msgspec.json.decode(request.content, type=KeyChange)
        after = read_public_pem(change.public_key)
        assert is_endorsed(change.endorsement, before, after)
        assert present(folder) == before, "until the centre agreed the old one signs"
        return httpx.Response(200, content=msgspec.json.encode({"key_id": key_id(after), "until": UNTIL}))

    centre.answers["/key"] = take
    after, until = rotate(folder, line)
    assert (after, until) == (key_id(present(folder)), UNTIL) and present(folder) != before
    assert read_public_key(folder.keys / f"signing-{key_id(before)[:16]}.pub") == before
    assert read_public_key(folder.keys / "signing.pub") == present(folder)
    assert not (folder.keys / "next").exists()


@pytest.mark.parametrize(
    ("answer", "error"), [(httpx.ConnectError("cut"), LineDown), (httpx.Response(403), CentreRefused)]
)
def test_a_change_that_was_not_heard_of_is_offered_again_with_the_same_key(
    folder, line, centre, answer, error
):
    before = present(folder)
    centre.answers["/key"] = answer
    for _ in range(2):
        with pytest.raises(error):
            rotate(folder, line)
    assert present(folder) == before
    assert centre.asked[0].content == centre.asked[1].content


def test_who_lost_its_key_comes_back_under_its_name_with_another(folder, line, centre):
    before = present(folder)
    settings = folder.settings()
    digest = "sha256:" + "0" * 64
    folder.write_settings(msgspec.structs.replace(settings, challenges={"toy": Accepted(digest)}))
    folder.write_token("the old secret")
    centre.answers["/join"] = httpx.Response(200, content=b'{"token": "the new secret"}')
    assert join_anew(folder, line, "the code", BOX) == key_id(present(folder)) != key_id(before)
    assert folder.token() == "the new secret" and centre.asked[0].headers["x-enrolment"] == "the code"
    card = msgspec.json.decode(centre.asked[0].content, type=NodeCard)
    assert (card.name, card.country, card.challenges) == ("node-a", "ID", ("toy",))
    assert (card.version, card.isolation) == (lumbung.__version__, BOX)
    assert read_public_pem(card.public_key) == present(folder)


def test_who_is_not_let_back_keeps_what_it_had(folder, line, centre):
    before = present(folder)
    folder.write_token("the old secret")
    centre.answers["/join"] = httpx.Response(403, content=b'{"detail": "used up"}')
    with pytest.raises(CentreRefused, match="used up"):
        join_anew(folder, line, "the code", BOX)
    assert present(folder) == before and folder.token() == "the old secret"
