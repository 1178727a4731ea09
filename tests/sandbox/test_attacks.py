"""Every attack is held; and with the protection taken away, the same attack is seen to succeed.

The second half matters as much as the first: a check that cannot fail proves nothing.
"""

from __future__ import annotations

import json
import os
import pty
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest
from click.testing import CliRunner

from lumbung.cli.sandbox import command
from lumbung.sandbox import Openings, SandboxUnavailable, attack_names, attacks, ensure_sandbox, run_attack

HOSTILE = Path(__file__).parents[1] / "hostile"

# Every kind of attack that the self-test promises, by the file that tries it.
PROMISED = [
    "network_tcp", "network_udp", "network_unix_path", "network_unix_abstract", "network_netlink",
    "read_host_files", "read_environment", "read_descriptors", "write_everywhere", "see_processes",
    "signal_processes", "ptrace", "mount", "namespaces", "io_uring", "bpf", "fork_bomb", "memory_hog",
    "memory_children", "disk_fill", "output_flood", "sleep_past_time", "ignore_sigterm",
    "daemon_double_fork", "close_socket", "flood_socket", "malformed_message", "overlong_message",
    "result_symlink", "result_fifo", "result_device", "zip_slip", "tar_links", "tamper_guest",
    "core_dump", "exec_setuid", "write_kernel_settings", "page_faults", "keyrings", "trace_harness", "memfd_exec",
    "result_directory", "signal_storm", "huge_arguments", "set_clock", "write_proc", "sparse_files", "unicode_traps",
    "slow_drops", "abstract_inside", "cgroup_escape", "terminal_escapes", "special_files", "links_in_folder",
]  # fmt: skip


def test_every_promised_attack_is_there_and_says_what_it_does() -> None:
    assert set(PROMISED) <= set(attack_names())
    assert len(attack_names()) >= 70
    assert set(attacks.ATTACKS) <= set(attack_names())
    titles = [attacks.attack_title(name) for name in attack_names()]
    assert all(title.endswith(".") and len(title) > 15 for title in titles)
    assert len(set(titles)) == len(titles)


@pytest.mark.parametrize("name", [path.stem for path in sorted(HOSTILE.glob("*.py"))])
def test_held(name: str) -> None:
    result = run_attack(name)
    assert result.held, result.detail


NO_FILTER = Openings(seccomp=False)
NO_LIMITS = Openings(limits=False)
OPENED = [
    ("network_tcp", Openings(seccomp=False, network=False), "tcp service was spoken to"),
    ("network_udp", Openings(seccomp=False, network=False), "udp service was spoken to"),
    ("network_unix_abstract", Openings(seccomp=False, network=False), "abstract service was spoken to"),
    ("network_netlink", NO_FILTER, "socket of family 16"),
    ("see_processes", Openings(pids=False), "host's secret"),
    ("ptrace", NO_FILTER, "attached"),
    ("mount", Openings(seccomp=False, user_namespaces=False), "mount in a namespace of its own"),
    ("namespaces", Openings(seccomp=False, user_namespaces=False), "unshare user"),
    ("bpf", NO_FILTER, "a socket filter"),
    ("kernel_surface", NO_FILTER, "keyctl"),
    ("page_faults", NO_FILTER, "userfaultfd 1"),
    ("trace_harness", NO_FILTER, "Seccomp: 0"),
    ("memfd_exec", NO_FILTER, "without the filter"),
    ("thread_bomb", NO_LIMITS, "made: 400"),
    ("fork_bomb", NO_LIMITS, "made: 400"),
    ("memory_hog", NO_LIMITS, "let go on to its end"),
    ("memory_children", NO_LIMITS, "8 children"),
]


@pytest.mark.parametrize(("name", "openings", "sign"), OPENED, ids=[row[0] for row in OPENED])
def test_with_one_protection_left_out_the_attack_succeeds(name: str, openings: Openings, sign: str) -> None:
    result = run_attack(name, openings=openings)
    assert not result.held
    assert sign in result.detail


def test_without_the_filter_io_uring_opens_where_the_kernel_has_it() -> None:
    disabled = Path("/proc/sys/kernel/io_uring_disabled")
    if disabled.exists() and disabled.read_text().strip() != "0":
        pytest.skip("the kernel itself refuses io_uring here")
    assert "io_uring_setup" in run_attack("io_uring", openings=NO_FILTER).detail


TRUSTED = [
    ("network_tcp", "tcp service was spoken to"),
    ("network_udp", "udp service was spoken to"),
    ("network_unix_path", "unix service was spoken to"),
    ("network_unix_abstract", "abstract service was spoken to"),
    ("read_host_files", "host's secret"),
    ("read_environment", "host's secret"),
    ("write_everywhere", "appeared in a folder of the host"),
    ("tamper_guest", "a file of the host was changed"),
    ("see_processes", "host's secret"),
    ("signal_processes", "the victim process is dead"),
    ("disk_fill", "written: 209715200"),
    ("daemon_double_fork", "a daemon survived"),
]


@pytest.mark.parametrize(("name", "sign"), TRUSTED, ids=[row[0] for row in TRUSTED])
def test_without_any_sandbox_the_attack_succeeds(name: str, sign: str) -> None:
    result = run_attack(name, trust=True)
    assert not result.held
    assert sign in result.detail


def test_escapes_that_reach_the_reader_are_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lumbung.sandbox.box.legible", str)
    assert "steer a terminal" in run_attack("terminal_escapes").detail


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may open kernel settings for writing")
def test_as_root_without_sandbox_the_kernel_settings_are_open() -> None:
    assert "core_pattern" in run_attack("write_kernel_settings", trust=True).detail


def test_without_limit_a_core_is_dumped() -> None:
    if not re.fullmatch(r"core(\.%p)?\n", Path("/proc/sys/kernel/core_pattern").read_text()):
        pytest.skip("the kernel hands cores to a program here")
    assert "dumped core" in run_attack("core_dump", trust=True).detail


@pytest.mark.parametrize("name", ["sleep_past_time", "spin_past_time", "ignore_sigterm", "output_flood"])
def test_an_attack_that_is_let_go_on_is_noticed(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    tame = {"seconds": 0.0, "bytes": 0}
    monkeypatch.setitem(attacks.ATTACKS, name, replace(attacks.ATTACKS[name], bait=tame))
    assert "let go on to its end" in run_attack(name).detail


@pytest.mark.parametrize("name", ["zip_slip", "tar_links"])
def test_a_naive_unpacking_is_noticed(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def naive(archive: Path, into: Path, limits: object) -> None:
        import tarfile
        import zipfile

        into.mkdir(parents=True, exist_ok=True)
        if archive.suffix == ".zip":
            with zipfile.ZipFile(archive) as parcel:
                for info in parcel.infolist():
                    target = Path(os.path.normpath(into / info.filename))
                    # The test stays in its own scene, and plain writing makes no links.
                    if target.is_relative_to(into.parent.parent) and info.filename != "door":
                        target.parent.mkdir(parents=True, exist_ok=True)
                        target.write_bytes(parcel.read(info))
        else:
            with tarfile.open(archive) as parcel:
                for member in parcel.getmembers():
                    if member.isreg() or member.issym():
                        parcel.extract(member, into, filter="fully_trusted")

    monkeypatch.setattr(attacks, "unpack", naive)
    detail = run_attack(name).detail
    assert "was unpacked" in detail and "a file of the host was changed" in detail


def test_a_leaked_descriptor_would_be_read(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("leaked")
    code = "import json, solution; print(json.dumps(solution.solve({})))"
    (tmp_path / "solution.py").write_text((HOSTILE / "read_descriptors.py").read_text())
    with secret.open() as file:
        command = [sys.executable, "-c", code]
        told = subprocess.run(
            command, cwd=tmp_path, pass_fds=(file.fileno(),), capture_output=True, text=True
        )
    assert json.loads(told.stdout)["loot"].endswith("leaked")


@pytest.mark.skipif(os.geteuid() != 0, reason="takes root to start as another user")
def test_an_honoured_set_uid_bit_is_noticed() -> None:
    if not Path("/usr/bin/su").exists() or not Path("/usr/bin/su").stat().st_mode & 0o4000:
        pytest.skip("there is no set-uid su here")
    code = (
        HOSTILE / "exec_setuid.py"
    ).read_text() + "\nprint(honoured('/usr/bin/su'), honoured('/usr/bin/env'))"
    drop = ["setpriv", "--reuid", "12345", "--regid", "12345", "--clear-groups"]
    told = subprocess.run([*drop, "/usr/bin/python3", "-c", code], capture_output=True, text=True, cwd="/")
    assert told.stdout == "True False\n", told.stderr


def test_a_terminal_within_reach_is_noticed() -> None:
    code = (HOSTILE / "terminal_typing.py").read_text() + "\nprint(solve({})['got'])"
    pid, terminal = pty.fork()
    if pid == 0:
        os.execv(sys.executable, [sys.executable, "-c", code])
    told = b""
    while b"]" not in told:
        try:
            told += os.read(terminal, 4096)
        except OSError:
            break
    os.waitpid(pid, 0)
    os.close(terminal)
    assert b"opened the terminal" in told


# ----------------------------------------------------------------------------------------- the gate


def test_check_prints_a_table_and_exits_with_0() -> None:
    outcome = CliRunner().invoke(command, ["check", "--attack", "network_tcp", "--attack", "zip_slip"])
    assert outcome.exit_code == 0, outcome.output
    assert "All 2 attacks were held." in outcome.stdout
    assert "network_tcp" in outcome.stdout


def test_check_in_json() -> None:
    outcome = CliRunner().invoke(command, ["check", "--json", "--attack", "mount"])
    told = json.loads(outcome.stdout)
    assert told["held"] is True
    assert told["isolation"]["kind"] == "bubblewrap"
    assert [row["name"] for row in told["attacks"]] == ["mount"]


def test_check_exits_with_3_and_names_what_broke(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attacks, "open_box", _opener(Openings(seccomp=False, network=False)))
    outcome = CliRunner().invoke(command, ["check", "--attack", "network_tcp", "--attack", "see_processes"])
    assert outcome.exit_code == 3
    assert "1 of 2 attacks were not held: network_tcp" in outcome.stdout
    assert "install bubblewrap" in " ".join(outcome.stdout.split())


def test_check_exits_with_3_where_there_is_no_sandbox(monkeypatch: pytest.MonkeyPatch) -> None:
    def none() -> None:
        raise SandboxUnavailable("no bubblewrap; install it")

    monkeypatch.setattr("lumbung.sandbox.isolation_here", none)
    outcome = CliRunner().invoke(command, ["check", "--json"])
    assert outcome.exit_code == 3
    assert json.loads(outcome.stdout) == {"held": False, "error": "no bubblewrap; install it"}


def test_check_of_an_unknown_attack_lists_the_known() -> None:
    outcome = CliRunner().invoke(command, ["check", "--attack", "nonsense"])
    assert outcome.exit_code == 2
    assert "network_tcp" in outcome.stderr


def _opener(openings: Openings):  # type: ignore[no-untyped-def]
    from lumbung.sandbox import open_box

    def opened(folder: Path, limits: object, **_: object) -> object:
        return open_box(folder, limits, openings=openings)  # type: ignore[arg-type]

    return opened


@pytest.fixture
def gate(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> SimpleNamespace:
    """A gate with three attacks, a cache of its own and a count of the attacks run."""
    count = SimpleNamespace(runs=0, record=tmp_path / "cache" / "sandbox-check.json")
    real = run_attack

    def counted(name: str) -> object:
        count.runs += 1
        return real(name)

    monkeypatch.setattr(attacks, "attack_names", lambda: ["network_tcp", "mount", "zip_slip"])
    monkeypatch.setattr(attacks, "run_attack", counted)
    monkeypatch.setattr(attacks, "_record_path", lambda: count.record)
    monkeypatch.setattr(attacks, "_passed", set())
    return count


def test_the_gate_tests_once_for_a_boot_and_configuration(
    gate: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    ensure_sandbox()
    ensure_sandbox()
    assert gate.runs == 3
    monkeypatch.setattr(attacks, "_passed", set())  # another process
    ensure_sandbox()
    assert gate.runs == 3
    monkeypatch.setattr(attacks, "_passed", set())
    monkeypatch.setattr("platform.release", lambda: "another kernel")
    ensure_sandbox()
    assert gate.runs == 6


def test_installations_that_take_turns_do_not_forget_each_other(
    gate: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in (1, 2, 1, 2, *range(3, attacks.KEPT_PASSED + 2), 2, 1):
        monkeypatch.setattr(attacks, "_passed", set())
        monkeypatch.setattr(attacks, "_configuration", lambda number=number: f"installation {number}")
        ensure_sandbox()
    assert gate.runs == 3 * (attacks.KEPT_PASSED + 2), "of too many, the first is asked again"
    assert len(json.loads(gate.record.read_text())["passed"]) == attacks.KEPT_PASSED


@pytest.mark.parametrize("text", ["", "{", "[]", '{"passed": "one key"}', '{"passed": [1, null]}'])
def test_a_record_that_says_nothing_is_none(gate: SimpleNamespace, text: str) -> None:
    gate.record.parent.mkdir()
    gate.record.write_text(text)
    ensure_sandbox()
    assert gate.runs == 3 and len(json.loads(gate.record.read_text())["passed"]) == 1


def test_what_only_took_too_long_is_tried_again_and_what_got_through_is_not(
    gate: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(attacks, "_longest", lambda attack: 0.0 if gate.runs % 2 else 60.0)
    ensure_sandbox()
    assert gate.runs == 5, "an attack on an archive opens no box, and waits for none"
    monkeypatch.setattr(attacks, "_passed", set())
    monkeypatch.setattr(attacks, "_longest", lambda attack: 0.0)
    gate.record.unlink()
    with pytest.raises(SandboxUnavailable, match=r"network_tcp: the host was kept waiting for \d"):
        ensure_sandbox()
    assert gate.runs == 5 + 5
    monkeypatch.setattr(attacks, "open_box", _opener(Openings(seccomp=False, network=False)))
    assert not run_attack("network_tcp").slow


def test_the_gate_stays_shut_and_says_why(gate: SimpleNamespace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attacks, "open_box", _opener(Openings(seccomp=False, network=False)))
    for _ in range(2):
        with pytest.raises(SandboxUnavailable, match=r"network_tcp: .*lumbung sandbox check"):
            ensure_sandbox()
    assert gate.runs == 6
    assert not gate.record.exists()


def test_the_gate_needs_no_writable_home(gate: SimpleNamespace, tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("a file where the folder should be")
    ensure_sandbox()
    assert gate.runs == 3
