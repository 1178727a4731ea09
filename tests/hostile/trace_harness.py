"""Traces the program that started it and the first process of its box, and looks into their memory."""

import ctypes
import os

SEIZE, ATTACH = 0x4206, 16
NUMBERS = {"x86_64": {"ptrace": 101, "write": 311}, "aarch64": {"ptrace": 117, "write": 271}}
FIRM = {"Seccomp:": "2", "NoNewPrivs:": "1", "CapEff:": "0" * 16, "CapBnd:": "0" * 16}


def memory(pid):
    found = b""
    with open(f"/proc/{pid}/maps") as maps, open(f"/proc/{pid}/mem", "rb", 0) as file:
        for line in maps:
            span, rights = line.split()[:2]
            if rights.startswith("rw") and len(found) < 100_000:
                low, high = (int(part, 16) for part in span.split("-"))
                file.seek(low)
                found += file.read(min(high - low, 50_000))
    return found.decode("latin-1")


def solve(bait):
    libc = ctypes.CDLL(None, use_errno=True)
    numbers, got, loot = NUMBERS[os.uname().machine], [], ""
    for pid in {1, os.getppid()} - {0, os.getpid()} if bait["enclosed"] else ():
        for request in (SEIZE, ATTACH):
            if libc.syscall(numbers["ptrace"], request, pid, 0, 0) == 0:
                got.append(f"traced process {pid}")
        if libc.syscall(numbers["write"], pid, 0, 0, 0, 0, 0) > 0:
            got.append(f"wrote into {pid}")
        with open(f"/proc/{pid}/status") as status:
            facts = dict(line.split()[:2] for line in status if len(line.split()) > 1)
        got += [
            f"process {pid} has {name} {facts.get(name)}"
            for name, firm in FIRM.items()
            if facts.get(name) != firm
        ]
        for look in (lambda pid=pid: memory(pid), lambda pid=pid: open(f"/proc/{pid}/environ").read()):
            try:
                loot += look()
            except OSError:
                pass
    return {"got": got, "loot": loot[:150_000]}
