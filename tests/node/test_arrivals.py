"""A file in the inbox: taken in under the strictest rule, or put aside with a word; nothing it holds lies elsewhere."""

from __future__ import annotations

import errno
import io
import json
import os
import tarfile
import tempfile
import time
from pathlib import Path

import pytest

from lumbung.node import arrivals
from lumbung.node.arrivals import INBOX, PATIENCE_S, SECRET_BYTES, arriving, take_in, take_the_place
from lumbung.node.folder import Accepted, NodeFolder, Settings

DIGEST = "sha256:" + "a" * 64
RICE = {"challenge": "rice", "digest": DIGEST}
ROWS = {"inputs.csv": "id,x\n" + "1,2\n" * 200, "truth.csv": "id,y\n1,2\n"}


@pytest.fixture
def node(tmp_path: Path) -> NodeFolder:
    node = NodeFolder(tmp_path / "node")
    (node.path / INBOX).mkdir(parents=True)
    node.write_settings(Settings("bandung-1", "ID"))
    return node


def _put(node: NodeFolder, about: object, *, name: str = "rice-v1-private.tar", **files: str) -> Path:
    path = node.path / INBOX / name
    with tarfile.open(path, "w") as archive:
        for called, text in {"challenge.json": json.dumps(about), **files}.items():
            info = tarfile.TarInfo(called)
            info.size = len(text.encode())
            archive.addfile(info, io.BytesIO(text.encode()))
    os.utime(path, (0, 0))
    return path


def test_a_file_is_taken_in_under_the_strictest_rule(node: NodeFolder) -> None:
    path = _put(node, {"challenge": "rice", "digest": DIGEST, "version": 1}, **{"truth.csv": "id,y\n1,2\n"})
    said: list[str] = []
    take_in(node, said.append)
    assert node.settings().challenges == {"rice": Accepted(DIGEST)}
    assert node.settings().challenges["rice"].most == "aggregate"
    assert (node.cases("rice") / "truth.csv").read_text() == "id,y\n1,2\n"
    assert sorted(entry.name for entry in node.cases("rice").iterdir()) == ["truth.csv"]
    assert node.cases("rice").stat().st_mode & 0o777 == 0o700
    assert len(node.secret("rice").read_bytes()) == SECRET_BYTES
    assert node.secret("rice").stat().st_mode & 0o777 == 0o600
    assert not path.exists() and "rice accepted" in said[0]


@pytest.mark.parametrize(
    ("about", "named"),
    [
        ({"challenge": "../keys", "digest": DIGEST}, "challenge"),
        ({"challenge": "rice", "digest": "sha256:1"}, "digest"),
        ({"challenge": "known", "digest": DIGEST}, "accepted already"),
        ([], "object"),
    ],
)
def test_what_cannot_be_taken_is_put_aside(node: NodeFolder, about: object, named: str) -> None:
    before = Settings("bandung-1", "ID", challenges={"known": Accepted("sha256:" + "b" * 64)})
    node.write_settings(before)
    path = _put(node, about, **{"truth.csv": "id,y\n1,2\n"})
    said: list[str] = []
    take_in(node, said.append)
    take_in(node, said.append)
    assert len(said) == 1 and named in said[0]
    assert node.settings() == before and not list((node.path / "cases").iterdir())
    assert not path.exists() and path.with_name(f"{path.name}.refused").exists()


def test_what_leads_out_of_the_archive_is_refused(node: NodeFolder) -> None:
    _put(node, {"challenge": "rice", "digest": DIGEST}, **{"../../escaped": "x"})
    take_in(node, print)
    assert not (node.path / "escaped").exists() and not node.settings().challenges


def test_a_file_still_on_its_way_waits(node: NodeFolder) -> None:
    path = _put(node, {"challenge": "rice", "digest": DIGEST}, **{"truth.csv": "id,y\n1,2\n"})
    os.utime(path)
    take_in(node, print)
    assert path.exists() and not node.settings().challenges


@pytest.mark.parametrize(
    "kind", ["dangling", "loop", "device", "pipe", "folder", "empty", "rubbish", "again"]
)
def test_nothing_in_the_inbox_stops_the_node(node: NodeFolder, kind: str) -> None:
    odd = node.path / INBOX / "odd.tar"
    targets = {"dangling": "nowhere", "loop": "odd.tar", "device": "/dev/zero"}
    if kind in targets:
        odd.symlink_to(targets[kind])
    elif kind == "pipe":
        os.mkfifo(odd)
    elif kind == "folder":
        odd.mkdir()
    else:
        odd.write_bytes(b"" if kind == "empty" else b"x" * 5000)
    os.utime(odd, (0, 0), follow_symlinks=False)
    if kind == "again":
        odd.with_name("odd.tar.refused").mkdir()
    _put(node, {"challenge": "rice", "digest": DIGEST}, **{"truth.csv": "id,y\n1,2\n"})
    said: list[str] = []
    take_in(node, said.append)
    take_in(node, said.append)
    assert "rice" in node.settings().challenges and len(said) == 2
    if kind not in ("empty", "rubbish", "again"):
        assert "odd.tar: not taken in: it is no plain file" in said
    assert not os.path.lexists(odd)
    assert os.path.lexists(odd.with_name("odd.tar.refused-2" if kind == "again" else "odd.tar.refused"))


def test_what_a_full_disk_refuses_is_tried_again(node: NodeFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    path = _put(node, {"challenge": "rice", "digest": DIGEST}, **{"truth.csv": "id,y\n1,2\n"})

    def full(*_words: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    said: list[str] = []
    with monkeypatch.context() as full_disk:
        full_disk.setattr(arrivals, "unpack", full)
        take_in(node, said.append)
    assert path.exists() and "yet" in said[0] and "rice" not in node.settings().challenges
    take_in(node, said.append)
    assert not path.exists() and "rice" in node.settings().challenges


def _left(node: NodeFolder) -> list[str]:
    return sorted(entry.name for entry in (node.path / INBOX).iterdir())


def test_a_file_that_is_cut_anywhere_is_not_taken_for_a_whole_one(node: NodeFolder) -> None:
    whole = _put(node, RICE, **ROWS).read_bytes()
    end = whole.rstrip(b"\0")  # of the last row; what follows says that nothing follows
    for length in [*range(512, len(end), 512), len(end) - 1, len(end)]:
        path = node.path / INBOX / "rice-v1-private.tar"
        path.write_bytes(whole[:length])
        os.utime(path, (0, 0))
        take_in(node, print)
        assert "rice" not in node.settings().challenges, length
    assert all(".refused" in name for name in _left(node))


def test_what_may_still_be_on_its_way_waits_for_the_rest(node: NodeFolder) -> None:
    path = _put(node, RICE, **ROWS)
    whole, said = path.read_bytes(), []  # type: tuple[bytes, list[str]]
    path.write_bytes(whole[:1500])
    os.utime(path, (time.time() - PATIENCE_S / 2,) * 2)
    take_in(node, said.append)
    assert _left(node) == [path.name] and not said
    path.write_bytes(whole)
    os.utime(path, (time.time() - PATIENCE_S / 2,) * 2)
    take_in(node, said.append)
    assert not _left(node) and "rice accepted" in said[0]


def test_a_clock_that_was_set_back_makes_nothing_wait(node: NodeFolder) -> None:
    path = _put(node, RICE, **ROWS)
    os.utime(path, (time.time() + 86_400 * 365,) * 2)
    take_in(node, print)
    assert "rice" in node.settings().challenges


def test_another_file_that_takes_its_name_is_not_lost(
    node: NodeFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    _put(node, RICE, **ROWS)
    first, unpack, said = [True], arrivals.unpack, []  # type: tuple[list[bool], object, list[str]]

    def replaced(path: Path, into: Path) -> Path:
        found = unpack(path, into)  # type: ignore[operator]
        if first.pop() if first else False:
            _put(node, RICE, **{**ROWS, "truth.csv": "id,y\n1,3\n"})
        return found

    monkeypatch.setattr(arrivals, "unpack", replaced)
    take_in(node, said.append)
    assert "changed while it was read" in said[0] and not node.settings().challenges
    take_in(node, said.append)
    assert (node.cases("rice") / "truth.csv").read_text() == "id,y\n1,3\n"


def test_a_node_killed_before_it_took_the_file_away_says_no_wrong(node: NodeFolder) -> None:
    said: list[str] = []
    for _ in range(2):
        _put(node, RICE, **ROWS)
        take_in(node, said.append)
    assert not _left(node) and "was accepted before" in said[1]


def test_what_holds_no_cases_is_not_accepted(node: NodeFolder) -> None:
    _put(node, RICE, **{"truth.csv": ""})
    take_in(node, print)
    assert not node.settings().challenges


def test_the_same_rows_under_another_name_are_not_booked_apart(node: NodeFolder) -> None:
    said: list[str] = []
    _put(node, RICE, **ROWS)
    take_in(node, said.append)
    _put(node, {"challenge": "rice-2", "digest": DIGEST}, name="second.tar", **ROWS)
    take_in(node, said.append)
    assert list(node.settings().challenges) == ["rice"] and "rice is judged on these rows already" in said[1]
    assert _left(node) == ["second.tar.refused"]


def test_settings_that_somebody_is_mending_say_nothing_of_the_file(node: NodeFolder) -> None:
    path, settings, said = _put(node, RICE, **ROWS), node.settings(), []  # type: tuple[Path, Settings, list[str]]
    (node.path / "node.toml").write_text("name = ")
    take_in(node, said.append)
    assert _left(node) == [path.name] and "yet" in said[0]
    node.write_settings(settings)
    take_in(node, said.append)
    assert not _left(node) and "rice" in node.settings().challenges


@pytest.mark.parametrize("name", ["RICE-V1-PRIVATE.TAR", "rice-v1-private (1).tar"])
def test_a_name_that_a_desktop_changed_is_taken(node: NodeFolder, name: str) -> None:
    _put(node, RICE, name=name, **ROWS)
    take_in(node, print)
    assert "rice" in node.settings().challenges


def test_what_will_never_be_looked_into_is_said(node: NodeFolder) -> None:
    said: list[str] = []
    _put(node, RICE, name="rice-v1-private.tar.txt", **ROWS)
    _put(node, RICE, name=".rice-v1-private.tar.Xy1", **ROWS)
    for _ in range(2):
        take_in(node, said.append)
    assert len(said) == 1 and "does not end in .tar" in said[0]
    assert _left(node) == [".rice-v1-private.tar.Xy1", "rice-v1-private.tar.txt.refused"]


def test_private_rows_lie_nowhere_but_in_the_node(
    node: NodeFolder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere = tmp_path / "for-temporary-files"
    elsewhere.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(elsewhere))
    unpack = arrivals.unpack

    def killed(path: Path, into: Path) -> Path:
        unpack(path, into)
        raise KeyboardInterrupt

    _put(node, RICE, **ROWS)
    with monkeypatch.context() as patched:
        patched.setattr(arrivals, "unpack", killed)
        patched.setattr(arrivals.shutil, "rmtree", lambda *_words, **_named: None)
        with pytest.raises(KeyboardInterrupt):
            take_in(node, print)
    assert not list(elsewhere.iterdir()) and (node.path / "cases").stat().st_mode & 0o777 == 0o700
    take_in(node, print)
    assert [entry.name for entry in (node.path / "cases").iterdir()] == ["rice"], "what it left is swept"


def test_cases_that_their_owner_keeps_elsewhere_are_left_there(node: NodeFolder, tmp_path: Path) -> None:
    kept, new = tmp_path / "kept", tmp_path / "new"
    for folder in (kept, new):
        folder.mkdir()
        (folder / "truth.csv").write_text(folder.name)
    node.cases("rice").parent.mkdir()
    node.cases("rice").symlink_to(kept)
    for _ in range(2):
        take_the_place(arriving(new, node.cases("rice")), node.cases("rice"))
    assert (node.cases("rice") / "truth.csv").read_text() == "new" and (
        kept / "truth.csv"
    ).read_text() == "kept"
    assert [entry.name for entry in (node.path / "cases").iterdir()] == ["rice"]
