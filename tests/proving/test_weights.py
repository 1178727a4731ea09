"""Weights: known without being executed, refused where they were cut, kept once, shown read-only in the box."""

from __future__ import annotations

import json
import os
import pickle
import shutil
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from click.testing import CliRunner

from lumbung.cli import main
from lumbung.proving.challenge import ResourceLimits
from lumbung.proving.environments.chosen import environment_of
from lumbung.proving.environments.shelf import Shelf
from lumbung.proving.faults import PlatformFault, SubmissionFault
from lumbung.proving.guest import open_guest
from lumbung.proving.submission import read_submission
from lumbung.proving.weights import UNUSED_S, Format, WeightsError, WeightStore, look_at

READS = """
import os
def solve(problem):
    folder = os.environ["LUMBUNG_WEIGHTS"]
    path = folder + "/model.bin"
    try:
        open(path, "ab")
    except OSError:
        return [open(path, "rb").read(), sorted(os.listdir(folder))]
"""


def safetensors(values: bytes = b"\0" * 12) -> bytes:
    header = json.dumps({"a": {"dtype": "F32", "shape": [3], "data_offsets": [0, 12]}}).encode()
    return len(header).to_bytes(8, "little") + header + values


def onnx() -> bytes:
    """ModelProto with ir_version and a graph of 300 bytes, by hand."""
    return b"\x08\x09" + b"\x3a\xac\x02" + b"x" * 300


@pytest.mark.parametrize(
    ("name", "content", "kind"),
    [
        ("a.safetensors", safetensors(), Format.SAFETENSORS),
        ("a.onnx", onnx(), Format.ONNX),
        ("a.gguf", b"GGUF\3\0\0\0" + b"\0" * 16, Format.GGUF),
        ("a.pkl", pickle.dumps({"w": [1.0]}), Format.PICKLE),
        ("a.pt", b"PK\3\4" + b"\0" * 30, Format.PICKLE),
        ("a.bin", b"anything", Format.OTHER),
    ],
)
def test_what_a_file_is_is_read_from_its_head(
    name: str, content: bytes, kind: Format, tmp_path: Path
) -> None:
    (tmp_path / name).write_bytes(content)
    assert look_at(tmp_path / name) is kind


@pytest.mark.parametrize(
    ("name", "content", "found"),
    [
        ("a.safetensors", safetensors()[:-1], "as its header says; the file was cut"),
        ("a.safetensors", safetensors() + b"x", "cut or joined"),
        ("a.safetensors", safetensors()[:30], "the file was cut"),
        ("a.safetensors", safetensors()[:5], "no header"),
        ("a.safetensors", b"\x05\0\0\0\0\0\0\0{nope", "a header that cannot be read"),
        ("a.safetensors", b"\x05\0\0\0\0\0\0\0{\xff\xfe\0}", "a header that cannot be read"),
        ("a.onnx", onnx()[:-1], "the file was cut"),
        ("a.onnx", onnx()[:4], "the file was cut"),
        ("a.onnx", b"\x0b\x0b", "a field of kind 3"),
        ("a.bin", b"", "an empty file"),
    ],
)
def test_a_file_that_was_cut_is_named(name: str, content: bytes, found: str, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(WeightsError, match=f"^{name}: found .*{found}"):
        look_at(tmp_path / name)


def test_weights_are_kept_once_and_shown_read_only(tmp_path: Path) -> None:
    (tmp_path / "model.bin").write_bytes(b"weights")
    store = WeightStore(tmp_path / "store")
    digest = store.keep(tmp_path / "model.bin")
    shutil.copy(tmp_path / "model.bin", tmp_path / "again.bin")
    assert store.keep(tmp_path / "again.bin") == digest
    assert [path.name for path in store.folder.iterdir()] == [digest[7:]]

    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / "solution.py").write_text(READS)
    (mine / "submission.toml").write_text(f'[weights]\n"model.bin" = "{digest}"\n"other.bin" = "{digest}"\n')
    shelf = Shelf(tmp_path / "shelf", weights=store)
    environment = environment_of(read_submission(mine), None, shelf)
    for _ in range(2):  # laid out twice: the second takes the place of the first
        environment = environment_of(read_submission(mine), None, shelf)
        with open_guest(mine, ResourceLimits(), environment) as (guest, _box):
            assert guest.solve(None) == [b"weights", ["model.bin", "other.bin"]]
    assert len(list((store.folder / "sets").iterdir())) == 1

    kept = store.path(digest)
    kept.chmod(0o644)
    kept.write_bytes(b"damaged")
    with pytest.raises(PlatformFault, match=r"model\.bin .* are not on this machine, or were damaged"):
        environment_of(read_submission(mine), None, shelf)
    assert not kept.exists()  # so that a node fetches it again


def test_what_nothing_used_for_a_month_is_forgotten(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = WeightStore(tmp_path / "store")
    for name in ("old", "used"):
        (tmp_path / name).write_text(name)
    old, used = store.keep(tmp_path / "old"), store.keep(tmp_path / "used")
    store.lay_out({"old": old})
    later = time.time() + UNUSED_S + 60
    os.utime(store.path(used), (later, later))
    monkeypatch.setattr(time, "time", lambda: later)
    assert store.forget_unused() == 1
    assert not store.path(old).exists() and store.path(used).exists()
    assert list((store.folder / "sets").iterdir()) == []


@pytest.mark.parametrize("named", ["'../a' = 'sha256:00'", "'a' = 'sha256:00'", "a = 3", "'a b' = 'x'"])
def test_weights_that_cannot_be_meant_are_named(named: str, tmp_path: Path) -> None:
    (tmp_path / "solution.py").write_text(READS)
    (tmp_path / "submission.toml").write_text(f"[weights]\n{named}\n")
    with pytest.raises(SubmissionFault, match=r"submission\.toml"):
        environment_of(read_submission(tmp_path), None, Shelf(tmp_path / "shelf"))


def test_the_command_prints_the_line_for_the_submission(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lumbung.cli.judging.home", lambda: tmp_path / "home")
    (tmp_path / "a.safetensors").write_bytes(safetensors())
    told = CliRunner().invoke(main, ["weights", "add", str(tmp_path / "a.safetensors")])
    assert (
        told.exit_code == 0 and '"a.safetensors" = "sha256:' in told.output and "safetensors" in told.output
    )
    (tmp_path / "a.safetensors").write_bytes(safetensors()[:-2])
    told = CliRunner().invoke(main, ["weights", "add", str(tmp_path / "a.safetensors")])
    assert told.exit_code == 2 and "the file was cut" in told.output


def test_a_header_of_countless_fields_is_refused_at_once(tmp_path: Path) -> None:
    (tmp_path / "a.onnx").write_bytes(b"\x0a\x00" * 20_000)
    with pytest.raises(WeightsError, match="outermost fields"):
        look_at(tmp_path / "a.onnx")


def test_a_set_stays_as_it_lies_while_another_run_looks_into_it(tmp_path: Path) -> None:
    store = WeightStore(tmp_path / "store")
    (tmp_path / "model.bin").write_bytes(b"weights")
    named = {"model.bin": store.keep(tmp_path / "model.bin")}
    place = store.lay_out(named)
    opened = os.open(place, os.O_RDONLY)  # as a box holds it
    try:
        with ThreadPoolExecutor(4) as pool:
            assert set(pool.map(store.lay_out, [named] * 8)) == {place}
        assert os.listdir(opened) == ["model.bin"]
    finally:
        os.close(opened)
    store.path(named["model.bin"]).chmod(0o644)
    store.path(named["model.bin"]).write_bytes(b"cut")
    with pytest.raises(PlatformFault):
        store.lay_out(named)
    store.keep(tmp_path / "model.bin")
    assert (store.lay_out(named) / "model.bin").read_bytes() == b"weights"
