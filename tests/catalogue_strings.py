"""Finds every string that pages, services and e-mails ask gettext for, without gettext's tools.

``python tests/catalogue_strings.py --update`` adds what is new to the catalogues, with an empty translation, and drops
what is no longer asked for; the tests then fail until it is translated.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from django.utils.translation.template import templatize

CENTRE = Path(__file__).resolve().parents[1] / "src" / "lumbung" / "centre"
DESK = CENTRE.parent / "desk"
LANGUAGES = ("id", "zh_Hans")
# name -> (places of msgctxt, msgid, plural among the arguments)
CALLS = {
    "_": (None, 0, None), "gettext": (None, 0, None), "gettext_lazy": (None, 0, None),
    "pgettext": (0, 1, None), "pgettext_lazy": (0, 1, None), "ngettext": (None, 0, 1), "ngettext_lazy": (None, 0, 1),
    "npgettext": (0, 1, 2), "npgettext_lazy": (0, 1, 2),
}  # fmt: skip
_IN_TEMPLATE = re.compile(r"\b(_|gettext|pgettext|ngettext|npgettext)\(")

Found = tuple[str, str, str]  # context, singular, plural


def _asked(call: ast.Call) -> Found | None:
    name = call.func.id if isinstance(call.func, ast.Name) else getattr(call.func, "attr", "")
    if name not in CALLS:
        return None
    places = CALLS[name]
    words = [""] * 3
    for i, place in enumerate(places):
        if place is not None:
            word = call.args[place]
            if not (isinstance(word, ast.Constant) and isinstance(word.value, str)):
                return None
            words[i] = word.value
    return words[0], words[1], words[2]


def of_python(text: str) -> Iterator[Found]:
    """Yield what a module asks for."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Call) and (found := _asked(node)):
            yield found


def of_template(text: str) -> Iterator[Found]:
    """Yield what a template asks for."""
    source = templatize(text)
    for match in _IN_TEMPLATE.finditer(source):
        for end in (m.end() for m in re.finditer(r"\)", source[match.start() :])):
            try:
                tree = ast.parse(source[match.start() : match.start() + end].strip(), mode="eval")
            except SyntaxError:
                continue
            if isinstance(tree.body, ast.Call) and (found := _asked(tree.body)):
                yield found
            break


def strings_below(folder: Path) -> dict[Found, str]:
    """Return every string asked for below a folder, and one place of it."""
    found: dict[Found, str] = {}
    for path in sorted(folder.rglob("*")):
        if path.suffix == ".py" and "migrations" not in path.parts:
            strings = of_python(path.read_text(encoding="utf-8"))
        elif path.suffix in (".html", ".txt") and "templates" in path.parts:
            strings = of_template(path.read_text(encoding="utf-8"))
        else:
            continue
        for string in strings:
            found.setdefault(string, str(path.relative_to(folder)))
    return found


def catalogues() -> dict[Path, dict[Found, str]]:
    """Return the folder of each catalogue with the strings it translates.

    An app with a ``locale`` of its own keeps there what nobody else asks for; the rest is in the centre's.
    """
    own = [app for app in sorted(CENTRE.iterdir()) if (app / "locale").is_dir()]
    others = [app for app in sorted(CENTRE.iterdir()) if app not in own and app.name != "locale"]
    shared = {key: place for app in others for key, place in _below(app).items()}
    found: dict[Path, dict[Found, str]] = {CENTRE / "locale": shared}
    for app in own:
        found[app / "locale"] = {key: place for key, place in _below(app).items() if key not in shared}
    return found


def _below(app: Path) -> dict[Found, str]:
    return (
        strings_below(app)
        if app.is_dir()
        else dict.fromkeys(of_python(app.read_text(encoding="utf-8")), app.name)
    )


def update() -> None:
    """Bring the catalogues up to the sources."""
    import polib

    for folder, asked in {**catalogues(), DESK / "locale": strings_below(DESK)}.items():
        for language in LANGUAGES:
            path = folder / language / "LC_MESSAGES" / "django.po"
            catalogue = polib.pofile(str(path), wrapwidth=110)
            kept = {(e.msgctxt or "", e.msgid, e.msgid_plural or ""): e for e in catalogue}
            for context, singular, plural in sorted(asked.keys() - kept.keys()):
                entry = polib.POEntry(msgctxt=context or None, msgid=singular)
                if plural:
                    entry.msgid_plural = plural
                    entry.msgstr_plural = {0: ""}
                catalogue.append(entry)
            for key in kept.keys() - asked.keys():
                if kept[key].comment != "django-allauth":
                    catalogue.remove(kept[key])
            catalogue.sort(key=lambda entry: (entry.comment or "", entry.msgid, entry.msgctxt or ""))
            catalogue.save()


if __name__ == "__main__":
    if "--update" not in sys.argv:
        for (context, singular, plural), place in strings_below(CENTRE).items():
            print(place, repr(context), repr(singular), repr(plural))
    else:
        update()
