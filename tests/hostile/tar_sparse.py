"""Tar archives that announce a terabyte of holes, a negative size, and a header that never ends."""

import gzip
import io
import tarfile


def archives(folder, victim):
    member = tarfile.TarInfo("hole")
    member.type, member.size = tarfile.GNUTYPE_SPARSE, 0
    header = bytearray(member.tobuf(tarfile.GNU_FORMAT))
    header[483:495] = b"\x80" + (2**40).to_bytes(11, "big")  # its real size
    header[148:156] = b" " * 8
    header[148:156] = b"%06o\0 " % sum(header)
    with open(f"{folder}/sparse.tar", "wb") as file:
        file.write(bytes(header) + bytes(1024))
    yield f"{folder}/sparse.tar"
    for label, name, value in (
        ("real", "GNU.sparse.realsize", str(2**40)),
        ("size", "size", "-5"),
        ("huge", "size", str(2**50)),
    ):
        path = f"{folder}/{label}.tar"
        told = {"GNU.sparse.major": "1", "GNU.sparse.minor": "0", "GNU.sparse.name": "hole", name: value}
        with tarfile.open(path, "w", format=tarfile.PAX_FORMAT) as parcel:
            info = tarfile.TarInfo("hole")
            info.pax_headers = told if label == "real" else {name: value}
            parcel.addfile(info, io.BytesIO())
        yield path
    path = f"{folder}/cut.tar.gz"
    with open(path, "wb") as file:
        file.write(gzip.compress(tarfile.TarInfo("x").tobuf() + bytes(4096))[:60])
    yield path
