"""Archives that unpack to far more than they are, or lie about their size."""

import gzip
import tarfile
import zipfile


def archives(folder, victim):
    size = 48 * 2**20
    path = f"{folder}/bomb.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as parcel:
        with parcel.open("zeros", "w", force_zip64=True) as member:
            for _ in range(size >> 20):
                member.write(bytes(2**20))
    yield path
    lying = f"{folder}/lying.zip"
    with open(path, "rb") as source, open(lying, "wb") as target:
        content = source.read()
        # The directory at the end now says one byte where 48 MiB come out.
        target.write(content.replace(size.to_bytes(4, "little"), (1).to_bytes(4, "little")))
    yield lying
    many = f"{folder}/many.zip"
    with zipfile.ZipFile(many, "w") as parcel:
        for number in range(1_200):
            parcel.writestr(f"{number}", b"")
    yield many
    header = f"{folder}/header.tar.gz"
    with gzip.open(header, "wb", compresslevel=1) as target:
        extended = tarfile.TarInfo("./PaxHeaders/x")
        extended.type, extended.size = tarfile.XHDTYPE, 4 * 2**30
        target.write(extended.tobuf(tarfile.PAX_FORMAT))
        for _ in range(64):
            target.write(bytes(2**20))
    yield header
