"""What a person can do something about ends a command with one line; a defect of ours keeps its traceback."""

from __future__ import annotations

import errno
from pathlib import Path

import pytest

from lumbung.cli.exits import BAD_INPUT, PLATFORM, exits


def ended(error, capsys):
    """Return the code and the line with which a command ends over an error."""
    with pytest.raises(SystemExit) as caught, exits():
        raise error
    return caught.value.code, capsys.readouterr().err


@pytest.mark.parametrize(
    ("number", "code"),
    [
        (errno.ENOENT, BAD_INPUT),
        (errno.ENOTDIR, BAD_INPUT),
        (errno.EISDIR, BAD_INPUT),
        (errno.ENAMETOOLONG, BAD_INPUT),
        (errno.EACCES, PLATFORM),
        (errno.ENOSPC, PLATFORM),
        (errno.EROFS, PLATFORM),
    ],
)
def test_a_path_the_system_refuses_is_named(number, code, capsys):
    assert ended(OSError(number, "so it is", "some/place"), capsys) == (
        code,
        "lumbung: some/place: so it is\n",
    )


def test_a_full_disk_is_said(capsys):
    code, said = ended(OSError(errno.ENOSPC, "No space left on device"), capsys)
    assert code == PLATFORM and "No space left on device; make room" in said


def test_names_that_are_not_utf_8_are_written_out(capsys):
    odd = "lumbung-out/b\udcffd"
    code, said = ended(UnicodeEncodeError("utf-8", odd, 13, 14, "surrogates not allowed"), capsys)
    assert (code, said.split(": ")[1]) == (BAD_INPUT, "lumbung-out/b\\xffd") and "rename" in said
    assert ended(FileNotFoundError(2, "gone", odd.encode(errors="surrogateescape")), capsys)[1] == (
        "lumbung: lumbung-out/b\\xffd: gone\n"
    )


def test_a_folder_that_was_removed_under_ones_feet_is_said(tmp_path, monkeypatch, capsys):
    here = tmp_path / "here"
    here.mkdir()
    monkeypatch.chdir(here)
    here.rmdir()
    with pytest.raises(SystemExit) as caught, exits():
        Path("toy").resolve()
    assert caught.value.code == BAD_INPUT and "folder you are in is gone" in capsys.readouterr().err


@pytest.mark.parametrize(
    "error",
    [BrokenPipeError(errno.EPIPE, "no reader"), UnicodeEncodeError("ascii", "ü", 0, 1, "no"), KeyError("x")],
)
def test_what_names_no_place_keeps_its_traceback(error):
    with pytest.raises(type(error)), exits():
        raise error
