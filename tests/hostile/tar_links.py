"""Tar archives with links, devices, FIFOs and absolute names."""

import io
import tarfile


def archives(folder, victim):
    parent, _, name = victim.rpartition("/")
    for label, kind, target in (
        ("symlink", tarfile.SYMTYPE, parent),
        ("hardlink", tarfile.LNKTYPE, victim),
        ("fifo", tarfile.FIFOTYPE, ""),
        ("device", tarfile.CHRTYPE, ""),
    ):
        path = f"{folder}/{label}.tar"
        with tarfile.open(path, "w") as parcel:
            link = tarfile.TarInfo("door" if label == "symlink" else "thing")
            link.type, link.linkname = kind, target
            parcel.addfile(link)
            write(parcel, f"door/{name}" if label == "symlink" else "thing")
        yield path
    for label, member in (("absolute", victim), ("climbing", "../" * 12 + victim.lstrip("/"))):
        path = f"{folder}/{label}.tar.gz"
        with tarfile.open(path, "w:gz") as parcel:
            write(parcel, member)
        yield path


def write(parcel, name):
    member = tarfile.TarInfo(name)
    member.size = 11
    parcel.addfile(member, io.BytesIO(b"overwritten"))
