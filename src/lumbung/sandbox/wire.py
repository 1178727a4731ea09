"""Messages between the host and a stranger's program: msgpack frames, nothing in them trusted.

A frame is ``[seq, verb, payload]``; the answer is ``[seq, "ok", answer]``. Programs that speak for themselves have a stream,
each frame behind its length; ``docs/sandbox/guest-protocol.md`` tells that from their side. Our guest, which speaks for
Python, has packets: one frame each, and one above ``DIRECT_BYTES`` is announced by ``[seq, "memfd", length]`` and lies in
the memory file whose descriptor the next packet carries.
"""

from __future__ import annotations

import array
import contextlib
import math
import mmap
import os
import re
import socket
import stat
import struct
import sys
import time
from typing import TYPE_CHECKING, Any

import msgspec

from lumbung.sandbox.faults import BoxFault, RequestTooLong

if TYPE_CHECKING:
    import numpy as np

DIRECT_BYTES = 192 * 1024  # what surely fits one packet under Linux's default socket buffer (212992)
ARRAY_EXT = 1
MAX_DEPTH = 64
MAX_ITEMS = 2_000_000
SURVEY_ABOVE_BYTES = 1024
EMPTY_ROWS = 256
"""How many rows an array without a single number may have: each becomes an object where somebody lists them."""

F_SEAL_SEAL, F_SEAL_SHRINK, F_SEAL_GROW, F_SEAL_WRITE, F_SEAL_FUTURE_WRITE = 1, 2, 4, 8, 16
_GUEST_SEALS = F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE

_DTYPE = re.compile(r"[<>|][biufcSU][0-9]{1,4}|[<>][mM]8\[(ns|us|ms|s|m|h|D|W|M|Y)\]")


# ---------------------------------------------------------------------------------------------- codec


def _encode_other(value: object) -> object:
    np = sys.modules.get("numpy")  # whoever hands us an array has imported it; nobody else waits for it
    if np is not None and isinstance(value, np.ndarray):
        if value.dtype.hasobject or value.dtype.fields is not None:
            raise TypeError(
                f"arrays of dtype {value.dtype} do not travel; use plain numbers, one array per field"
            )
        octets = np.ascontiguousarray(value).reshape(-1).view(np.uint8).data if value.size else b""
        body = msgspec.msgpack.encode((value.dtype.str, value.shape, octets))
        return msgspec.msgpack.Ext(ARRAY_EXT, body)
    if np is not None and isinstance(value, np.generic):
        return value.item()
    raise TypeError(
        f"{type(value).__name__} does not travel; use numbers, text, lists, dicts or numpy arrays"
    )


def _decode_ext(code: int, data: memoryview) -> np.ndarray:
    import numpy as np

    if code != ARRAY_EXT:
        raise ValueError(f"unknown extension type {code}")
    dtype_text, shape, body = _ARRAY_DECODER.decode(data)
    if not _DTYPE.fullmatch(dtype_text):
        raise ValueError(f"array dtype {dtype_text[:40]!r} is not allowed")
    dtype = np.dtype(dtype_text)
    if len(shape) > 32 or any(n < 0 for n in shape):
        raise ValueError(f"array shape {shape[:33]} is not allowed")
    if not dtype.itemsize:
        # Its rows cost the sender nothing, and numpy gives each of them four bytes of ours.
        raise ValueError(f"array dtype {dtype_text} holds nothing")
    if math.prod(n for n in shape if n) > EMPTY_ROWS and not math.prod(shape):
        raise ValueError(
            f"an array of shape {shape} that holds nothing; at most {EMPTY_ROWS} empty rows travel"
        )
    expected = math.prod(shape) * dtype.itemsize
    if expected != len(body):
        raise ValueError(
            f"an array of shape {shape} and dtype {dtype_text} takes {expected} bytes, not {len(body)}"
        )
    if not expected:
        return np.empty(shape, dtype)
    return np.frombuffer(body, dtype).reshape(shape)


_ARRAY_DECODER: msgspec.msgpack.Decoder[tuple[str, list[int], bytes]] = msgspec.msgpack.Decoder(
    tuple[str, list[int], bytes]
)
_encoder = msgspec.msgpack.Encoder(enc_hook=_encode_other)
_decoder: msgspec.msgpack.Decoder[tuple[int, str, Any]] = msgspec.msgpack.Decoder(
    tuple[int, str, Any], ext_hook=_decode_ext
)
encode_frame = _encoder.encode


def decode_frame(data: bytes | bytearray | memoryview) -> tuple[int, str, Any]:
    """Decode a frame written by a stranger.

    Raises
    ------
    BoxFault
        ``malformed_message``: not msgpack, not a frame, too deep, or with too many items to be unpacked safely.
    """
    try:
        if len(data) > SURVEY_ABOVE_BYTES:
            survey(data)
        return _decoder.decode(data)
    except (msgspec.MsgspecError, ValueError, TypeError, RecursionError, OverflowError) as error:
        reason = str(error) or type(error).__name__
        raise BoxFault("malformed_message", {"reason": reason[:300]}) from None


# First byte of a msgpack value -> (bytes of header after it, kind). The length or count is in the header.
_FIXED = {0xC0: 0, 0xC2: 0, 0xC3: 0, 0xCA: 4, 0xCB: 8, 0xCC: 1, 0xCD: 2, 0xCE: 4, 0xCF: 8}
_FIXED |= {0xD0: 1, 0xD1: 2, 0xD2: 4, 0xD3: 8, 0xD4: 2, 0xD5: 3, 0xD6: 5, 0xD7: 9, 0xD8: 17}
_COUNTED = {0xC4: (1, 0), 0xC5: (2, 0), 0xC6: (4, 0), 0xC7: (1, 1), 0xC8: (2, 1), 0xC9: (4, 1)}
_COUNTED |= {0xD9: (1, 0), 0xDA: (2, 0), 0xDB: (4, 0)}
_CONTAINERS = {0xDC: (2, 1), 0xDD: (4, 1), 0xDE: (2, 2), 0xDF: (4, 2)}


def survey(
    data: bytes | bytearray | memoryview, max_items: int = MAX_ITEMS, max_depth: int = MAX_DEPTH
) -> None:
    """Walk a msgpack text without building anything from it.

    One byte of msgpack can become a hundred bytes of Python, so a long message is counted before it is decoded:
    16 MiB of empty maps would take more than a gigabyte of the host.

    Raises
    ------
    ValueError
        Truncated, too deep, too many items, or a map whose key is neither text nor number.
    """
    position, end, items = 0, len(data), 0
    open_counts: list[int] = [1]
    open_maps: list[bool] = [False]
    while open_counts:
        if open_counts[-1] == 0:
            open_counts.pop()
            open_maps.pop()
            continue
        if position >= end:
            raise ValueError("the message is truncated")
        first = data[position]
        position += 1
        items += 1
        if items > max_items:
            raise ValueError(
                f"the message holds more than {max_items} items; send numpy arrays instead of long lists"
            )
        is_key = open_maps[-1] and open_counts[-1] % 2 == 0
        open_counts[-1] -= 1
        if first < 0x80 or first >= 0xE0:
            continue
        count, width = -1, 1
        if first < 0x90:
            count, width = 2 * (first & 0x0F), 2
        elif first < 0xA0:
            count = first & 0x0F
        elif first < 0xC0:
            position += first & 0x1F
        elif first in _FIXED:
            position += _FIXED[first]
        elif first in _COUNTED:
            head, extra = _COUNTED[first]
            position += head + extra + int.from_bytes(data[position : position + head], "big")
        elif first in _CONTAINERS:
            head, width = _CONTAINERS[first]
            count = width * int.from_bytes(data[position : position + head], "big")
            position += head
        else:
            raise ValueError(f"byte 0x{first:02x} begins no msgpack value")
        if count >= 0:
            if is_key:
                raise ValueError("a list or map cannot be the key of a map")
            if len(open_counts) > max_depth:
                raise ValueError(f"the message is nested deeper than {max_depth}")
            open_counts.append(count)
            open_maps.append(width == 2)
    if position != end:
        raise ValueError("the message does not end where its frame ends")


# ------------------------------------------------------------------------------------------- channels


class ChannelEnded(Exception):
    """The other side closed the socket, most often by dying."""


class ChannelSilent(Exception):
    """No answer within the time allowed."""


class PacketChannel:
    """The host's end of a SOCK_SEQPACKET pair: one frame, one packet; large frames through memory files."""

    def __init__(self, sock: socket.socket, message_bytes: int) -> None:
        self._sock = sock
        self._limit = message_bytes
        self._buffer = bytearray(DIRECT_BYTES + 64 * 1024)
        self._view = memoryview(self._buffer)
        self._timeout_s = -1.0
        self._shared: tuple[int, mmap.mmap] | None = None
        sock.setblocking(True)

    def send(self, seq: int, verb: str, payload: object, timeout_s: float | None = None) -> None:
        """Send one question; by default it may take as long as the last answer.

        Raises
        ------
        RequestTooLong
            The encoded question exceeds the message limit.
        ChannelEnded
            Nobody is there to read it.
        """
        frame = encode_frame((seq, verb, payload))
        if timeout_s is not None and timeout_s != self._timeout_s:
            self._set_timeout(timeout_s)
        try:
            if len(frame) <= DIRECT_BYTES:
                self._sock.send(frame)
            else:
                self._send_shared(seq, frame)
        except (BrokenPipeError, ConnectionResetError):
            raise ChannelEnded from None
        except BlockingIOError:
            raise ChannelSilent from None

    def _send_shared(self, seq: int, frame: bytes) -> None:
        if len(frame) > self._limit:
            raise RequestTooLong(f"a question of {len(frame)} bytes exceeds the limit of {self._limit} bytes")
        descriptor, region = self._shared_region()
        region[: len(frame)] = frame
        self._sock.send(encode_frame((seq, "memfd", len(frame))))
        self._sock.sendmsg([b"\0"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [descriptor]))])

    def _shared_region(self) -> tuple[int, mmap.mmap]:
        """Return the one memory file through which large questions go.

        One file for the life of the box, writable by our mapping alone (F_SEAL_FUTURE_WRITE): a new file for each
        question would let a solution that keeps the descriptors pile them up in memory charged to the host.
        """
        if self._shared is None:
            import fcntl  # Linux alone has memory files; Windows has no such module

            descriptor = os.memfd_create("lumbung-question", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
            os.ftruncate(descriptor, self._limit)
            region = mmap.mmap(descriptor, self._limit)
            fcntl.fcntl(
                descriptor, fcntl.F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_FUTURE_WRITE | F_SEAL_SEAL
            )
            self._shared = (descriptor, region)
        return self._shared

    def receive(self, timeout_s: float) -> tuple[int, str, Any]:
        """Receive one frame.

        Raises
        ------
        ChannelSilent, ChannelEnded
            Nothing came in time; nobody is there.
        BoxFault
            What came cannot be read, or is too long.
        """
        if timeout_s != self._timeout_s:
            self._set_timeout(timeout_s)
        frame = decode_frame(self._view[: self._receive_packet()])
        if frame[1] == "memfd":
            return self._receive_shared(frame)
        return frame

    def _set_timeout(self, timeout_s: float) -> None:
        # The kernel keeps the time: no poll beside each receive.
        seconds = max(timeout_s, 0.001)
        packed = struct.pack("@ll", int(seconds), int(seconds % 1 * 1e6))
        self._sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, packed)
        self._sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, packed)
        self._timeout_s = timeout_s

    def _receive_packet(self) -> int:
        # Plain recv: descriptors sent along uninvited are dropped by the kernel and never become ours.
        try:
            received = self._sock.recv_into(self._buffer)
        except BlockingIOError:
            raise ChannelSilent from None
        except ConnectionResetError:
            raise ChannelEnded from None
        if not received:
            raise ChannelEnded
        if received == len(self._buffer):
            raise BoxFault("message_too_long", {"length": received, "limit_bytes": DIRECT_BYTES})
        return received

    def _receive_shared(self, announcement: tuple[int, str, Any]) -> tuple[int, str, Any]:
        seq, _, length = announcement
        if not isinstance(length, int) or isinstance(length, bool) or length < 0:
            raise BoxFault(
                "malformed_message", {"reason": "the length of a memory file is not a whole number"}
            )
        if length > self._limit:
            raise BoxFault("message_too_long", {"length": length, "limit_bytes": self._limit})
        descriptors = self._receive_descriptors()
        try:
            if len(descriptors) != 1:
                reason = f"expected one descriptor of a memory file, got {len(descriptors)}"
                raise BoxFault("malformed_message", {"reason": reason})
            frame = decode_frame(read_sealed(descriptors[0], length))
        finally:
            for descriptor in descriptors:
                os.close(descriptor)
        if frame[0] != seq or frame[1] == "memfd":
            raise BoxFault(
                "malformed_message", {"reason": "the memory file holds another frame than announced"}
            )
        return frame

    def _receive_descriptors(self) -> list[int]:
        try:
            data, ancillary, flags, _ = self._sock.recvmsg(
                1, socket.CMSG_SPACE(4 * 8), socket.MSG_CMSG_CLOEXEC
            )
        except BlockingIOError:
            raise ChannelSilent from None
        except ConnectionResetError:
            raise ChannelEnded from None
        descriptors: list[int] = []
        for level, kind, body in ancillary:
            if level == socket.SOL_SOCKET and kind == socket.SCM_RIGHTS:
                whole = len(body) - len(body) % 4
                descriptors.extend(array.array("i", body[:whole]))
        if flags & socket.MSG_CTRUNC:
            for descriptor in descriptors:
                os.close(descriptor)
            raise BoxFault("malformed_message", {"reason": "more descriptors than one came with a packet"})
        if not data and not descriptors:
            raise ChannelEnded
        return descriptors

    def close(self) -> None:
        """Close the socket and the shared region; closing twice is harmless."""
        self._sock.close()
        if self._shared is not None:
            descriptor, region = self._shared
            self._shared = None
            region.close()
            os.close(descriptor)


def read_sealed(descriptor: int, length: int) -> bytes:
    """Read a frame from a memory file that a stranger handed over.

    Only a sealed memory file is read, and by ``pread``: a FIFO or device would make us wait, a mapping of a file that
    can still shrink would kill us with SIGBUS.

    Raises
    ------
    BoxFault
        ``malformed_message``: any other kind of descriptor, missing seals, or another length than announced.
    """
    import fcntl

    status = os.fstat(descriptor)
    seals = -1
    if stat.S_ISREG(status.st_mode):
        with contextlib.suppress(OSError):
            seals = fcntl.fcntl(descriptor, fcntl.F_GET_SEALS)
    if seals < 0 or seals & _GUEST_SEALS != _GUEST_SEALS:
        raise BoxFault(
            "malformed_message", {"reason": "the descriptor handed over is not a sealed memory file"}
        )
    if status.st_size != length:
        reason = f"the memory file has {status.st_size} bytes, {length} were announced"
        raise BoxFault("malformed_message", {"reason": reason})
    pieces = bytearray()
    while len(pieces) < length:
        piece = os.pread(descriptor, min(length - len(pieces), 2**24), len(pieces))
        if not piece:
            raise BoxFault("malformed_message", {"reason": "the memory file ended early"})
        pieces += piece
    return bytes(pieces)


class StreamChannel:
    """The host's end of a SOCK_STREAM pair, of programs in other languages and where packets do not exist (macOS)."""

    def __init__(self, sock: socket.socket, message_bytes: int) -> None:
        self._sock = sock
        self._limit = max(message_bytes, DIRECT_BYTES)
        self._allowed_s = 10.0

    def send(self, seq: int, verb: str, payload: object, timeout_s: float | None = None) -> None:
        """Send one question; raises as :meth:`PacketChannel.send`."""
        frame = encode_frame((seq, verb, payload))
        if len(frame) > self._limit:
            raise RequestTooLong(f"a question of {len(frame)} bytes exceeds the limit of {self._limit} bytes")
        self._sock.settimeout(self._allowed_s if timeout_s is None else max(timeout_s, 0.001))
        try:
            self._sock.sendall(struct.pack("<I", len(frame)) + frame)
        except (BrokenPipeError, ConnectionResetError):
            raise ChannelEnded from None
        except TimeoutError:
            raise ChannelSilent from None

    def receive(self, timeout_s: float) -> tuple[int, str, Any]:
        """Receive one frame; raises as :meth:`PacketChannel.receive`."""
        self._allowed_s = max(timeout_s, 0.001)
        until = time.monotonic() + self._allowed_s
        head = self._receive_exactly(4, until)
        (length,) = struct.unpack("<I", head)
        if length > self._limit:
            raise _too_long(head, length, self._limit)
        return decode_frame(self._receive_exactly(length, until))

    def _receive_exactly(self, length: int, until: float) -> bytes:
        pieces = bytearray()
        while len(pieces) < length:
            left_s = until - time.monotonic()
            if left_s <= 0:
                raise ChannelSilent
            self._sock.settimeout(left_s)
            try:
                piece = self._sock.recv(min(length - len(pieces), 2**20))
            except TimeoutError:
                raise ChannelSilent from None
            except ConnectionResetError:
                raise ChannelEnded from None
            if not piece:
                raise ChannelEnded
            pieces += piece
        return bytes(pieces)

    def close(self) -> None:
        """Close the socket; closing twice is harmless."""
        self._sock.close()


def _too_long(head: bytes, length: int, limit_bytes: int) -> BoxFault:
    """A frame beyond the limit, or no frame at all: print() of a program that forgot where its messages go."""
    said = head.decode("ascii", "replace")
    if said.isprintable() and "\ufffd" not in said:
        reason = f"it begins with the text {said!r}, where the length of a frame belongs; standard output is for frames alone"
        return BoxFault("malformed_message", {"reason": reason})
    return BoxFault("message_too_long", {"length": length, "limit_bytes": limit_bytes})


Channel = PacketChannel | StreamChannel


def channel_pair(message_bytes: int, *, stream: bool = False) -> tuple[Channel, socket.socket]:
    """Make the pair: our channel, and the socket of the guest (its descriptor 3) or program (its standard input and output)."""
    if not stream and hasattr(socket, "SOCK_SEQPACKET"):
        with contextlib.suppress(OSError):  # macOS defines the constant and refuses the pair
            ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
            return PacketChannel(ours, message_bytes), theirs
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
    return StreamChannel(ours, message_bytes), theirs
