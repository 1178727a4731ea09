"""Calls the kernel by the numbers of 32-bit x86 and of x32, which mean other things than a filter expects."""

import ctypes
import mmap
import os
import signal

# push rbx; mov eax, 20 (getpid of i386); int 0x80; pop rbx; ret
I386 = bytes.fromhex("53b814000000cd805bc3")
# mov eax, 0x40000027 (getpid of x32); syscall; ret
X32 = bytes.fromhex("b8270000400f05c3")
ENOSYS = 38


def runs(code):
    child = os.fork()
    if child == 0:
        page = mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
        page.write(code)
        function = ctypes.CFUNCTYPE(ctypes.c_int)(ctypes.addressof(ctypes.c_char.from_buffer(page)))
        result = function()
        os._exit(0 if result > 0 or bait_accepts(result) else 1)
    status = os.waitpid(child, 0)[1]
    return os.WIFEXITED(status) and os.WEXITSTATUS(status) == 0


def bait_accepts(result):
    # Refused by the kernel itself (no x32, no 32-bit support) is no way in.
    return result >= 0 and result != -ENOSYS


def solve(bait):
    if os.uname().machine != "x86_64":
        return {"got": []}
    signal.signal(signal.SIGSEGV, signal.SIG_DFL)
    return {"got": [name for name, code in (("int 0x80", I386), ("x32", X32)) if runs(code)]}
