"""Calls in copies of a template: fresh each time, and gone with whoever asked."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from lumbung.proving.apart import Apart, Lost

PID = "__import__('os').getpid()"


@pytest.fixture
def apart() -> Iterator[Apart]:
    found = Apart(bool, eval)
    yield found
    found.close()


def test_each_call_has_a_process_of_its_own(apart: Apart) -> None:
    assert apart("6 * 7") == 42
    template = apart.pid
    first, second, parent = apart(PID), apart(PID), apart("__import__('os').getppid()")
    assert len({os.getpid(), template, first, second}) == 4
    assert parent == template == apart.pid


def test_what_a_call_did_is_gone_but_what_was_prepared_stays(apart: Apart) -> None:
    apart("setattr(__import__('builtins'), 'trace', 1)")
    assert apart("hasattr(__import__('builtins'), 'trace')") is False
    prepared = Apart(exec, eval)
    try:
        prepared("setattr(__import__('builtins'), 'trace', 1)")
        assert prepared("hasattr(__import__('builtins'), 'trace')") is True
    finally:
        prepared.close()


def test_a_large_answer_comes_whole(apart: Apart) -> None:
    assert apart("b'x' * 5_000_000") == b"x" * 5_000_000


@pytest.mark.parametrize(
    ("task", "status"),
    [("__import__('os')._exit(3)", "3"), ("1 / 0", "1"), ("__import__('os').abort()", "-6")],
)
def test_a_copy_that_dies_is_named_and_the_next_call_is_answered(
    apart: Apart, task: str, status: str
) -> None:
    apart("1")
    template = apart.pid
    with pytest.raises(Lost, match=f"ended with {status}$"):
        apart(task)
    assert apart("2") == 2 and apart.pid == template


def test_a_template_that_dies_is_replaced(apart: Apart) -> None:
    with pytest.raises(Lost, match="template"):
        apart("__import__('os').kill(__import__('os').getppid(), 9)")
    assert apart("2") == 2


def test_closing_ends_though_a_fork_holds_our_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lumbung.proving.apart.PATIENCE_S", 0.2)
    apart = Apart(bool, eval)
    template = apart("__import__('os').getppid()")
    child = os.fork()
    if child == 0:
        time.sleep(20)
        os._exit(0)
    try:
        apart.close()
        assert not running(str(template))
    finally:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)


SLOW = """
import os, signal, sys, threading, time
from lumbung.proving.apart import Apart
apart = Apart(bool, eval)
task = ("[print(__import__('os').getpid(), __import__('os').getppid(), __import__('tempfile').gettempdir(), flush=True), "
        "__import__('time').sleep(60)]")
try:
    apart(task)
except KeyboardInterrupt:
    print("interrupted", apart("6 * 7"), flush=True)
"""


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGKILL])
def test_copy_and_template_go_with_whoever_asked(sent: signal.Signals) -> None:
    with subprocess.Popen([sys.executable, "-c", SLOW], stdout=subprocess.PIPE, text=True) as asker:
        assert asker.stdout is not None
        copy, template, folder = asker.stdout.readline().split()
        assert Path(folder).is_dir() and Path(f"/proc/{copy}").is_dir()
        os.kill(asker.pid, sent)
        assert asker.stdout.read() == ("interrupted 42\n" if sent == signal.SIGINT else "")
        asker.wait(20)
    end = time.monotonic() + 20
    while alive := [pid for pid in (copy, template) if running(pid)]:
        assert time.monotonic() < end, alive
        time.sleep(0.05)
    assert not Path(folder).exists()


def running(pid: str) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


def test_a_template_whose_asker_leaves_ends_without_a_word(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    begun = tmp_path / "begun"
    asker = Apart(bool, eval)
    requests = asker._started()
    requests.send(f"__import__('pathlib').Path({str(begun)!r}).touch() or __import__('time').sleep(20)")
    while not begun.exists():
        time.sleep(0.01)
    asker.close()
    assert capfd.readouterr() == ("", "")
