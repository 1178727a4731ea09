"""Zip archives whose members lie upon each other, are locked, or are packed in a way nobody knows."""

import struct
import zipfile


def archives(folder, victim):
    path = f"{folder}/plain.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as parcel:
        for number in range(3):
            parcel.writestr(f"member-{number}", bytes(20 * 2**20))
    with open(path, "rb") as file:
        content = file.read()
    first = content.index(b"PK\x01\x02")
    for label, offset, value in (("locked", 8, struct.pack("<H", 1)), ("unknown", 10, struct.pack("<H", 77))):
        changed = bytearray(content)
        changed[first + offset : first + offset + 2] = value
        local = 6 if label == "locked" else 8
        changed[local : local + 2] = value
        with open(f"{folder}/{label}.zip", "wb") as file:
            file.write(changed)
        yield f"{folder}/{label}.zip"
    changed, place = bytearray(content), first
    while (place := content.find(b"PK\x01\x02", place)) >= 0:
        changed[place + 42 : place + 46] = bytes(4)  # every member begins where the first does
        place += 4
    with open(f"{folder}/overlap.zip", "wb") as file:
        file.write(changed)
    yield f"{folder}/overlap.zip"
