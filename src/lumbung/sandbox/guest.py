"""Runs a team's ``solution.py`` inside the box and answers the host on descriptor 3.

This file stands alone: it runs under the box's interpreter with the standard library and msgpack (numpy where the
solution uses it), and never imports Lumbung. The protocol is told in docs/sandbox/guest-protocol.md.
"""

from __future__ import annotations

import _signal  # type: ignore[import-not-found]

# This program starts with every box: what it needs only sometimes is imported then, and importlib's own machinery
# is taken where the interpreter has it loaded already. Neither typing nor importlib.util comes for free.
import _frozen_importlib_external as machinery
import _socket
import gc
import os
import sys
from _frozen_importlib import module_from_spec

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

SOCKET = 3
CODEC = "/codec"
PACKAGES = "/packages"
DIRECT_BYTES = 192 * 1024
ARRAY_EXT = 1
ALL_SEALS = 1 | 2 | 4 | 8
F_ADD_SEALS = 1033
TRACE_CHARS = 16_000


def array_parts(value: Any) -> Any:
    """Return what travels of a numpy value: (dtype, shape, bytes), a plain Python value, or raise TypeError."""
    numpy = sys.modules.get("numpy")
    if numpy is not None and isinstance(value, numpy.ndarray):
        if value.dtype.hasobject or value.dtype.fields is not None:
            raise TypeError(f"arrays of dtype {value.dtype} do not travel; use plain numbers")
        return (value.dtype.str, list(value.shape), value.tobytes())
    if numpy is not None and isinstance(value, numpy.generic):
        return value.item()
    if type(value) is int:
        raise TypeError("a whole number beyond 64 bits does not travel; use a float, or text")
    raise TypeError(
        f"{type(value).__name__} does not travel; use numbers, text, lists, dicts or numpy arrays"
    )


def build_array(parts: Any) -> Any:
    """Make a numpy array, writable and its own, from (dtype, shape, bytes)."""
    import numpy

    dtype, shape, body = parts
    return numpy.frombuffer(body, dtype).reshape(shape).copy()


def take_msgpack() -> Any:
    """Import msgpack from where the host laid it, and leave no trace: a solution may bring another version of its own."""
    if not os.path.isdir(CODEC):  # without a box: this Python's own
        import msgpack

        return msgpack
    sys.path.insert(0, CODEC)
    import msgpack

    sys.path.remove(CODEC)
    for name in [name for name in sys.modules if name.partition(".")[0] == "msgpack"]:
        del sys.modules[name]
    return msgpack


def codec() -> tuple[Callable[[Any], bytes], Callable[[Any], Any]]:
    """Return (encode, decode)."""
    msgpack = take_msgpack()

    def default(value: Any) -> Any:
        parts = array_parts(value)
        return msgpack.ExtType(ARRAY_EXT, msgpack.packb(parts)) if type(parts) is tuple else parts

    def ext_hook(code: int, data: Any) -> Any:
        return build_array(msgpack.unpackb(data))

    def encode(value: Any) -> bytes:
        return bytes(msgpack.packb(value, default=default))

    def decode(data: Any) -> Any:
        return msgpack.unpackb(data, ext_hook=ext_hook, strict_map_key=False)

    return encode, decode


class PacketPort:
    """Frames as packets; large ones through a memory file whose descriptor follows."""

    def __init__(self, sock: Any, encode: Callable[[Any], bytes], decode: Callable[[Any], Any]) -> None:
        self.sock, self.encode, self.decode = sock, encode, decode
        self.buffer = bytearray(DIRECT_BYTES + 64 * 1024)
        self.view = memoryview(self.buffer)

    def receive(self) -> Any:
        received = self.sock.recv_into(self.buffer)
        if not received:
            os._exit(0)
        frame = self.decode(self.view[:received])
        return self.receive_shared(frame[2]) if frame[1] == "memfd" else frame

    def receive_shared(self, length: int) -> Any:
        import array

        _, ancillary, _, _ = self.sock.recvmsg(1, _socket.CMSG_SPACE(4))
        descriptor = array.array("i", ancillary[0][2][:4])[0]
        try:
            pieces = bytearray()
            while len(pieces) < length:
                pieces += os.pread(descriptor, length - len(pieces), len(pieces))
        finally:
            os.close(descriptor)
        return self.decode(pieces)

    def send(self, frame: tuple[int, str, Any]) -> None:
        data = self.encode(frame)
        if len(data) <= DIRECT_BYTES:
            self.sock.send(data)
            return
        import array
        import fcntl

        descriptor = os.memfd_create("answer", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
        try:
            view = memoryview(data)
            while view:
                view = view[os.write(descriptor, view) :]
            fcntl.fcntl(descriptor, F_ADD_SEALS, ALL_SEALS)
            self.sock.send(self.encode((frame[0], "memfd", len(data))))
            rights = (_socket.SOL_SOCKET, _socket.SCM_RIGHTS, array.array("i", [descriptor]))
            self.sock.sendmsg([b"\0"], [rights])
        finally:
            os.close(descriptor)


class StreamPort:
    """Frames on a stream: four bytes of length (little endian), then the frame."""

    def __init__(self, sock: Any, encode: Callable[[Any], bytes], decode: Callable[[Any], Any]) -> None:
        self.sock, self.encode, self.decode = sock, encode, decode

    def receive(self) -> Any:
        return self.decode(self.exactly(int.from_bytes(self.exactly(4), "little")))

    def exactly(self, length: int) -> bytearray:
        pieces = bytearray()
        while len(pieces) < length:
            piece = self.sock.recv(min(length - len(pieces), 2**20))
            if not piece:
                os._exit(0)
            pieces += piece
        return pieces

    def send(self, frame: tuple[int, str, Any]) -> None:
        data = self.encode(frame)
        self.sock.sendall(len(data).to_bytes(4, "little") + data)


def open_port() -> PacketPort | StreamPort:
    """Take over descriptor 3 and hide it from programs that the solution starts."""
    sock = _socket.socket(fileno=SOCKET)
    os.set_inheritable(SOCKET, False)
    port = PacketPort if sock.type == getattr(_socket, "SOCK_SEQPACKET", -1) else StreamPort
    return port(sock, *codec())


def show_packages() -> None:
    """Let the solution, and Pythons that it starts, import its packages: after the standard library, as installed ones are.

    Not by the environment that this Python starts with: a package called ``sitecustomize``, ``encodings`` or ``os`` would run
    before the host has seen us, and its failure would be taken for the machine's.
    """
    if os.path.isdir(PACKAGES):
        sys.path.append(PACKAGES)
        os.environ["PYTHONPATH"] = PACKAGES


def load(folder: str) -> Any:
    """Import ``solution.py`` and return what answers: a ``Solution()`` or the module's functions."""
    sys.path.insert(0, folder)
    spec = machinery.spec_from_file_location("solution", f"{folder}/solution.py")
    assert spec is not None and spec.loader is not None
    module = module_from_spec(spec)
    sys.modules["solution"] = module
    spec.loader.exec_module(module)
    return module.Solution() if hasattr(module, "Solution") else module


def trace() -> str:
    """Return the present exception's traceback without the lines of this file, shortened from the top."""
    import traceback

    kind, error, where = sys.exc_info()
    while where is not None and where.tb_frame.f_code.co_filename == __file__:
        where = where.tb_next
    return "".join(traceback.format_exception(kind, error, where))[-TRACE_CHARS:]


def answer(solution: Any, frame: Any) -> tuple[int, str, Any]:
    """Let the solution answer one frame."""
    seq, verb, payload = frame
    method = getattr(solution, verb, None)
    if method is None or verb.startswith("_"):
        return (seq, "missing", verb)
    try:
        return (seq, "ok", method(payload))
    except Exception:
        return (seq, "raised", trace())


def send_or_explain(port: PacketPort | StreamPort, frame: tuple[int, str, Any]) -> None:
    """Send an answer; where it does not encode, say why instead."""
    try:
        port.send(frame)
    except (TypeError, ValueError, OverflowError, RecursionError):
        port.send((frame[0], "raised", trace()))


def main() -> None:
    """Say that we are here, load the solution, say that it is ready, answer until the socket closes."""
    folder = sys.argv[1]
    # A judge started in the background of a script ignores these, and would pass that on.
    for number in (_signal.SIGINT, _signal.SIGQUIT):
        _signal.signal(number, _signal.SIG_DFL)
    port = open_port()
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(line_buffering=True, errors="backslashreplace")  # type: ignore[union-attr]
    port.send((0, "here", None))
    port.receive()  # nothing of the solution runs before the host has seen us
    show_packages()
    try:
        solution = load(folder)
    except Exception:
        port.send((0, "raised", trace()))
        return
    gc.freeze()  # what is loaded stays: the collector need not look through it again and again
    port.send((0, "ready", None))
    while True:
        frame = port.receive()
        send_or_explain(port, answer(solution, frame))


if __name__ == "__main__":
    main()
