"""Where box groups can be made, read from the mounts and groups of many kinds of machine."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from lumbung.sandbox import Limits, accounts
from lumbung.sandbox.accounts import Account, Ground, find_ground


def machine(root: Path, mounts: list[str], groups: str) -> Path:
    """Write what a process reads about its groups; ``{}`` in a mount stands for the root."""
    proc = root / "proc"
    proc.mkdir()
    rows = [f"{30 + i} 23 0:{i} {mount.format(root)}" for i, mount in enumerate(mounts)]
    (proc / "mountinfo").write_text("\n".join(rows) + "\n")
    (proc / "cgroup").write_text(groups)
    return proc


def group(folder: Path, **files: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "cgroup.procs").write_text("")
    for name, content in files.items():
        (folder / name.replace("__", ".")).write_text(content)
    return folder


V2 = "/ {}/sys rw,nosuid - cgroup2 cgroup2 rw"


def test_a_delegated_slice_of_version_2_is_found_above_us(tmp_path: Path) -> None:
    slice_ = group(tmp_path / "sys/user.slice/app.slice", cgroup__subtree_control="cpu memory pids\n")
    group(slice_ / "terminal.scope", cgroup__subtree_control="")
    proc = machine(tmp_path, [V2], "0::/user.slice/app.slice/terminal.scope\n")
    assert find_ground(proc) == Ground("cgroup2", (("", slice_),))


def test_a_unit_of_our_own_is_opened_by_moving_into_a_leaf(tmp_path: Path) -> None:
    unit = group(
        tmp_path / "sys/node.service", cgroup__controllers="cpu io memory pids\n", cgroup__subtree_control=""
    )
    (unit / "cgroup.procs").write_text(f"{os.getpid()}\n")
    proc = machine(tmp_path, [V2], "0::/node.service\n")
    assert find_ground(proc) == Ground("cgroup2", (("", unit),))
    assert (unit / "cgroup.subtree_control").read_text() == "+memory +pids +cpu"
    assert (unit / "lumbung-host" / "cgroup.procs").read_text() == str(os.getpid())


def test_a_group_shared_with_other_users_is_left_alone(tmp_path: Path) -> None:
    unit = group(tmp_path / "sys/shared", cgroup__controllers="memory pids\n", cgroup__subtree_control="")
    (unit / "cgroup.procs").write_text(f"{os.getpid()}\n")
    proc = machine(tmp_path, [V2], "0::/shared\n")
    assert find_ground(proc, uid=os.geteuid() + 1) is None
    assert not (unit / "lumbung-host").exists()


@pytest.mark.parametrize("controllers", ["", "memory", "pids", "cpu io"])
def test_version_2_without_memory_and_pids_is_none(controllers: str, tmp_path: Path) -> None:
    group(tmp_path / "sys", cgroup__controllers=controllers, cgroup__subtree_control=controllers)
    assert find_ground(machine(tmp_path, [V2], "0::/\n")) is None


V1 = [f"/ {{}}/sys/{name} rw - cgroup cgroup rw,{name}" for name in ("memory", "pids", "cpuacct")]


def test_version_1_takes_a_child_of_our_own_group_in_each_hierarchy(tmp_path: Path) -> None:
    for path in ("memory/user/me", "pids", "cpuacct"):
        group(tmp_path / "sys" / path)
    proc = machine(tmp_path, V1, "4:memory:/user/me\n8:pids:/\n2:cpuacct:/\n0::/\n")
    ground = find_ground(proc)
    assert ground is not None and ground.version == "cgroup1"
    assert dict(ground.folders)["memory"] == tmp_path / "sys/memory/user/me"


def test_version_1_in_a_container_that_sees_its_part_alone(tmp_path: Path) -> None:
    for path in ("memory", "pids"):
        group(tmp_path / "sys" / path)
    mounts = [f"/docker/abc {{}}/sys/{name} rw - cgroup cgroup rw,{name}" for name in ("memory", "pids")]
    proc = machine(tmp_path, mounts, "4:memory:/docker/abc\n8:pids:/docker/abc\n")
    ground = find_ground(proc)
    assert ground is not None
    assert dict(ground.folders) == {"memory": tmp_path / "sys/memory", "pids": tmp_path / "sys/pids"}


def test_version_1_without_pids_is_none(tmp_path: Path) -> None:
    group(tmp_path / "sys/memory")
    assert find_ground(machine(tmp_path, V1, "4:memory:/\n8:pids:/\n")) is None


def test_no_groups_at_all(tmp_path: Path) -> None:
    assert find_ground(machine(tmp_path, [], "")) is None
    assert find_ground(tmp_path / "nothing") is None


class PlainFolder:
    """Stands in for the kernel: a control group is removed with its files, a plain folder is not."""

    @staticmethod
    def remove(folder: Path) -> bool:
        for path in folder.iterdir():
            path.unlink()
        folder.rmdir()
        return True


def test_an_account_of_version_2_writes_its_limits_and_reads_its_use(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(accounts, "_remove", PlainFolder.remove)
    real = Path.mkdir

    def mkdir(path: Path, *rest: object, **options: object) -> None:
        real(path, *rest, **options)  # type: ignore[arg-type]
        for name in ("memory.swap.max", "memory.oom.group", "cgroup.kill"):
            (path / name).write_text("")

    monkeypatch.setattr(Path, "mkdir", mkdir)
    account = Account(Ground("cgroup2", (("", tmp_path),)), Limits(memory_bytes=2**28, processes=10))
    folder = account.doors()[0].parent
    written = {path.name: path.read_text() for path in folder.iterdir()}
    assert written["memory.max"] == str(2**28)
    assert written["memory.swap.max"] == "0"
    assert written["memory.oom.group"] == "1"
    assert written["pids.max"] == str(10 + accounts.EXTRA_PROCESSES)
    (folder / "cpu.stat").write_text("usage_usec 1500000\nuser_usec 1\n")
    (folder / "memory.peak").write_text("4096\n")
    (folder / "memory.events").write_text("low 0\noom 2\noom_kill 1\noom_group_kill 1\n")
    (folder / "cgroup.procs").write_text("")
    assert (account.cpu_s(), account.peak_memory_bytes(), account.oom_kills()) == (1.5, 4096, 1)
    account.kill()
    assert (folder / "cgroup.kill").read_text() == "1"
    assert account.remove() and not folder.exists()


def test_what_a_killed_host_left_is_swept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    dead, alive = tmp_path / f"{accounts.PREFIX}999999999-0", tmp_path / f"{accounts.PREFIX}{os.getpid()}-77"
    dead.mkdir()
    alive.mkdir()
    accounts._sweep(Ground("cgroup1", (("memory", tmp_path),)))
    assert not dead.exists() and alive.exists()


def test_a_family_is_summed_with_its_children() -> None:
    import subprocess
    import sys

    code = (
        "import os, sys; x = bytearray(b'x') * (50 << 20); os.fork(); os.write(1, b'up\\n'); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        for _ in range(2):
            assert process.stdout.readline() == b"up\n"
        cpu_s, counted_twice = accounts.sample_family(process.pid, 2**40)
        _, shared = accounts.sample_family(process.pid, 0)
        process.communicate()
    assert cpu_s >= 0
    assert counted_twice > 100 * 2**20
    assert 50 * 2**20 < shared < 90 * 2**20
