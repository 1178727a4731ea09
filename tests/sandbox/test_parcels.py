"""Archives are unpacked whole or not at all; folders are named by their content."""

from __future__ import annotations

import io
import os
import stat
import tarfile
import zipfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lumbung.sandbox import ParcelError, ParcelLimits, digest_folder, unpack

FILES = {"solution.py": b"x = 1\n", "model/weights.bin": bytes(range(256)) * 100, "run.sh": b"#!/bin/sh\n"}


def packed(folder: Path, kind: str, top: str = "") -> Path:
    path = folder / f"parcel.{kind}"
    if kind == "zip":
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as parcel:
            for name, content in FILES.items():
                info = zipfile.ZipInfo(top + name)
                info.create_system = 3
                info.external_attr = (0o100755 if name.endswith(".sh") else 0o100600) << 16
                parcel.writestr(info, content)
    else:
        with tarfile.open(path, f"w:{kind.partition('.')[2]}") as parcel:
            for name, content in FILES.items():
                info = tarfile.TarInfo(top + name)
                info.size, info.mode = len(content), 0o4777 if name.endswith(".sh") else 0o600
                parcel.addfile(info, io.BytesIO(content))
    return path


@pytest.mark.parametrize("top", ["", "my-solution/", "./"])
@pytest.mark.parametrize("kind", ["zip", "tar", "tar.gz", "tar.bz2", "tar.xz"])
def test_every_format_gives_the_same_folder(kind: str, top: str, tmp_path: Path) -> None:
    into = unpack(packed(tmp_path, kind, top), tmp_path / "into")
    found = {str(path.relative_to(into)): path.read_bytes() for path in into.rglob("*") if path.is_file()}
    assert found == FILES
    modes = {name: stat.S_IMODE((into / name).stat().st_mode) for name in FILES}
    assert modes == {"solution.py": 0o644, "model/weights.bin": 0o644, "run.sh": 0o755}
    written = tmp_path / "written"
    for name, content in FILES.items():
        (written / name).parent.mkdir(parents=True, exist_ok=True)
        (written / name).write_bytes(content)
    (written / "run.sh").chmod(0o755)
    assert digest_folder(into) == digest_folder(written)
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


def test_what_a_desktop_adds_is_left_out(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "mac.zip", "w") as parcel:
        for name in (
            "solver/solution.py",
            "solver/.DS_Store",
            "__MACOSX/solver/._solution.py",
            "solver/Thumbs.db",
        ):
            parcel.writestr(name, b"x = 1\n")
    into = unpack(tmp_path / "mac.zip", tmp_path / "content")
    assert [path.relative_to(into).as_posix() for path in into.rglob("*")] == ["solution.py"]


def test_the_digest_of_an_exact_small_case(tmp_path: Path) -> None:
    import hashlib

    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "two").write_bytes(b"22")
    (tmp_path / "a").write_bytes(b"1")
    (tmp_path / "a").chmod(0o755)
    expected = hashlib.sha256(
        b"x 1 1 a" + hashlib.sha256(b"1").digest() + b"- 5 2 b/two" + hashlib.sha256(b"22").digest()
    )
    assert digest_folder(tmp_path) == f"sha256:{expected.hexdigest()}"


names = st.text(
    st.characters(codec="utf-8", exclude_characters="/\0\n\\:", exclude_categories=["Cc", "Cs"]), min_size=1
)


@given(
    st.dictionaries(
        names.filter(lambda n: n not in (".", "..") and len(n.encode()) < 200), st.binary(), max_size=5
    )
)
@settings(max_examples=50, deadline=None)
def test_the_digest_sees_content_and_names_alone(files: dict[str, bytes]) -> None:
    import tempfile

    with tempfile.TemporaryDirectory() as first, tempfile.TemporaryDirectory() as second:
        for folder, order in ((first, list(files)), (second, list(files)[::-1])):
            for name in order:
                (Path(folder) / name).write_bytes(files[name])
        os.utime(second, (0, 0))
        (Path(second) / "empty").mkdir(exist_ok=True) if "empty" not in files else None
        assert digest_folder(Path(first)) == digest_folder(Path(second))
        for name, content in files.items():
            (Path(second) / name).write_bytes(content + b"!")
            assert digest_folder(Path(first)) != digest_folder(Path(second))
            (Path(second) / name).write_bytes(content)
            (Path(second) / name).chmod(0o755)
            assert digest_folder(Path(first)) != digest_folder(Path(second))
            (Path(second) / name).chmod(0o644)


@pytest.mark.parametrize("kind", ["link", "fifo", "dangling"])
def test_a_folder_with_anything_else_has_no_digest(kind: str, tmp_path: Path) -> None:
    thing = tmp_path / "thing"
    if kind == "fifo":
        os.mkfifo(thing)
    else:
        thing.symlink_to("/etc/hostname" if kind == "link" else "nowhere")
    with pytest.raises(ParcelError, match="thing is a link, FIFO"):
        digest_folder(tmp_path)
    with pytest.raises(ParcelError, match="cannot be read"):
        digest_folder(tmp_path / "missing")


def zipped(path: Path, *names: str) -> Path:
    with zipfile.ZipFile(path, "w") as parcel:
        for name in names:
            parcel.writestr(name, "x")
    return path


def zipped_on_windows(path: Path, *names: str) -> Path:
    """As PowerShell 5 writes it: folders parted by backslashes, a folder's own member ending in one."""
    with zipfile.ZipFile(path, "w") as parcel:
        for name in names:
            info = zipfile.ZipInfo("x")
            info.filename, info.create_system = name, 0
            parcel.writestr(info, "" if name.endswith("\\") else "x")
    return path


def test_folders_of_windows_are_folders(tmp_path: Path) -> None:
    parcel = zipped_on_windows(tmp_path / "p.zip", "mine\\", "mine\\solution.py", "mine\\model\\weights.bin")
    found = unpack(parcel, tmp_path / "out")
    files = {str(path.relative_to(found)) for path in found.rglob("*") if path.is_file()}
    assert files == {"solution.py", "model/weights.bin"}
    for names, reason in (
        (["a\\..\\..\\x"], "climbs out"),
        (["\\\\server\\x"], "absolute"),
        (["C:\\x"], "absolute"),
        (["a\\x", "a/x"], "comes twice"),
        (["a\\b", "A\\B"], "comes twice"),
    ):
        with pytest.raises(ParcelError, match=reason):
            unpack(zipped_on_windows(tmp_path / "bad.zip", *names), tmp_path / "bad")
    assert not (tmp_path / "bad").exists()


@pytest.mark.parametrize(
    ("names", "reason"),
    [
        (["/etc/x"], "absolute"),
        (["C:/x"], "absolute"),
        (["a/../../x"], "climbs out"),
        (["a\\x"], "not a backslash.*pack with"),
        (["a\tx"], "control characters"),
        (["x" * 300], "240 bytes"),
        (["a/" * 20 + "x"], "16 levels"),
        (["a", "a"], "comes twice"),
        (["a", "./a"], "comes twice"),
        (["a", "a/b"], "both a file and a folder"),
        ([str(i) for i in range(20)], "at most 10"),
    ],
)
@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_refusal_says_which_member_and_why(names: list[str], reason: str, tmp_path: Path) -> None:
    parcel = zipped(tmp_path / "parcel.zip", *names)
    with pytest.raises(ParcelError, match=reason):
        unpack(parcel, tmp_path / "into", ParcelLimits(files=10))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["parcel.zip"]


@pytest.mark.parametrize(
    "content", [b"", b"hello", b"PK\3\4 broken", b"\x1f\x8bbroken", b"BZh9broken", b"\xfd7zXZ\0broken"]
)
def test_what_is_no_archive(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "parcel").write_bytes(content)
    with pytest.raises(ParcelError, match="parcel"):
        unpack(tmp_path / "parcel", tmp_path / "into")
    assert not (tmp_path / "into").exists()


@pytest.mark.parametrize("kind", ["zip", "tar", "tar.gz", "tar.xz"])
def test_an_archive_cut_short_leaves_nothing(kind: str, tmp_path: Path) -> None:
    path = packed(tmp_path, kind)
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 3])
    with pytest.raises(ParcelError):
        unpack(path, tmp_path / "into")
    assert sorted(p.name for p in tmp_path.iterdir()) == [path.name]


def test_an_existing_folder_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "into").mkdir()
    unpack(zipped(tmp_path / "a.zip", "one"), tmp_path / "into")
    with pytest.raises(ParcelError, match="exists already"):
        unpack(zipped(tmp_path / "b.zip", "two"), tmp_path / "into")
    assert [path.name for path in (tmp_path / "into").iterdir()] == ["one"]


def test_an_archive_that_is_a_fifo_makes_nobody_wait(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "parcel.zip")
    with pytest.raises(ParcelError, match="regular file"):
        unpack(tmp_path / "parcel.zip", tmp_path / "into")


def test_an_encrypted_archive_is_named_as_such(tmp_path: Path) -> None:
    parcel = zipped(tmp_path / "parcel.zip", "secret.txt")
    content = bytearray(parcel.read_bytes())
    for signature, offset in ((b"PK\3\4", 6), (b"PK\1\2", 8)):
        content[content.index(signature) + offset] |= 1
    parcel.write_bytes(content)
    with pytest.raises(ParcelError, match="encrypted"):
        unpack(parcel, tmp_path / "into")


def test_a_member_larger_than_all_that_is_allowed(tmp_path: Path) -> None:
    with pytest.raises(ParcelError, match="at most 1000 are"):
        unpack(packed(tmp_path, "zip"), tmp_path / "into", ParcelLimits(total_bytes=1000))
    with pytest.raises(ParcelError, match="more than 1000 bytes"):
        unpack(packed(tmp_path, "tar.gz"), tmp_path / "into", ParcelLimits(total_bytes=1000))


@pytest.mark.parametrize("damage", ["cut", "struck"])
def test_a_tar_that_is_cut_or_damaged_at_a_member_is_no_whole_one(damage: str, tmp_path: Path) -> None:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        for name in ("one", "two", "three"):
            info = tarfile.TarInfo(name)
            info.size = 5
            archive.addfile(info, io.BytesIO(b"bytes"))
    whole = bytearray(packed.getvalue())
    for at in (1024, 1100, 2048, 3072):  # the headers of the second and third member, and the end
        spoilt = whole[:at] if damage == "cut" else whole[:at] + b"\x01" + whole[at + 1 :]
        (tmp_path / "parcel.tar").write_bytes(spoilt)
        with pytest.raises(ParcelError, match="cut or damaged"):
            unpack(tmp_path / "parcel.tar", tmp_path / "into")
        assert not (tmp_path / "into").exists()
