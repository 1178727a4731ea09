"""A file in the inbox: taken in under the strictest rule, or put aside with a word; nothing it holds lies elsewhere."""

from __future__ import annotations

import errno
import io
import json
import os
import shutil
import tarfile
from pathlib import Path

import pytest

from lumbung.node.arrivals import INBOX, take_in
from lumbung.node.folder import Accepted, NodeFolder, Settings

DIGEST = "sha256:" + "a" * 64


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
    assert node.settings() == before and not (node.path / "cases").exists()
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
    assert not os.path.lexists(odd)
    assert os.path.lexists(odd.with_name("odd.tar.refused-2" if kind == "again" else "odd.tar.refused"))


def test_what_a_full_disk_refuses_is_tried_again(node: NodeFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    path = _put(node, {"challenge": "rice", "digest": DIGEST}, **{"truth.csv": "id,y\n1,2\n"})

    def full(*_words: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    said: list[str] = []
    with monkeypatch.context() as full_disk:
        full_disk.setattr(shutil, "copytree", full)
        take_in(node, said.append)
    assert path.exists() and "yet" in said[0] and "rice" not in node.settings().challenges
    take_in(node, said.append)
    assert not path.exists() and "rice" in node.settings().challenges
