"""``lumbung desk``: the engines in a browser, on data that stays here."""

from __future__ import annotations

import getpass
import ipaddress
import os
import sys
import threading
from pathlib import Path

import click

from lumbung.cli.exits import BAD_INPUT, exits, fail
from lumbung.cli.serve import STOP_S, refuse_taken
from lumbung.cli.words import say

_FILE = click.Path(path_type=Path, exists=True, dir_okay=False)


@click.command(name="desk")
@click.option("--host", default="127.0.0.1", show_default=True, help="Other addresses need TLS or a proxy.")
@click.option("--port", type=click.IntRange(1, 65535), default=8010, show_default=True)
@click.option("--certificate", type=_FILE, help="TLS certificate (PEM), with --key.")
@click.option("--key", type=_FILE, help="The certificate's private key (PEM).")
@click.option("--behind-proxy", is_flag=True, help="A proxy in front speaks TLS and sets X-Forwarded-Proto.")
@click.option(
    "--name", "names", multiple=True, help="A name under which browsers reach the desk. May be repeated."
)
@click.option(
    "--threads", type=click.IntRange(min=1), default=8, show_default=True, help="Requests served at once."
)
def command(
    host: str,
    port: int,
    certificate: Path | None,
    key: Path | None,
    behind_proxy: bool,
    names: tuple[str, ...],
    threads: int,
) -> None:
    """Work with the engines in a browser, on data that stays on this machine.

    Prints a link that lets one person in once, as the desk's owner; the owner makes links for others in the page People. What the desk
    keeps lies in LUMBUNG_HOME/desk. No page asks anything of another machine.
    """
    from lumbung.desk.access import invite, tidy, utc_now
    from lumbung.desk.desk_lock import alone
    from lumbung.desk.jobs.supervisor import Supervisor
    from lumbung.desk.place import desk_folder
    from lumbung.sandbox.lifeline import follow_parent, with_lifeline

    tls = certificate is not None and key is not None
    if (certificate is None) != (key is None):
        fail(say("desk_both"), BAD_INPUT)
    if not _loopback(host) and not (tls or behind_proxy):
        fail(say("desk_needs_tls", host=host), BAD_INPUT)
    follow_parent()
    refuse_taken(host, port)
    folder = desk_folder()
    with exits():
        (folder / "uploads").mkdir(parents=True, exist_ok=True, mode=0o700)
        held = alone(folder)
        if held is None:
            fail(say("desk_taken", folder=folder), BAD_INPUT)
        for left in (folder / "uploads").iterdir():  # on their way in when the machine stopped
            left.unlink()
        tidy(folder, utc_now())
        code = invite(folder, getpass.getuser(), "owner", utc_now())
    secure = tls or behind_proxy
    known = ["localhost", "127.0.0.1", "[::1]", *names, *([] if host in ("0.0.0.0", "::") else [host])]  # noqa: S104
    os.environ.update(with_lifeline({}))  # for the server's worker, which is a process of its own
    os.environ["LUMBUNG_DESK_HOSTS"] = ",".join(dict.fromkeys(known))
    os.environ["LUMBUNG_DESK_HTTPS"] = "1" if secure else "0"
    os.environ["DJANGO_SETTINGS_MODULE"] = "lumbung.desk.settings"
    import django

    django.setup()
    from django.core.management import call_command
    from granian import Granian
    from granian.constants import Interfaces
    from granian.log import LogLevels

    call_command("collectstatic", interactive=False, verbosity=0)
    stop = threading.Event()
    supervising = threading.Thread(target=Supervisor(folder).run, args=(stop,), name="supervisor")
    supervising.start()
    shown = names[0] if names else "127.0.0.1" if _loopback(host) else host
    address = f"{'https' if secure else 'http'}://{shown}{'' if behind_proxy else f':{port}'}/enter/{code}"
    print(say("desk_link", address=address, folder=folder), file=sys.stderr, flush=True)
    try:
        Granian(
            "lumbung.desk.wsgi:application", address=host, port=port, interface=Interfaces.WSGI,
            blocking_threads=threads, workers=1, workers_kill_timeout=STOP_S, log_level=LogLevels.error,
            ssl_cert=certificate, ssl_key=key,
        ).serve()  # fmt: skip
    finally:
        stop.set()
        supervising.join()
        held.close()


def _loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host == "localhost"
