"""``lumbung node``: one country's judge."""

from __future__ import annotations

import signal
import sys
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click
import msgspec

from lumbung.cli.exits import BAD_INPUT, PLATFORM, exits, fail
from lumbung.cli.home import home
from lumbung.sandbox.legible import legible

if TYPE_CHECKING:
    from lumbung.node.folder import NodeFolder
    from lumbung.proving.challenge import ChallengeFolder
    from lumbung.proving.evidence import Isolation

folder_option = click.option(
    "--folder",
    type=click.Path(path_type=Path, file_okay=False),
    default=None,
    help="The node's folder; LUMBUNG_HOME/node by default.",
)


def _node(folder: Path | None) -> NodeFolder:
    from lumbung.node.folder import NodeFolder

    return NodeFolder(folder or home() / "node")


@click.group(name="node")
def command() -> None:
    """Judge on data that stays here: set a node up, join a centre, work, say what may leave."""


@command.command("init")
@click.argument("name")
@click.option("--country", required=True, metavar="CC", help="Where the data stays, e.g. ID or CN.")
@click.option("--workers", type=click.IntRange(min=0), default=0, show_default="all processors")
@folder_option
def init(name: str, country: str, workers: int, folder: Path | None) -> None:
    """Make the folder of a node called NAME, with its signing key."""
    from lumbung.node.arrivals import INBOX
    from lumbung.node.folder import Settings
    from lumbung.proving.keys import load_or_make_key

    node = _node(folder)
    with exits():
        if (node.path / "node.toml").exists():
            fail(f"{node.path}: there is a node already", BAD_INPUT)
        try:
            settings = msgspec.convert({"name": name, "country": country, "workers": workers}, Settings)
        except msgspec.ValidationError:
            fail(
                f"found {name!r} in {country!r}, expected a name of small letters, digits and single hyphens, at most 40, "
                "and a country of two capital letters: lumbung node init simpul-bandung --country ID",
                BAD_INPUT,
            )
        node.path.mkdir(
            mode=0o700, parents=True, exist_ok=True
        )  # results that are held lie in it as they are
        node.write_settings(settings)
        load_or_make_key(node.keys)
        (node.path / INBOX).mkdir(mode=0o700)
    click.echo(
        f"{node.path}: node {name} in {country}; next: lumbung node accept CHALLENGE, then lumbung node join URL CODE"
    )


@command.command("accept")
@click.argument("challenge")
@click.option(
    "--cases",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="A folder of private cases.",
)
@click.option(
    "--most",
    type=click.Choice(["aggregate", "per-case", "pictures"]),
    default=None,
    help="The most that may leave.",
)
@click.option(
    "--hold/--at-once",
    default=None,
    help="Results wait for 'lumbung node release' or 'veto', or leave at once; as before where nothing is said.",
)
@click.option(
    "--budget",
    "budgets",
    multiple=True,
    metavar="WHOSE=BITS",
    help="How much may be told of the private cases: challenge (in all), organisation, team or person. May be repeated; "
    "what is not named stays as before.",
)
@click.option(
    "--new-ledger",
    is_flag=True,
    help="These cases are others than before, not more of the same: begin a new ledger of what was told.",
)
@folder_option
def accept(
    challenge: str,
    cases: Path | None,
    most: str | None,
    hold: bool | None,
    budgets: tuple[str, ...],
    new_ledger: bool,
    folder: Path | None,
) -> None:
    """Let this node judge CHALLENGE (a shipped id or a folder) exactly as it is now, under its egress rule or less.

    With --cases the private cases are copied into the node's folder, which only the node reads; without it those that
    are here already stay. What was told of the cases before counts on, unless --new-ledger says that these have nothing to
    do with them.
    """
    from lumbung.node.arrivals import arriving, keep_secret, known_as, take_the_place
    from lumbung.node.folder import Accepted
    from lumbung.node.ledger import begin_anew
    from lumbung.proving.catalogue import find_challenge
    from lumbung.proving.executors import make_executor
    from lumbung.proving.session import count_cases
    from lumbung.proving.telling import figure_bits

    node = _node(folder)
    with exits():
        found, named = find_challenge(challenge), _budget(budgets)
        egress, name = found.challenge.egress, found.challenge.id

        settings, target = node.settings(), node.cases(name)
        before = settings.challenges.get(name)
        # Cases that are here already stay, and so does that they are judged on.
        lying = cases or (target if before is not None and before.private and target.is_dir() else None)

        def rule_after(before: Accepted | None) -> Accepted:
            held = before is not None and before.release == "hold" if hold is None else hold
            wanted = {
                "digest": found.digest,
                "most": most or egress.rule,
                "min_cases": egress.min_cases,
                "digits": egress.digits,
                "release": "hold" if held else "auto",
                "private": lying is not None,
                "min_rows": egress.min_rows,
                "reveal": egress.reveal,
                "budget": (msgspec.to_builtins(before.budget) if before is not None else {}) | named,
            }
            return msgspec.convert(wanted, Accepted)

        rule = rule_after(before)
        objection = rule.objection(egress)
        if objection:
            fail(f"{challenge}: {objection}; this node would refuse every run", BAD_INPUT)
        if lying is not None:
            executor = make_executor(1)
            try:
                count = count_cases(found, lying, executor)
            finally:
                executor.close()
            click.echo(f"{target}: {count} private cases")
            if _all_published(lying, found):
                click.echo(
                    f"{lying}: the challenge publishes every one of these files; nothing of these cases is private",
                    err=True,
                )
            other = known_as(lying, name, node, settings.challenges)
            if other is not None:
                click.echo(
                    f"{lying}: {other} is judged on these rows too; what is told of them under two names is booked in two "
                    "ledgers, each with its own budget: let the two --budget together be what you allow",
                    err=True,
                )
            told = count * figure_bits(egress.digits)
            if egress.rule != "aggregate" and told > rule.budget.of("team", 0):
                click.echo(
                    f"by the rule {egress.rule} one result tells {told:.0f} bits or more, and a team may be told "
                    f"{rule.budget.of('team', 0):g}: set --budget team=… and person=…, or nothing leaves",
                    err=True,
                )
        # A result that is just leaving goes by the rule as it was; from here on none does. What another command said
        # meanwhile of what this one leaves open holds.
        with node.lock():
            settings = node.settings()
            rule = rule_after(settings.challenges.get(name))
            if cases is not None:
                there = arriving(cases, target)
                keep_secret(node, name, there)
                take_the_place(there, target)
            if new_ledger and begin_anew(node.ledger(name)):
                click.echo("a new ledger; the old one is kept beside it", err=True)
            node.write_settings(
                msgspec.structs.replace(settings, challenges={**settings.challenges, name: rule})
            )
    click.echo(
        f"{name} v{found.challenge.version}: at most {rule.most} leaves, "
        f"{'held for your word' if rule.release == 'hold' else 'at once'}"
    )


def _all_published(cases: Path, found: ChallengeFolder) -> bool:
    from lumbung.proving.digest import digest_file

    published = {digest_file(found.folder / name) for name in found.files}
    return all(digest_file(path) in published for path in cases.rglob("*") if path.is_file())


def _budget(given: tuple[str, ...]) -> dict[str, float]:
    budget: dict[str, float] = {}
    for each in given:
        whose, _equals, bits = each.partition("=")
        if whose not in ("challenge", "organisation", "team", "person"):
            fail(
                f"--budget {each}: found {whose!r}, expected challenge, organisation, team or person",
                BAD_INPUT,
            )
        try:
            budget[whose] = float(bits)
        except ValueError:
            fail(f"--budget {each}: found {bits!r}, expected a number of bits", BAD_INPUT)
        if not 0 < budget[whose] < float("inf"):
            fail(f"--budget {each}: found {bits!r}, expected more than 0 bits", BAD_INPUT)
    return budget


@command.command("index")
@click.argument("address", required=False)
@click.option("--none", "no_index", is_flag=True, help="Allow none: only wheels that come along are built.")
@folder_option
def index(address: str | None, no_index: bool, folder: Path | None) -> None:
    """Show or say from where the wheels may come that submissions pin: ADDRESS is an index or an absolute folder of wheels.

    At first there is none, and a submission that does not bring its wheels along is left to other nodes.
    """
    node = _node(folder)
    with exits():
        if address is not None and not no_index:
            local = Path(address).is_absolute()
            if local and not Path(address).is_dir():
                fail(f"{address}: no such folder", BAD_INPUT)
            if not local and not address.startswith(("https://", "http://", "file:///")):
                fail(
                    f"found {address!r}, expected an address such as https://pypi.org/simple or a folder",
                    BAD_INPUT,
                )
        if address is not None or no_index:
            with node.lock():
                changed = msgspec.structs.replace(node.settings(), index="" if no_index else address)
                node.write_settings(changed)
        allowed = node.settings().index
    click.echo(allowed or "no index: only wheels that come along with a submission or a challenge")


@command.command("join")
@click.argument("url")
@click.argument("code")
@folder_option
def join(url: str, code: str, folder: Path | None) -> None:
    """Join the centre at URL with the enrolment CODE its node operator made."""
    import lumbung
    from lumbung.node.line import CentreLied, CentreRefused, Line, LineDown
    from lumbung.proving.job import NodeCard
    from lumbung.proving.keys import load_or_make_key, public_pem

    node = _node(folder)
    with exits():
        settings = node.settings()
        key = load_or_make_key(node.keys)
        isolation = _isolation()
        card = NodeCard(
            settings.name, settings.country, public_pem(key.public_key()).decode(), tuple(settings.challenges),
            lumbung.__version__, isolation,
        )  # fmt: skip
        try:
            node.write_token(Line(url).join(code, card))
        except (CentreRefused, CentreLied, LineDown) as error:
            fail(str(error), PLATFORM if isinstance(error, LineDown) else BAD_INPUT)
        node.write_settings(msgspec.structs.replace(settings, centre=url))
    click.echo(f"{settings.name} joined {url}; next: lumbung node run")


def _isolation() -> Isolation:
    """Hold the self-test, and return what the sandbox obtains here."""
    from lumbung.cli.judging import make_ready
    from lumbung.proving.evidence import Isolation
    from lumbung.sandbox import isolation_here

    make_ready(trust=False)
    found = isolation_here()
    return Isolation(found.kind, found.limits_by)


@command.command("rotate-key")
@click.option(
    "--code",
    default="",
    help="An enrolment code: joins anew with a new key after the old one was revoked. Nothing signed with it leaves.",
)
@folder_option
def rotate_key(code: str, folder: Path | None) -> None:
    """Replace this node's key by a new one, which the present one signs; evidence signed before keeps its worth.

    The node may be at work meanwhile. If the line breaks, say it again: the same new key is offered.
    """
    from lumbung.node.line import CentreLied, CentreRefused, Line, LineDown
    from lumbung.node.rotating import join_anew, rotate

    node = _node(folder)
    with exits():
        settings = node.settings()
        if not settings.centre:
            fail("this node has not joined a centre; 'lumbung node join URL CODE'", BAD_INPUT)
        try:
            if code:
                name, until = join_anew(node, Line(settings.centre), code, _isolation()), None
            else:
                name, until = rotate(node, Line(settings.centre, node.token()))
        except (CentreRefused, CentreLied, LineDown) as error:
            fail(str(error), PLATFORM if isinstance(error, LineDown) else BAD_INPUT)
    good = f", good until {until:%Y-%m-%d}" if until else ""
    click.echo(f"{settings.name}: new key {name}{good}; the private half of the one before is destroyed")


@command.command("run")
@click.option("--once", is_flag=True, help="Stop when there is nothing to do.")
@folder_option
def run(once: bool, folder: Path | None) -> None:
    """Work: ask for runs, judge them here, deliver what may leave. Refuses to start where the sandbox does not hold."""
    from lumbung.node.arrivals import INBOX, take_in
    from lumbung.node.line import CentreRefused, Line
    from lumbung.node.loop import Node
    from lumbung.proving.executors import ProcessPool
    from lumbung.sandbox.lifeline import follow_parent

    follow_parent()
    folder_ = _node(folder)
    with exits():
        take_in(folder_, _say)
        settings = folder_.settings()
        if not settings.challenges:
            fail(
                f"this node accepts no challenge yet; 'lumbung node accept CHALLENGE', or a file in {folder_.path / INBOX}",
                BAD_INPUT,
            )
        line = Line(settings.centre, folder_.token())
        # Silent: a judge's chatter is not the node's log, and could name private cases.
        executor = ProcessPool(settings.workers or None, silent=True)
        folder_.signing_key()  # refuses to start with a key that others may read
        node = Node(folder_, line, _isolation(), executor, _say)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, _interrupt)
        _say(
            f"node {settings.name} ({settings.country}) works for {settings.centre}: {', '.join(settings.challenges)}"
        )
        try:
            node.run(once=once)
        except CentreRefused as error:
            fail(
                f"{error}; was this node removed, or its centre restored from a backup? What waits here stays. With a new "
                "code of its organisation: lumbung node join URL CODE",
                BAD_INPUT,
            )
        except KeyboardInterrupt:
            _say("stopped; what was not delivered stays in the outbox")
        finally:
            executor.close()


def _interrupt(*_: object) -> None:
    raise KeyboardInterrupt


def _say(text: str) -> None:
    # What a centre or a challenge wrote may be in it: it steers no terminal.
    print(f"{datetime.now():%H:%M:%S} {legible(text)}", file=sys.stderr, flush=True)


@command.command("status")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of text.")
@folder_option
def status(as_json: bool, folder: Path | None) -> None:
    """Show what this node is, what it accepts, and what waits to be delivered or released."""
    from lumbung.node.loop import describe

    with exits():
        state = describe(_node(folder))
    if as_json:
        click.echo(msgspec.json.format(msgspec.json.encode(state)).decode())
        return
    for name, value in state.items():
        click.echo(
            f"{name:<11} {msgspec.json.encode(value).decode() if isinstance(value, dict | list) else value}"
        )


@command.command("log")
@click.option(
    "--seen",
    is_flag=True,
    help="Print the last signed head this node saw, for 'lumbung audit verify --seen'.",
)
@click.option(
    "--begin-anew",
    is_flag=True,
    help="Forget what was seen, e.g. after the centre was restored from a backup.",
)
@click.option(
    "--trust-key",
    "trusted",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="Take the centre's heads signed with this key (PEM) from now on: its old one was lost or stolen.",
)
@folder_option
def log(seen: bool, begin_anew: bool, trusted: Path | None, folder: Path | None) -> None:
    """Show what this node, as a witness, saw of the centre's log, and whether the log still continues it."""
    from lumbung.node.witness import LogBroken, LogWatch
    from lumbung.proving.keys import key_id, public_pem, read_public_key, read_public_pem

    node = _node(folder)
    with exits():
        watch = LogWatch(node)
        if begin_anew:
            watch.begin_anew()
            click.echo("what was seen is kept aside; the next head the centre shows is taken as the first")
            return
        try:
            if trusted is not None:
                watch.trust(public_pem(read_public_key(trusted)).decode())
            known = watch.seen()
        except LogBroken as error:
            fail(str(error), BAD_INPUT)
    if seen:
        click.echo(known.seen, nl=False)
        return
    if watch.conflict.exists():
        why = msgspec.json.decode(watch.conflict.read_bytes())["why"]
        click.echo(f"{why}\nboth signed heads: {watch.conflict}")
        click.echo(
            "Ask the centre's staff and an auditor. If it was a restored backup: lumbung node log --begin-anew"
        )
        raise SystemExit(BAD_INPUT)
    if known.seen:
        click.echo(
            f"{known.size} entries seen and countersigned; the centre's key {key_id(read_public_pem(known.key))}"
        )
    else:
        click.echo("no head seen yet; a node looks each time it asks for work")


@command.command("release")
@click.argument("run_token", metavar="RUN")
@folder_option
def release(run_token: str, folder: Path | None) -> None:
    """Let the held result of RUN leave this node."""
    _word(run_token, folder, veto=False)


@command.command("veto")
@click.argument("run_token", metavar="RUN")
@folder_option
def veto(run_token: str, folder: Path | None) -> None:
    """Keep the held result of RUN here; the centre is told only that the owner did not release it."""
    _word(run_token, folder, veto=True)


def _word(run_token: str, folder: Path | None, *, veto: bool) -> None:
    from lumbung.node.gate import Gate
    from lumbung.node.line import Line

    node = _node(folder)
    with exits():
        gate = Gate(node, Line(node.settings().centre), _say)
        if not gate.give_word(run_token, veto=veto):
            fail(f"no result of {run_token} is held here; 'lumbung node status' lists them", BAD_INPUT)
    click.echo(f"{run_token}: {'vetoed' if veto else 'released'}; delivered when the node runs")


@command.command("preview")
@click.argument("run_token", metavar="RUN")
@folder_option
def preview(run_token: str, folder: Path | None) -> None:
    """Print exactly what would leave of RUN, byte by byte, and what it would cost.

    To standard error: the evidence in it, readable, and how many bits of whose budget it would spend.
    """
    import base64

    from lumbung.cli.words import say
    from lumbung.node.gate import Gate, Shelf, leaving
    from lumbung.node.line import Line

    node = _node(folder)
    with exits():
        shelves = {name: Shelf(node.path / name).waiting() for name in ("held", "outbox")}
    found = next((waiting[run_token] for waiting in shelves.values() if run_token in waiting), None)
    if found is None:
        fail(f"nothing of {run_token} waits here; 'lumbung node status' lists what does", BAD_INPUT)
    with exits():
        settled = Gate(node, Line(node.settings().centre), _say).settled(found) if found.private else None
    leaves = found if settled is None else settled.parcel
    click.echo(leaving(leaves).decode())
    if leaves.delivery.envelope:
        payload = msgspec.json.decode(leaves.delivery.envelope)["payload"]
        click.echo(msgspec.json.format(base64.b64decode(payload)).decode(), err=True)
    if settled is not None:
        cost = 0.0 if settled.booked else settled.entry.bits
        click.echo(say(f"ledger_{settled.entry.told}"), err=True)
        for account in settled.accounts:
            who = say(f"ledger_{account.scope}") + (f" {account.name}" if account.name else "")
            click.echo(say("ledger_would", who=who, bits=f"{cost:.1f}", left=f"{account.left:.1f}"), err=True)


@command.command("ledger")
@click.argument("challenge", required=False)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of text.")
@folder_option
def ledger(challenge: str | None, as_json: bool, folder: Path | None) -> None:
    """Show how much was told of the private cases of each challenge, to whom, and how much is left, in bits.

    Teams, people and organisations stand under names that mean nothing outside the challenge.
    """
    from lumbung.cli.words import say
    from lumbung.node.ledger import Ledger

    node = _node(folder)
    with exits():
        accepted = node.settings().challenges
        known = {name: rule.budget for name, rule in accepted.items() if rule.private}
        if challenge is not None and challenge not in known:
            fail(
                f"{challenge}: this node holds no private cases for it; found {', '.join(known) or 'none'}",
                BAD_INPUT,
            )
        chosen = [challenge] if challenge is not None else list(known)
        accounts = {name: Ledger(node.ledger(name)).accounts(known[name]) for name in chosen}
    if as_json:
        told = {
            name: [{**msgspec.to_builtins(each), "left": each.left} for each in found]
            for name, found in accounts.items()
        }
        click.echo(msgspec.json.format(msgspec.json.encode(told)).decode())
        return
    for name, found in accounts.items():
        click.echo(name)
        for each in found:
            who = say(f"ledger_{each.scope}") + (f" {each.name}" if each.name else "")
            click.echo(
                say(
                    "ledger_line",
                    who=f"{who:<40}",
                    results=each.results,
                    figures=each.figures,
                    bits=f"{each.bits:.1f}",
                    budget=f"{each.budget:g}",
                    left=f"{each.left:.1f}",
                )
            )


@command.command("deliver")
@click.argument("adoption", type=int)
@click.argument("result", type=click.Path(path_type=Path, exists=True))
@folder_option
def deliver(adoption: int, result: Path, folder: Path | None) -> None:
    """Attach RESULT, what 'lumbung run' wrote on your data, to an ADOPTION your organisation agreed with a team."""
    import tarfile
    import tempfile

    from lumbung.node.line import CentreLied, CentreRefused, Line, LineDown

    node = _node(folder)
    with exits(), tempfile.TemporaryFile() as packed:
        with tarfile.open(fileobj=packed, mode="w") as archive:
            archive.add(result, arcname=result.name)
        size = packed.tell()
        try:
            Line(node.settings().centre, node.token()).attach(adoption, packed)
        except (CentreRefused, CentreLied, LineDown) as error:
            fail(str(error), PLATFORM if isinstance(error, LineDown) else BAD_INPUT)
    click.echo(f"adoption {adoption}: {result} attached, {size} bytes")
