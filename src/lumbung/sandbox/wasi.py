"""Runs a team's WebAssembly module inside the box. The module itself speaks with the host, over standard input and output.

This file stands alone, as ``guest.py`` does: it runs under the box's interpreter with the standard library and wasmtime.
An error inside the module ends this process by the signal that it would bring an executable, so that both read alike.
"""

from __future__ import annotations

import os
import signal
import sys

PACKAGES = "/packages"
# msgpack: [0, "here", nil], and the beginning of [0, "raised", text of four bytes of length]
HERE, RAISED = b"\x93\x00\xa4here\xc0", b"\x93\x00\xa6raised\xdb"
# Which signal an executable would have died of; what is not named here is an illegal instruction.
SIGNALS = {
    "OUT_OF_FUEL": "SIGXCPU",
    "INTEGER_DIVISION_BY_ZERO": "SIGFPE",
    "INTEGER_OVERFLOW": "SIGFPE",
    "BAD_CONVERSION_TO_INTEGER": "SIGFPE",
    "MEMORY_OUT_OF_BOUNDS": "SIGSEGV",
    "STACK_OVERFLOW": "SIGSEGV",
}


def send(frame: bytes) -> None:
    """Send a frame: its length in four bytes, little endian, and the frame."""
    data = len(frame).to_bytes(4, "little") + frame
    while data:
        data = data[os.write(1, data) :]


def exactly(length: int) -> bytes:
    """Read so many bytes; leave where the host is done with us."""
    pieces = b""
    while len(pieces) < length:
        piece = os.read(0, length - len(pieces))
        if not piece:
            os._exit(0)
        pieces += piece
    return pieces


def refuse(reason: str) -> None:
    """Say why the module does not run, and end."""
    text = reason.encode()[-16_000:]
    send(RAISED + len(text).to_bytes(4, "big") + text)
    os._exit(1)


def main() -> None:
    """Say that we are here, and once the host has seen us run the module."""
    module, fuel, memory_bytes, *arguments = sys.argv[1:]
    if os.path.isdir(PACKAGES):
        sys.path.append(PACKAGES)
    import wasmtime  # nothing of the submission is in it: where it fails, the machine is at fault
    from wasmtime import _ffi as c_api

    config = wasmtime.Config()
    config.consume_fuel = True
    config.wasm_relaxed_simd_deterministic = True
    # What Python's face of it does not offer: the same bits of "not a number" on every machine, and no more addresses
    # taken than are used, since where there is no control group they are what is limited.
    c_api.wasmtime_config_cranelift_nan_canonicalization_set(config.ptr(), True)
    c_api.wasmtime_config_memory_reservation_set(config.ptr(), 0)
    c_api.wasmtime_config_memory_guard_size_set(config.ptr(), 0)
    engine = wasmtime.Engine(config)
    store = wasmtime.Store(engine)
    store.set_fuel(int(fuel))
    store.set_limits(memory_size=int(memory_bytes), instances=1, memories=1)
    linker = wasmtime.Linker(engine)
    linker.define_wasi()
    store.set_wasi(surroundings(wasmtime.WasiConfig(), module, arguments))
    send(HERE)
    exactly(int.from_bytes(exactly(4), "little"))
    try:
        program = wasmtime.Module.from_file(engine, module)
        begin = linker.instantiate(store, program).exports(store)["_start"]
    except (wasmtime.WasmtimeError, wasmtime.Trap) as error:
        refuse(str(error))
    run(wasmtime, store, begin)


def surroundings(wasi, module: str, arguments: list[str]):  # type: ignore[no-untyped-def]
    """What a module finds: the box's folders, its arguments, and where weights lie."""
    folder, name = os.path.split(module)
    weights = os.environ.get("LUMBUNG_WEIGHTS", "")  # without a box there may be none
    wasi.argv = [name, *arguments]
    wasi.env = [("LUMBUNG_WEIGHTS", "/weights")]
    wasi.inherit_stdin()
    wasi.inherit_stdout()
    wasi.inherit_stderr()
    wasi.preopen_dir(folder, ".", fs_mutable=False)
    wasi.preopen_dir("/tmp", "/tmp")
    if os.path.isdir(weights):
        wasi.preopen_dir(weights, "/weights", fs_mutable=False)
    return wasi


def run(wasmtime, store, begin) -> None:  # type: ignore[no-untyped-def]
    """Run the module to its end, and end as it did."""
    try:
        begin(store)
    except wasmtime.ExitTrap as left:
        os._exit(left.code & 0xFF)
    except (wasmtime.Trap, wasmtime.WasmtimeError) as error:
        code = getattr(error, "trap_code", None)
        print(error, file=sys.stderr, flush=True)
        number = signal.Signals[SIGNALS.get(code.name if code else "", "SIGILL")]
        signal.signal(number, signal.SIG_DFL)
        os.kill(os.getpid(), number)
    os._exit(0)


if __name__ == "__main__":
    main()
