"""Opens an io_uring, whose operations no system call filter sees."""

import ctypes

IO_URING_SETUP, IO_URING_ENTER, IO_URING_REGISTER = 425, 426, 427
EBADF = 9


def solve(bait):
    libc = ctypes.CDLL(None, use_errno=True)
    got = []
    parameters = ctypes.create_string_buffer(120)
    if libc.syscall(IO_URING_SETUP, 4, parameters) >= 0:
        got.append("io_uring_setup")
    for number in (IO_URING_ENTER, IO_URING_REGISTER):
        libc.syscall(number, -1, 0, 0, 0, 0, 0)
        if ctypes.get_errno() == EBADF:  # it got as far as looking for the descriptor
            got.append(f"call {number}")
    return {"got": got}
