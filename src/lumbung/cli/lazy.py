"""Groups of commands whose modules are imported at first use."""

from __future__ import annotations

import importlib
import math
from collections.abc import Callable
from gettext import gettext
from typing import Any

import click

from lumbung.cli.told import Context, bind, said, told

Callback = Callable[[click.Context, click.Parameter, Any], Any]


def _numbers_only(before: Callback | None) -> Callback:
    """Return a callback that refuses "nan", which Python reads as a number and no range excludes."""

    def checked(ctx: click.Context, parameter: click.Parameter, value: Any) -> Any:
        for one in value if isinstance(value, tuple) else (value,):
            if isinstance(one, float) and math.isnan(one):
                raise click.BadParameter("'nan' is not a number.", ctx, parameter)
        return before(ctx, parameter, value) if before else value

    return checked


class LazyGroup(click.Group):
    """A click group that looks its commands up by name, so that none pays for another's imports.

    Parameters
    ----------
    package : str
        Where the modules lie.
    table : dict of str to (str, str)
        Command to (module below *package*, one line of help). The module holds a click command called ``command``.
    extras : dict of str to str
        Command to the extra that brings what it imports.
    """

    def __init__(
        self,
        *args: Any,
        package: str,
        table: dict[str, tuple[str, str]],
        extras: dict[str, str] | None = None,
        **options: Any,
    ) -> None:
        super().__init__(*args, **options)
        self.package, self.table, self.extras = package, table, extras or {}

    def make_context(
        self, info_name: str | None, args: list[str], parent: click.Context | None = None, **extra: Any
    ) -> click.Context:
        """Begin a call; who calls the outermost group is spoken to in their language from here on."""
        speaker = told(self) if parent is None and bind() else self
        return click.Group.make_context(speaker, info_name, args, parent, **extra)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command asked for; where a package is missing, say which extra brings it."""
        try:
            return click.Group.invoke(ctx.command, ctx)  # type: ignore[arg-type]  # whoever speaks here
        except ModuleNotFoundError as error:
            extra = self.extras.get(ctx.invoked_subcommand or "")
            if extra is None or (error.name or "lumbung").split(".")[0] == "lumbung":
                raise
            from lumbung.cli.exits import PLATFORM, fail  # not needed to answer --help

            fail(f"the module {error.name} is not installed: pip install 'lumbung[{extra}]'", PLATFORM)

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self.table)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in self.table:
            return None
        module, _ = self.table[cmd_name]
        found: click.Command = importlib.import_module(f"{self.package}.{module}").command
        for parameter in found.params:
            if isinstance(parameter.type, click.types.FloatParamType):
                parameter.callback = _numbers_only(parameter.callback)
        return told(found) if issubclass(self.context_class, Context) else found

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section(gettext("Commands")):
            formatter.write_dl([(name, said(line) or "") for name, (_, line) in self.table.items()])
