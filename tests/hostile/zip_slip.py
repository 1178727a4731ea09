"""An archive whose members climb out of the folder it is unpacked into, or lead out through a link."""

import stat
import zipfile


def archives(folder, victim):
    names = ("../" * 12 + victim.lstrip("/"), victim, "..\\..\\outside", "a/../../outside", "C:/outside")
    for number, name in enumerate(names):
        path = f"{folder}/slip-{number}.zip"
        with zipfile.ZipFile(path, "w") as parcel:
            parcel.writestr(name, "overwritten")
        yield path
    path = f"{folder}/slip-link.zip"
    with zipfile.ZipFile(path, "w") as parcel:
        link = zipfile.ZipInfo("door")
        link.create_system = 3
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        parcel.writestr(link, victim.rpartition("/")[0])
        parcel.writestr("door/" + victim.rpartition("/")[2], "overwritten")
    yield path
