"""Whatever a stranger sends, reading it ends in a frame or in a fault, never in anything else."""

from __future__ import annotations

import fcntl
import os
import socket
from collections.abc import Callable
from pathlib import Path

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lumbung.sandbox import BoxFault, wire

plain = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | st.floats(allow_nan=False)
    | st.text()
    | st.binary(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text() | st.integers(0, 99), inner),
    max_leaves=20,
)


@given(plain)
@settings(max_examples=300, deadline=None)
def test_a_survey_agrees_with_the_codec_on_what_is_sound(value: object) -> None:
    data = wire.encode_frame((1, "ok", value))
    wire.survey(data)
    assert wire.decode_frame(data) == (1, "ok", value)


@given(plain, st.data())
@settings(max_examples=300, deadline=None)
def test_a_survey_refuses_whatever_was_cut_short(value: object, data: st.DataObject) -> None:
    whole = wire.encode_frame((1, "ok", value))
    length = data.draw(st.integers(0, len(whole) - 1))
    with pytest.raises(ValueError):
        wire.survey(whole[:length])
    with pytest.raises(BoxFault):
        wire.decode_frame(whole[:length])


@given(st.binary(max_size=3000))
@settings(max_examples=500, deadline=None)
def test_noise_is_a_frame_or_a_fault(data: bytes) -> None:
    for candidate in (data, b"\x93\x01\xa2ok" + data):
        try:
            seq, verb, _ = wire.decode_frame(candidate)
        except BoxFault as fault:
            assert fault.code == "malformed_message"
        else:
            assert isinstance(seq, int) and isinstance(verb, str)


@given(st.binary(max_size=200))
@settings(max_examples=300, deadline=None)
def test_a_noisy_array_is_an_array_or_a_fault(data: bytes) -> None:
    frame = msgspec.msgpack.encode((1, "ok", msgspec.msgpack.Ext(wire.ARRAY_EXT, data)))
    try:
        assert isinstance(wire.decode_frame(frame)[2], np.ndarray)
    except BoxFault as fault:
        assert fault.code == "malformed_message"


@pytest.mark.parametrize(
    ("dtype", "shape", "body"),
    [
        ("<f8", [2], b"x" * 15),
        ("<f8", [-1], b""),
        ("<f8", [2**62, 2**62], b""),
        ("<f8", [2**40, 0, 2**40], b""),
        ("|O", [1], b"x" * 8),
        ("|V8", [1], b"x" * 8),
        ("f8,f8", [1], b"x" * 16),
        ("<f3", [1], b"xxx"),
        ("", [1], b"x"),
        ("<U9999", [0], b""),
        ("<f8", [1] * 65, b"x" * 8),
    ],
)
def test_impossible_arrays(dtype: str, shape: list[int], body: bytes) -> None:
    ext = msgspec.msgpack.Ext(wire.ARRAY_EXT, msgspec.msgpack.encode((dtype, shape, body)))
    frame = msgspec.msgpack.encode((1, "ok", ext))
    try:
        array = wire.decode_frame(frame)[2]
    except BoxFault as fault:
        assert fault.code == "malformed_message"
    else:
        assert array.size == 0 and array.nbytes == 0


def test_few_bytes_cannot_become_much_memory() -> None:
    bombs = {
        "items": b"\xdd" + (3_000_000).to_bytes(4, "big") + b"\x80" * 3_000_000,
        "deeper": b"\x91" * 5000 + b"\xc0",
        "key": b"\x81\x92" + b"\x01\x02" + b"\xc0" + b"\xa0" * 2000,
    }
    for sign, bomb in bombs.items():
        with pytest.raises(BoxFault, match=sign):
            wire.decode_frame(b"\x93\x01\xa2ok" + bomb)


# ------------------------------------------------------------------------------- handed-over files


def memory_file(content: bytes, seals: int) -> int:
    descriptor = os.memfd_create("test", os.MFD_ALLOW_SEALING)
    os.write(descriptor, content)
    fcntl.fcntl(descriptor, fcntl.F_ADD_SEALS, seals)
    return descriptor


def test_a_sealed_memory_file_is_read() -> None:
    descriptor = memory_file(b"x" * 300_000, 15)
    assert wire.read_sealed(descriptor, 300_000) == b"x" * 300_000
    os.close(descriptor)


@pytest.mark.parametrize("seals", [0, 1, wire.F_SEAL_WRITE, wire.F_SEAL_SHRINK | wire.F_SEAL_GROW])
def test_an_unsealed_memory_file_is_not(seals: int) -> None:
    descriptor = memory_file(b"x" * 10, seals)
    with pytest.raises(BoxFault, match="not a sealed memory file"):
        wire.read_sealed(descriptor, 10)
    os.close(descriptor)


def test_a_memory_file_of_another_length_is_not() -> None:
    descriptor = memory_file(b"x" * 10, 15)
    with pytest.raises(BoxFault, match="10 bytes, 11 were announced"):
        wire.read_sealed(descriptor, 11)
    os.close(descriptor)


def opened(path: Path, flags: int = os.O_RDONLY) -> int:
    return os.open(path, flags)


def fifo(folder: Path) -> int:
    os.mkfifo(folder / "fifo")
    return os.open(folder / "fifo", os.O_RDWR)


def link(folder: Path) -> int:
    (folder / "link").symlink_to("/etc/hostname")
    return os.open(folder / "link", os.O_PATH | os.O_NOFOLLOW)


def written(folder: Path) -> int:
    (folder / "file").write_bytes(b"x" * 10)
    return opened(folder / "file")


OTHERS: dict[str, Callable[[Path], int]] = {
    "fifo": fifo,
    "link": link,
    "device": lambda _: opened(Path("/dev/zero")),
    "folder": opened,
    "file on disk": written,
    "socket": lambda _: socket.socket(socket.AF_UNIX).detach(),
    "pipe": lambda _: os.pipe()[0],
}


@pytest.mark.parametrize("kind", OTHERS)
def test_any_other_descriptor_is_not(kind: str, tmp_path: Path) -> None:
    descriptor = OTHERS[kind](tmp_path)
    with pytest.raises(BoxFault, match="not a sealed memory file"):
        wire.read_sealed(descriptor, 10)
    os.close(descriptor)


def test_uninvited_descriptors_never_become_ours() -> None:
    channel, theirs = wire.channel_pair(2**20)
    before = len(list(Path("/proc/self/fd").iterdir()))
    null = os.open("/dev/null", os.O_RDONLY)
    socket.send_fds(theirs, [b"\x93\x01\xa2ok\xc0"], [null] * 50)
    os.close(null)
    assert channel.receive(1) == (1, "ok", None)
    assert len(list(Path("/proc/self/fd").iterdir())) == before
    channel.close()
    theirs.close()


def test_the_shared_region_cannot_be_written_by_the_guest() -> None:
    channel, theirs = wire.channel_pair(2**20)
    channel.send(7, "solve", b"q" * 500_000)
    assert msgspec.msgpack.decode(theirs.recv(2**18))[:2] == [7, "memfd"]
    _, [descriptor], _, _ = socket.recv_fds(theirs, 1, 1)
    for attempt in (
        lambda: os.pwrite(descriptor, b"x", 0),
        lambda: os.ftruncate(descriptor, 0),
        lambda: os.ftruncate(descriptor, 2**21),
        lambda: fcntl.fcntl(descriptor, fcntl.F_ADD_SEALS, wire.F_SEAL_WRITE),
    ):
        with pytest.raises(PermissionError):
            attempt()
    assert msgspec.msgpack.decode(os.pread(descriptor, 2**20, 0)[: 500_000 + 13]) == [
        7,
        "solve",
        b"q" * 500_000,
    ]
    channel.send(8, "solve", b"r" * 500_000)
    theirs.recv(2**18)
    _, [second], _, _ = socket.recv_fds(theirs, 1, 1)
    assert os.fstat(second).st_ino == os.fstat(descriptor).st_ino, "each question must not cost another file"
    for one in (descriptor, second):
        os.close(one)
    channel.close()
    theirs.close()


@pytest.mark.parametrize("stream", [False, True])
def test_silence_and_the_end_are_told_apart(stream: bool) -> None:
    channel, theirs = wire.channel_pair(2**20, stream=stream)
    with pytest.raises(wire.ChannelSilent):
        channel.receive(0.05)
    theirs.close()
    with pytest.raises(wire.ChannelEnded):
        channel.receive(1)
    with pytest.raises(wire.ChannelEnded):
        for _ in range(3):
            channel.send(1, "step", None)
    channel.close()


def test_a_stream_names_a_frame_too_long() -> None:
    channel, theirs = wire.channel_pair(2**20, stream=True)
    theirs.sendall((2**30).to_bytes(4, "little"))
    with pytest.raises(BoxFault) as caught:
        channel.receive(1)
    assert (caught.value.code, caught.value.params["length"]) == ("message_too_long", 2**30)
    channel.close()
    theirs.close()
