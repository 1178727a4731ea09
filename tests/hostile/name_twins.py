"""Archives in which two names are one: by case, by normal form, by a dot, by a folder that is also a file."""

import zipfile

PAIRS = (
    ("data.csv", "data.csv"),
    ("Data.csv", "data.csv"),
    ("caf\u00e9.txt", "cafe\u0301.txt"),
    ("a/b", "a/./b"),
    ("thing", "thing/inside"),
    ("thing", "thing/"),
    ("thing", "thing/inside/"),
    ("\u202egpj.exe", "picture"),
)


def archives(folder, victim):
    import warnings

    for number, pair in enumerate(PAIRS):
        path = f"{folder}/twins-{number}.zip"
        with warnings.catch_warnings(), zipfile.ZipFile(path, "w") as parcel:
            warnings.simplefilter("ignore")
            for name in pair:
                parcel.writestr(name, name)
        yield path
