"""Makes devices, and programs that would run as another user, in the one folder that it may write to."""

import os
import stat


def solve(bait):
    got = []
    for name, kind, device in (
        ("disk", stat.S_IFBLK, (8, 0)),
        ("memory", stat.S_IFCHR, (1, 1)),
        ("kvm", stat.S_IFCHR, (10, 232)),
    ):
        path = f"{bait['folder']}/{name}"
        try:
            os.mknod(path, kind | 0o666, os.makedev(*device))
            os.close(os.open(path, os.O_RDONLY))
            got.append(name)
        except OSError:
            pass
    program = f"{bait['folder']}/program"
    try:
        with open("/usr/bin/env", "rb") as source, open(program, "wb") as target:
            target.write(source.read())
        os.setxattr(program, "security.capability", bytes.fromhex("0100000200002000000000000000000000000000"))
        got.append("a file with capabilities")
    except OSError:
        pass
    finally:
        if os.path.exists(program):
            os.unlink(program)
    return {"got": got}
