"""Hold the catalogues of the command line against what its commands say: every text is there, in every language, and no other.

uv run --all-extras python .ci/help_words.py           # says what is missing, and ends 1
uv run --all-extras python .ci/help_words.py --write   # adds what is missing, untranslated, and drops what nobody says
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import polib

from lumbung import cli
from lumbung.cli import main
from lumbung.cli.lazy import LazyGroup
from lumbung.cli.told import DOMAIN
from lumbung.web.catalogues import sources

# What click itself says to people; two where there is a plural.
CLICKS: tuple[str | tuple[str, str], ...] = (
    "Usage:", "Options", "Commands", "Positional arguments", "Show this message and exit.", "Show the version and exit.",
    "%(prog)s, version %(version)s", "Try '{command} {option}' for help.", "Error: {message}", "Aborted!",
    "default: {default}", "env var: {var}", "required", "(dynamic)", "deprecated", "file", "directory", "path",
    "Missing argument", "Missing option", "Missing parameter", "Missing command.", "Missing {param_type}",
    "Invalid value: {message}", "Invalid value for {param_hint}: {message}", "No such option {name!r}.",
    "No such command {name!r}.", "Option {name!r} does not take a value.", "Choose from:\n\t{choices}",
    "Could not open file {filename!r}: {message}", "{name} {filename!r} does not exist.",
    "{name} {filename!r} is a file.", "{name} {filename!r} is a directory.", "{name} {filename!r} is not readable.",
    "{name} {filename!r} is not writable.", "{value!r} is not a valid {number_type}.",
    "{value} is not in the range {range}.", "{value!r} is not a valid boolean. Recognized values: {states}",
    "unknown error", "Error: invalid input",
    ("Did you mean {possibility}?", "(Did you mean one of: {possibilities}?)"),
    ("Option {name!r} requires an argument.", "Option {name!r} requires {nargs} arguments."),
    ("Got unexpected extra argument ({args})", "Got unexpected extra arguments ({args})"),
    ("{value!r} is not {choice}.", "{value!r} is not one of {choices}."),
    ("{value!r} does not match the format {format}.", "{value!r} does not match the formats {formats}."),
    ("Takes {nargs} values but 1 was given.", "Takes {nargs} values but {len} were given."),
)  # fmt: skip


def texts(command: click.Command, name: str = "lumbung") -> Iterator[tuple[str, str]]:
    """What a command and those below it say in their help, each with the command that says it."""
    for text in (command.help, command.short_help, *(getattr(each, "help", None) for each in command.params)):
        if text:
            yield inspect.cleandoc(text), name
    if isinstance(command, LazyGroup):
        yield from ((line, name) for _module, line in command.table.values())
    if isinstance(command, click.Group):
        context = click.Context(command, info_name=name)
        for below in command.list_commands(context):
            found = command.get_command(context, below)
            if found is not None:
                yield from texts(found, f"{name} {below}")


def main_() -> int:
    wanted: dict[str, tuple[str | None, str]] = {}
    for one in CLICKS:
        single, plural = (one, None) if isinstance(one, str) else one
        wanted[single] = plural, "click"
    for text, name in texts(main):
        wanted.setdefault(text, (None, name))
    write, wrong = "--write" in sys.argv, 0
    for path in sources(Path(cli.__file__).parent, DOMAIN):
        language, catalogue = path.parent.parent.name, polib.pofile(str(path), wrapwidth=100)
        known = {entry.msgid: entry for entry in catalogue}
        missing = [text for text in wanted if text not in known]
        stale = [entry for text, entry in known.items() if text not in wanted]
        empty = [
            e.msgid
            for e in catalogue
            if not (e.msgstr or (e.msgstr_plural and all(e.msgstr_plural.values())))
        ]
        if write:
            for entry in stale:
                catalogue.remove(entry)
            for text in missing:
                plural, name = wanted[text]
                forms = dict.fromkeys(range(1), "") if plural else {}
                catalogue.append(
                    polib.POEntry(msgid=text, msgid_plural=plural or "", msgstr_plural=forms, comment=name)
                )
            catalogue.save(str(path))
        for kind, found in (
            ("missing", missing),
            ("untranslated", empty),
            ("said by nobody", [e.msgid for e in stale]),
        ):
            wrong += len(found)
            for text in found:
                print(f"{language}: {kind}: {text[:100]!r}")
    return int(wrong > 0 and not write)


if __name__ == "__main__":
    sys.exit(main_())
