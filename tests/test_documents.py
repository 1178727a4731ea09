"""What README and documentation tell people to type is understood by the commands as they are, and their Python runs."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from lumbung.cli import main

ROOT = Path(__file__).resolve().parents[1]
PAGES = sorted(
    [
        *ROOT.glob("*.md"),
        *ROOT.glob("examples/*/*.md"),
        *(page for page in (ROOT / "docs").rglob("*.md") if page.parent.name != "decisions"),
    ]
)
BLOCK = re.compile(r"(?:^    .*\n(?:\n(?=    ))?)+|^```(?:sh|console|)\n(?:.*\n)*?```", re.MULTILINE)
INLINE = re.compile(r"`(lumbung [^`]+)`")


def _name(page: Path) -> str:
    return str(page.relative_to(ROOT))


def _typed(page: Path) -> Iterator[str]:
    """Yield what a page tells people to type after ``lumbung``."""
    text = page.read_text()
    for block in BLOCK.findall(text):
        for line in block.replace("\\\n", " ").splitlines():
            for command in re.split(r"&&|\|\|?", line.strip().removeprefix("$ ")):
                if command.strip().startswith("lumbung "):
                    yield re.sub(r"\s#.*", "", command.strip())
    yield from INLINE.findall(text)


def _commands() -> list[tuple[Path, str]]:
    return [(page, command) for page in PAGES for command in _typed(page)]


def _understood(words: list[str]) -> None:
    """Walk from group to command; each reads its options, and the last its arguments, as far as they are given."""
    command: click.Command = main
    context = click.Context(main, info_name="lumbung")
    while True:
        _, words, _ = command.make_parser(context).parse_args(words)
        if not isinstance(command, click.Group) or not words:
            return
        found = command.get_command(context, words[0])
        assert found is not None, f"there is no command {words[0]!r}"
        context, command, words = click.Context(found, parent=context, info_name=words[0]), found, words[1:]


@pytest.mark.parametrize(
    ("page", "typed"), _commands(), ids=lambda value: value if isinstance(value, str) else _name(value)
)
def test_every_command_is_one_that_exists(page: Path, typed: str) -> None:
    plain = typed.replace("[", " ").replace("]", " ").replace("…", "").replace("|", " ")
    try:
        _understood(shlex.split(plain)[1:])
    except click.UsageError as error:
        pytest.fail(f"{_name(page)}: {typed}: {error.format_message()}")


def test_the_commands_of_the_pages_were_found() -> None:
    """So that a change of style in the pages does not leave the test above without a command."""
    assert len({typed for _, typed in _commands()}) > 80


def _python(page: Path) -> list[str]:
    return re.findall(r"^```python\n(.*?)^```", page.read_text(), re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("page", [page for page in PAGES if _python(page)], ids=_name)
def test_every_example_in_python_runs(page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    names: dict[str, object] = {"__name__": "example"}
    for example in _python(page):
        exec(compile(example, _name(page), "exec"), names)
