"""A box: one stranger's program, shut in, answering questions until it is closed."""

from __future__ import annotations

import contextlib
import dataclasses
import os
import re
import signal
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

from lumbung.sandbox import enclosure, wire
from lumbung.sandbox.accounts import Account, own_ground
from lumbung.sandbox.faults import BoxFault, RequestTooLong, SandboxUnavailable
from lumbung.sandbox.legible import legible
from lumbung.sandbox.limits import Isolation, Limits, Usage
from lumbung.sandbox.packages import Packages, installed, plain
from lumbung.sandbox.programs import PROTOCOL, Program, check_program, find_program
from lumbung.sandbox.syscalls import ARCHITECTURES, seccomp_program
from lumbung.sandbox.warden import Launch, Warden

_MISSING = "missing"


class Box:
    """A running solution. Made by :func:`open_box`; use it in a ``with`` statement.

    Attributes
    ----------
    isolation
        What held it.
    """

    def __init__(self, warden: Warden, channel: wire.Channel, limits: Limits, isolation: Isolation) -> None:
        self.isolation = isolation
        self._warden = warden
        self._channel = channel
        self._limits = limits
        self._seq = 0
        self._messages = 0
        self._round_trip_max_s = 0.0
        self._fault: BoxFault | None = None
        self._closed = False

    def ask(self, verb: str, payload: object = None, *, timeout_s: float | None = None) -> Any:
        """Put one question and wait for the answer.

        Parameters
        ----------
        verb
            The method of the solution, for example ``"step"``.
        payload
            What it gets: numbers, text, bytes, lists, dicts with text keys, numpy arrays.
        timeout_s
            Wall time allowed [s]; default ``limits.message_s``.

        Raises
        ------
        BoxFault
            The solution failed; the box is dead.
        RequestTooLong, TypeError
            The question itself is too long or cannot travel; the box lives on.
        """
        if self._fault is not None:
            raise self._fault
        if self._closed:
            raise ValueError("this box is closed")
        seq = self._seq = self._seq + 1
        allowed_s = self._limits.message_s if timeout_s is None else timeout_s
        began = time.perf_counter()
        try:
            self._channel.send(seq, verb, payload, allowed_s)
            frame = self._channel.receive(allowed_s)
        except (BoxFault, wire.ChannelEnded, wire.ChannelSilent) as trouble:
            raise self._condemn(trouble, "message", allowed_s) from None
        except (RequestTooLong, TypeError, ValueError, OverflowError):
            raise  # nothing was sent
        except BaseException:
            self.close()  # interrupted between question and answer: the next answer would be the old one
            raise
        took = time.perf_counter() - began
        if took > self._round_trip_max_s:
            self._round_trip_max_s = took
        self._messages += 1
        if frame[0] == seq and frame[1] == "ok":
            return frame[2]
        raise self._condemn(_refusal(frame, seq, self._limits), "message", allowed_s)

    def usage(self) -> Usage:
        """Return what the box used up to now, or in all once it is closed."""
        warden = self._warden
        until = time.monotonic() if warden.ended is None else warden.ended
        return Usage(
            wall_s=until - warden.began,
            cpu_s=warden.cpu_s,
            peak_memory_bytes=warden.peak_memory_bytes,
            messages=self._messages,
            round_trip_max_s=self._round_trip_max_s,
        )

    def log(self) -> str:
        """Return what the solution printed, shortened in the middle to ``limits.log_bytes``."""
        return self._warden.log.text()

    def close(self) -> None:
        """End the solution, whatever it is doing, and everything it started."""
        if self._closed:
            return
        self._closed = True
        self._channel.close()
        self._warden.end()
        if not self._warden.all_gone:
            raise SandboxUnavailable(
                "processes of a closed box are still there after 5 s; look at the machine's load"
            )

    def __enter__(self) -> Box:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    # ------------------------------------------------------------------------------- beginnings

    def _begin(self, *, alone: bool) -> None:
        """See the guest arrive and the solution become ready."""
        until = time.monotonic() + self._limits.start_s
        here = alone  # before an executable runs, nothing of ours runs inside
        while True:
            try:
                seq, verb, payload = self._channel.receive(until - time.monotonic())
                if verb == "here" and not here:
                    here = True
                    self._channel.send(0, "load", None)
                    continue
            except (BoxFault, wire.ChannelEnded, wire.ChannelSilent) as trouble:
                self._check_platform(here, trouble)
                raise self._condemn(trouble, "start", self._limits.start_s) from None
            if (seq, verb) == (0, "ready") and payload in (None, PROTOCOL):
                return
            raise self._condemn(
                _refusal((seq, verb, payload), 0, self._limits), "start", self._limits.start_s
            )

    def _check_platform(self, here: bool, trouble: Exception) -> None:
        """Raise the platform's fault where the program never came to run."""
        if isinstance(trouble, wire.ChannelEnded) and not self._warden.wait_exit(1.0) and here:
            return  # what still runs shut the socket down itself
        arrived = here and (self._warden.set_up or isinstance(trouble, wire.ChannelSilent | BoxFault))
        if arrived and self._warden.error is None:
            return
        with contextlib.suppress(SandboxUnavailable):
            self.close()
        if self._warden.error is not None:
            raise SandboxUnavailable(enclosure.explain(f"{self._warden.error}: not found"))
        if self._warden.set_up and here:
            return
        if self._warden.oom_kills:
            return
        if isinstance(trouble, wire.ChannelSilent):
            raise SandboxUnavailable(
                f"the guest program did not arrive within {self._limits.start_s:g} s of its launch; "
                "the machine may be overloaded: run fewer boxes at a time, or raise start_s"
            )
        raise SandboxUnavailable(enclosure.explain(self.log()))

    # ----------------------------------------------------------------------------------- ends

    def _condemn(self, trouble: Exception, which: str, allowed_s: float) -> BoxFault:
        """Close the box and say whose verdict it is: a limit the warden saw goes before what we saw of it."""
        by_itself = isinstance(trouble, wire.ChannelEnded) and self._warden.wait_exit(1.0)
        with contextlib.suppress(SandboxUnavailable):
            self.close()
        warden = self._warden
        lacking = _lacking(self.log()) if by_itself and warden.exit_code == 127 else None
        if warden.verdict is not None:
            fault = warden.verdict
        elif warden.oom_kills:
            fault = BoxFault("out_of_memory", {"limit_bytes": self._limits.memory_bytes})
        elif isinstance(trouble, BoxFault):
            fault = trouble
        elif isinstance(trouble, wire.ChannelSilent):
            fault = BoxFault("timed_out", {"which": which, "seconds": allowed_s})
        elif lacking is not None:
            fault = lacking
        elif by_itself:
            fault = _death(warden.exit_code or 0, self._limits)
        else:
            fault = BoxFault("exited", {"reason": "it closed the message socket", "exit_code": 0})
        fault.log = self.log()
        self._fault = fault
        return fault


def _death(exit_code: int, limits: Limits) -> BoxFault:
    if exit_code == -signal.SIGXCPU:
        return BoxFault("timed_out", {"which": "cpu", "seconds": limits.cpu_s})
    if exit_code < 0:
        try:
            name = signal.Signals(-exit_code).name
        except ValueError:
            name = f"signal {-exit_code}"
        return BoxFault("crashed", {"signal": name})
    return BoxFault("exited", {"reason": f"exit code {exit_code}", "exit_code": exit_code})


def _lacking(log: str) -> BoxFault | None:
    """Read what a loader says before it leaves: a program that brings its loader may have forgotten a library."""
    told = re.search(r"^(\S+): error while loading shared libraries: (\S+?): (.+)$", log, re.MULTILINE)
    if told is None:
        return None
    found = f"its loader does not find {told[2]} ({told[3]})"
    where = told[1].removeprefix(enclosure.SUBMISSION_INSIDE + "/")
    return BoxFault(
        "program_unusable", {"where": where, "found": found, "expected": "the library in the folder"}
    )


def _refusal(frame: tuple[int, str, Any], seq: int, limits: Limits) -> BoxFault:
    """Read an answer that is not "ok"."""
    if frame[0] != seq:
        reason = f"it answers question {frame[0]}, but question {seq} was asked"
        return BoxFault("malformed_message", {"reason": reason})
    if frame[1] == "ready":
        said = legible(repr(frame[2]))[:40]
        reason = f"it says that it speaks version {said} of the messages; version {PROTOCOL} is spoken here"
        return BoxFault("malformed_message", {"reason": reason})
    if frame[1] == "raised" and isinstance(frame[2], str):
        told = legible(frame[2])
        lines = [line for line in told.splitlines() if line.strip()] or ["an exception without a name"]
        if lines[-1].startswith("MemoryError"):
            return BoxFault("out_of_memory", {"limit_bytes": limits.memory_bytes})
        return BoxFault("raised", {"error": lines[-1][:500], "trace": told[-16_000:]})
    if frame[1] == _MISSING:
        return BoxFault(
            "no_entry_point", {"reason": f"the solution has no function {legible(str(frame[2])[:80])}"}
        )
    return BoxFault("malformed_message", {"reason": f"unknown kind of answer {frame[1][:40]!r}"})


# ---------------------------------------------------------------------------------------- opening


def open_box(
    submission: Path,
    limits: Limits = Limits(),  # noqa: B008 - frozen
    *,
    program: Program | None = None,
    trust: bool = False,
    packages: Packages | None = None,
    weights: Path | None = None,
    provide: Sequence[Path] = (),
    openings: enclosure.Openings = enclosure.SHUT,
) -> Box:
    """Start a submission in a box and return when it is loaded and ready.

    Parameters
    ----------
    submission
        Its folder.
    limits
        What it may use.
    program
        What is run of it; by default ``solution.py``, an executable ``solution``, or a module ``solution.wasm``.
    trust
        Run one's own code with no sandbox at all (``isolation.kind == "none"``).
    packages
        What ``solution.py`` may import besides the standard library; numpy by default. With *trust* it sees whatever
        this Python sees besides. An executable sees none of it.
    weights
        A folder to show read-only at ``/weights``, or where the variable LUMBUNG_WEIGHTS says.
    provide
        Files or folders to show besides, at their own paths, read-only.
    openings
        Protections to leave out; for tests of the sandbox itself.

    Raises
    ------
    BoxFault
        The submission's fault: no entry point, a program that cannot run here, or it fails while it is loaded.
    SandboxUnavailable
        The platform's fault; the message says what to install or allow.
    """
    submission = Path(os.path.abspath(submission))  # noqa: PTH100 - links are followed once, by the mount
    run = find_program(submission) if program is None else program
    if not trust:
        _check_platform()
        check_program(submission, run, os.uname().machine)
    elif sys.platform == "win32":
        raise SandboxUnavailable(
            "solutions speak over a Unix socket, which Windows does not hand over; use WSL 2 or Linux"
        )
    shown = _packages_of(run) if packages is None else packages
    stream = run.kind != "python" or (trust and _forced_stream())
    channel, theirs = wire.channel_pair(limits.message_bytes, stream=stream)
    account: Account | None = None
    try:
        if trust:
            launch, isolation = _trusting(submission, run, limits, shown, weights, theirs), _no_isolation()
        else:
            ground = own_ground() if openings.limits else None
            account = Account(ground, limits) if ground is not None else None
            launch, isolation = _enclosing(
                submission, run, limits, shown, weights, provide, theirs, account, openings
            )
    except BaseException:
        channel.close()
        theirs.close()
        if account is not None:
            account.remove()
        raise
    watched = limits if openings.limits else dataclasses.replace(limits, memory_bytes=2**50)
    warden = Warden(launch, watched, account)
    box = Box(warden, channel, limits, isolation)
    warden.start()
    try:
        box._begin(alone=run.kind == "executable")
    except BaseException:
        with contextlib.suppress(SandboxUnavailable):
            box.close()
        raise
    return box


def isolation_here() -> Isolation:
    """Return the isolation that a box obtains on this machine, without opening one.

    Raises
    ------
    SandboxUnavailable
        None can be had.
    """
    _check_platform()
    ground = own_ground()
    account = Account(ground, Limits()) if ground is not None else None
    try:
        return _isolation(account)
    finally:
        if account is not None:
            account.remove()


def _forced_stream() -> bool:
    """LUMBUNG_STREAM=1 takes the way of machines without SOCK_SEQPACKET, to test it where there is one."""
    return os.environ.get("LUMBUNG_STREAM") == "1"


def _no_isolation() -> Isolation:
    notes = ("run with trust: no sandbox, only wall time and messages are limited",)
    return Isolation("none", "rlimit", "", notes)


def _packages_of(program: Program) -> Packages:
    if program.kind == "python":
        return plain()
    return installed(("wasmtime",)) if program.kind == "module" else Packages(())


def _trusting(
    submission: Path, program: Program, limits: Limits, packages: Packages, weights: Path | None, theirs: Any
) -> Launch:
    guest = str(enclosure.guest_of(program))
    command = enclosure.inside_command(program, limits, Path(sys.executable), str(submission), guest)
    script = f'{enclosure.take_socket(program)}; exec "$@"'
    env = {**os.environ, "PYTHONHASHSEED": "0"}
    built = [str(place.outside) for place in packages.places if not place.inside]
    if built:
        env["PYTHONPATH"] = os.pathsep.join([*built, *filter(None, [os.environ.get("PYTHONPATH")])])
    if weights is not None:
        env["LUMBUNG_WEIGHTS"] = str(weights)
    return Launch(["sh", "-c", script, "sh", *command], theirs, (), None, env, str(submission))


def _enclosing(
    submission: Path,
    program: Program,
    limits: Limits,
    packages: Packages,
    weights: Path | None,
    provide: Sequence[Path],
    theirs: Any,
    account: Account | None,
    openings: enclosure.Openings,
) -> tuple[Launch, Isolation]:
    descriptors: list[int] = []
    try:
        seccomp = _memory_file(seccomp_program(), descriptors)
        table = _memory_file(b"\n", descriptors)
        status_read, status_write = _high_pipe(descriptors)
        command, staging = enclosure.chain(
            submission,
            program,
            limits,
            enclosure.interpreter(),
            packages,
            weights,
            [Path(os.path.abspath(path)) for path in provide],  # noqa: PTH100
            account.doors() if account is not None else [],
            enclosure.Descriptors(seccomp, status_write, table),
            openings,
        )
        if staging.needed:
            os.pwrite(table, staging.table().encode(), 0)
    except BaseException:
        for descriptor in descriptors:
            os.close(descriptor)
        raise
    inherited = (seccomp, table, status_write)
    env = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C.UTF-8"}
    launch = Launch(command, theirs, inherited, (status_read, status_write), env, "/")
    return launch, _isolation(account)


def _isolation(account: Account | None) -> Isolation:
    notes: list[str] = []
    if account is None:
        notes.append(
            "no control group was delegated: memory and CPU time are limited per process, their sum sampled"
        )
    elif account.cpu_s() is None:
        notes.append("the control group does not account CPU time: its sum is sampled")
    return Isolation(
        "bubblewrap",
        account.version if account is not None else "rlimit",
        enclosure.find_bubblewrap().version,
        tuple(notes),
    )


def _check_platform() -> None:
    if sys.platform != "linux":
        raise SandboxUnavailable(
            "the sandbox needs Linux; to try your own solution on this machine, use --trust (no isolation)"
        )
    machine = os.uname().machine
    if machine not in ARCHITECTURES:
        known = ", ".join(ARCHITECTURES)
        raise SandboxUnavailable(f"no system call tables for {machine}; the sandbox knows {known}")


def _memory_file(content: bytes, opened: list[int]) -> int:
    import fcntl  # not at the top: whoever reads digests and evidence on Windows has none

    descriptor = os.memfd_create("lumbung-box")
    try:
        high = fcntl.fcntl(descriptor, fcntl.F_DUPFD_CLOEXEC, 10)  # 3 is the socket's inside
    finally:
        os.close(descriptor)
    opened.append(high)
    os.pwrite(high, content, 0)
    return high


def _high_pipe(opened: list[int]) -> tuple[int, int]:
    import fcntl

    ends = os.pipe()
    try:
        high = [fcntl.fcntl(end, fcntl.F_DUPFD_CLOEXEC, 10) for end in ends]
    finally:
        for end in ends:
            os.close(end)
    opened.extend(high)
    return high[0], high[1]
