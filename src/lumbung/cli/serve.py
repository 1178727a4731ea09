"""``lumbung serve``: the centre on this machine."""

from __future__ import annotations

import os
import socket
import sys
import threading
from typing import TYPE_CHECKING, NoReturn

import click

from lumbung.cli.exits import BAD_INPUT, fail, fail_with
from lumbung.cli.home import home
from lumbung.cli.words import say
from lumbung.proving.faults import PlatformFault
from lumbung.sandbox.lifeline import follow_parent, with_lifeline

if TYPE_CHECKING:
    from django.db.backends.base.base import BaseDatabaseWrapper

# A node's request for work is held open for longer than a service manager waits before it kills (10 s): it is cut,
# and the node asks again. Everything else is answered well within this.
STOP_S = 5


def set_up() -> None:
    """Load Django, bring the database up to date, and collect what pages need.

    Where the database does not answer, or cannot hold every script, the command ends and says so.
    """
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lumbung.centre.settings")
    home().mkdir(parents=True, exist_ok=True)
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import OperationalError, connection

    try:
        encoding = _encoding(connection)
        if encoding != "UTF8":
            _refuse_database(
                f"its encoding is {encoding}; make it anew with createdb --encoding=UTF8 --template=template0"
            )
        call_command("migrate", interactive=False, verbosity=0)
    except OperationalError as error:
        _refuse_database(" ".join(str(error).split()))
    call_command("collectstatic", interactive=False, verbosity=0)


def _encoding(connection: BaseDatabaseWrapper) -> str:
    """Return how a PostgreSQL stores text; SQLite, which we make ourselves, has no other way."""
    if connection.vendor != "postgresql":
        return "UTF8"
    with connection.cursor() as cursor:
        cursor.execute("SHOW server_encoding")
        found: str = cursor.fetchone()[0]
    return found


def _refuse_database(said: str) -> NoReturn:
    fail_with(PlatformFault("unwritable", where="LUMBUNG_DATABASE_URL", detail=said).fault)


@click.command(name="serve")
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", type=click.IntRange(1, 65535), default=8000, show_default=True)
@click.option(
    "--threads", type=click.IntRange(min=1), default=16, show_default=True, help="Requests served at once."
)
@click.option(
    "--staff",
    metavar="EMAIL",
    help="Make this person centre staff (a password is asked, or LUMBUNG_PASSWORD).",
)
@click.option(
    "--check-mail",
    metavar="EMAIL",
    help="Send one letter there as the centre would, say what happened, and serve nothing.",
)
def command(host: str, port: int, threads: int, staff: str | None, check_mail: str | None) -> None:
    """Serve the joint centre: portal, API and queue. Its data lies in LUMBUNG_HOME.

    SQLite is the default; LUMBUNG_DATABASE_URL names a PostgreSQL. Put a proxy that speaks TLS in front in production
    (docs/centre/operations.md).
    """
    if check_mail:  # also beside a centre that serves
        set_up()
        tell_mail(check_mail)
    follow_parent()
    refuse_taken(host, port)
    os.environ.update(with_lifeline({}))  # for the worker, which is a process of its own
    os.environ.setdefault("LUMBUNG_PORT", str(port))
    set_up()
    if staff:
        ask = "LUMBUNG_PASSWORD" not in os.environ
        make_staff(
            staff,
            click.prompt("Password", hide_input=True, confirmation_prompt=True)
            if ask
            else os.environ["LUMBUNG_PASSWORD"],
        )
    from granian import Granian
    from granian.constants import Interfaces
    from granian.log import LogLevels

    from lumbung.centre.standings.housekeeping import keep_house

    stop = threading.Event()
    threading.Thread(target=keep_house, args=(stop,), name="housekeeper", daemon=True).start()
    print(f"Lumbung at http://{host}:{port}/  data in {home()}", file=sys.stderr)
    try:
        Granian(
            "lumbung.centre.wsgi:application", address=host, port=port, interface=Interfaces.WSGI,
            blocking_threads=threads, workers=1, workers_kill_timeout=STOP_S, log_level=LogLevels.error,
        ).serve()  # fmt: skip
    finally:
        stop.set()


def refuse_taken(host: str, port: int) -> None:
    """End the command where nothing can listen at an address: another program has the port, or it is not ours to take."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as tried:
            if os.name == "posix":  # elsewhere it would let us in beside another
                tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            tried.bind(address)
    except OSError as error:
        fail(say("no_port", host=host, port=port, error=error.strerror), BAD_INPUT)


def tell_mail(to: str) -> NoReturn:
    """Send a letter and end: 0 where a mail server took it, else 2 with what failed and what to do."""
    from lumbung.centre.members.mail_check import check_mail

    found = check_mail(to)
    click.echo(found.said, err=not found.sent)
    if found.technical:
        click.echo(found.technical, err=True)
    raise SystemExit(0 if found.sent else BAD_INPUT)


def make_staff(email: str, password: str) -> None:
    """Make a person centre staff; one who is known keeps their password."""
    from allauth.account.models import EmailAddress

    from lumbung.centre.members.models import User

    user = User.objects.filter(email=email.lower()).first() or User.objects.create_user(email, password)
    user.is_staff = True
    user.save()
    EmailAddress.objects.get_or_create(
        user=user, email=user.email, defaults={"verified": True, "primary": True}
    )
