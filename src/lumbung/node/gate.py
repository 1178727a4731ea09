"""The way out of a node: every result passes here, and what the owner says is asked at the moment it would leave.

A result waits as a parcel: the exact bytes that would leave, and what is needed to decide. `Gate.open` takes the
node's lock, reads the owner's settings, decides, and sends before it gives the lock back. The owner's commands take the
same lock, so that once ``lumbung node accept --hold`` has returned nothing leaves that it holds back, and once a result
is on its way the command waits until it is gone.

    outbox/  ──decide──▶  booked, leaves | held/ | leaves as nothing but "not released"
    held/    ──the owner's word──▶  outbox/

What leaves of private cases is booked in the ledger first, under the same lock; what no budget is left for leaves as
nothing but that (`settle`).
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

import msgspec

from lumbung.node.folder import Budget, NodeFolder, Settings
from lumbung.node.ledger import Account, Asker, Entry, Ledger, up_to_tenth
from lumbung.node.line import CentreRefused, Line, LineDown, NodeRefused
from lumbung.proving.challenge import Egress, Ranking
from lumbung.proving.digest import digest_data
from lumbung.proving.evidence import EvidenceError, FaultMark, reopen_evidence
from lumbung.proving.faults import Owner, PlatformFault
from lumbung.proving.job import Delivery, Held, Job
from lumbung.proving.run_folder import write_whole
from lumbung.proving.telling import CODE_BITS, scored, told_bits
from lumbung.proving.unreadable import UNREADABLE

Say = Callable[[str], None]


class Parcel(msgspec.Struct, frozen=True):
    """A result as it waits at its node.

    Attributes
    ----------
    run, challenge : str
    private : bool
        Whether it speaks of the owner's own cases; only then the owner's rule is asked.
    egress : Egress
        The rule its figures obey.
    delivery : Delivery
        What would leave, without its pictures.
    pictures : tuple of str
        SVG, sent just before the delivery that names them.
    released : bool
        Whether the owner said that it may leave.
    announced : bool
        Whether the centre knows that it waits.
    ranking : Ranking, optional
        By what its score ranks; None where there is none.
    asker : Asker
        Who would be told.
    rows : int
        On how many of the owner's rows its figures rest.
    """

    run: str
    challenge: str
    private: bool
    egress: Egress
    delivery: Delivery
    pictures: tuple[str, ...] = ()
    released: bool = False
    announced: bool = False
    ranking: Ranking | None = None
    asker: Asker = Asker()
    rows: int = 0


NO_FIGURES = Egress()
"""What a result without evidence obeys: there is nothing in it to hold back."""


def parcel_of(
    job: Job,
    delivery: Delivery,
    egress: Egress = NO_FIGURES,
    pictures: tuple[str, ...] = (),
    ranking: Ranking | None = None,
    rows: int = 0,
) -> Parcel:
    """Return a judged job's result as it waits."""
    asker = Asker(job.team, job.person, job.organisations)
    return Parcel(
        job.run,
        job.challenge,
        job.private,
        egress,
        delivery,
        pictures,
        ranking=ranking,
        asker=asker,
        rows=rows,
    )


class Shelf:
    """Parcels on disk, one file each; each survives a power cut from the moment it is put.

    Parameters
    ----------
    folder : Path
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def put(self, parcel: Parcel) -> None:
        """Keep a parcel; one of the same run is replaced.

        Raises
        ------
        PlatformFault
            The disk is full. The run stays leased and is judged again by whoever has room.
        """
        write_whole(self.folder / f"{parcel.run}.json", msgspec.json.encode(parcel))

    def waiting(self) -> dict[str, Parcel]:
        """Return what waits, by run, oldest first.

        A file that is no parcel, or another run's than its name says, is kept aside as ``.damaged``.

        Raises
        ------
        PlatformFault
            A file cannot be read now: nothing is wrong with what is in it.
        """
        kept: list[tuple[float, Path, bytes]] = []
        for path in self.folder.glob("*.json"):
            try:
                kept.append((path.stat().st_mtime, path, path.read_bytes()))
            except FileNotFoundError:
                continue  # it left meanwhile
            except OSError as error:
                raise PlatformFault(
                    "unwritable", where=str(path), detail=error.strerror or str(error)
                ) from error
        found = {}
        for _when, path, content in sorted(kept):
            try:
                parcel = msgspec.json.decode(content, type=Parcel)
                if parcel.run != path.stem:
                    raise ValueError(f"the parcel of {parcel.run}")
                found[path.stem] = parcel
            except UNREADABLE:
                self.set_aside(path.stem)
        return found

    def set_aside(self, run: str) -> None:
        """Keep a file that cannot be read as ``.damaged``, for people to look at."""
        path = self.folder / f"{run}.json"
        with contextlib.suppress(FileNotFoundError):  # somebody else did
            path.replace(path.with_suffix(".damaged"))

    def drop(self, run: str) -> None:
        """Forget a parcel."""
        (self.folder / f"{run}.json").unlink(missing_ok=True)


def decide(parcel: Parcel, settings: Settings) -> Literal["leave", "hold", "withhold", "refuse"]:
    """Say what the owner's settings, as they are now, do with a parcel.

    ``withhold``: the owner accepts the challenge no more. ``refuse``: its rule lets out more than the owner does now.
    """
    if not parcel.private or not parcel.delivery.envelope:
        return "leave"  # of a run without evidence its fault's code leaves, and nothing else
    accepted = settings.challenges.get(parcel.challenge)
    if accepted is None:
        return "withhold"
    if accepted.objection(parcel.egress):
        return "refuse"
    return "hold" if accepted.release == "hold" and not parcel.released else "leave"


def restrict(delivery: Delivery, code: str = "vetoed", owner: Owner = Owner.CHALLENGE) -> Delivery:
    """Return what the centre is told of a result that does not leave: that, and nothing of it."""
    return Delivery(delivery.lease, fault=FaultMark(owner, code))


class Settled(msgspec.Struct, frozen=True):
    """What becomes of a private result by its ledger.

    Attributes
    ----------
    parcel : Parcel
        As it leaves.
    entry : Entry
        The line it costs.
    booked : bool
        Whether it was booked before; it then costs nothing again.
    accounts : tuple of Account
        Of those who would be told, before it.
    """

    parcel: Parcel
    entry: Entry
    booked: bool
    accounts: tuple[Account, ...]


def settle(parcel: Parcel, budget: Budget, ledger: Ledger) -> Settled:
    """Say what of a private result leaves, and what it costs. Books nothing."""
    improvements = parcel.egress.reveal == "improvements"
    whole = _whole(parcel)
    found = ledger.find(parcel.run, whole.what)
    entry = found or ledger.price(whole, parcel.ranking if improvements else None, budget)
    delivery, pictures = parcel.delivery, parcel.pictures
    if entry.told != "figures":
        delivery, pictures = _instead(delivery, entry), ()
    delivery = msgspec.structs.replace(delivery, bits=up_to_tenth(entry.bits))
    parcel = msgspec.structs.replace(parcel, delivery=delivery, pictures=pictures)
    accounts = tuple(
        ledger.account(scope, name, budget, parcel.rows) for scope, name in entry.asker.accounts()
    )
    return Settled(parcel, entry, found is not None, accounts)


def _instead(delivery: Delivery, entry: Entry) -> Delivery:
    """Return what leaves in place of figures."""
    if entry.told == "no_improvement":
        return restrict(delivery, "no_improvement", Owner.SUBMISSION)
    if entry.over == "challenge":
        return restrict(delivery, "budget_spent")
    if entry.over is not None:
        return restrict(delivery, "share_spent", Owner.SUBMISSION)
    return msgspec.structs.replace(delivery, envelope="")


def _whole(parcel: Parcel) -> Entry:
    """Return the line of a result all of which leaves."""
    delivery, now = parcel.delivery, datetime.now(UTC).replace(microsecond=0)
    what = digest_data([delivery.envelope, str(delivery.fault), list(parcel.pictures)])
    evidence = reopen_evidence(delivery.envelope.encode()) if delivery.envelope else None
    failed_here = delivery.fault is not None and delivery.fault.owner is Owner.PLATFORM
    # A node's own failures are no team's to pay for; they count against the challenge's budget all the same.
    asker = Asker() if failed_here else parcel.asker
    code = Entry(parcel.run, asker, "code", CODE_BITS, what, now, rows=parcel.rows)
    if evidence is None or parcel.ranking is None:
        return code
    score = scored(evidence, parcel.ranking)
    if score is None and parcel.egress.reveal == "improvements":
        return code
    bits = told_bits(evidence, parcel.egress, parcel.ranking) + 8.0 * sum(map(len, parcel.pictures))
    bits += CODE_BITS * (delivery.finding is not None)
    return Entry(parcel.run, asker, "figures", bits, what, now, score, parcel.rows)


class Gate:
    """The gate of one node.

    Parameters
    ----------
    folder : NodeFolder
    line : Line
    say : callable
        Told one line per event.
    """

    def __init__(self, folder: NodeFolder, line: Line, say: Say) -> None:
        self.folder, self._line, self._say = folder, line, say
        self.outbox, self.held = Shelf(folder.path / "outbox"), Shelf(folder.path / "held")
        self.refused = Shelf(folder.path / "refused")
        self._vetoed = folder.path / "vetoed"

    def open(self) -> None:
        """Let out what may leave, and tell the centre of what waits for the owner.

        Raises
        ------
        LineDown
            What is left waits for the line.
        NodeRefused
            All waits until the centre knows this node again.
        PlatformFault
            What is left waits for a ledger that can be read and written, or for this machine.
        """
        sick: LineDown | PlatformFault | None = None
        for run in self.outbox.waiting():
            try:
                self._let_out(run)
            except LineDown as error:
                if not error.answered:
                    raise
                sick = error  # the centre fails over this result; the others may pass
            except PlatformFault as error:
                sick = error  # its ledger cannot be booked in; those of other challenges can
        self._announce()
        if sick is not None:
            raise sick

    def _let_out(self, run: str) -> None:
        with self.folder.lock():
            parcel = self.outbox.waiting().get(run)  # the owner may have taken it back meanwhile
            if parcel is None:
                return
            vetoed = (self._vetoed / run).exists()
            decision = "withhold" if vetoed else decide(parcel, self.folder.settings())
            if decision == "hold":
                self.held.put(parcel)
                self.outbox.drop(run)
                self._say(f"run {run}: held for the owner's word")
                return
            if decision != "leave":
                code = "vetoed" if decision == "withhold" else "egress_refused"
                parcel = msgspec.structs.replace(
                    parcel, delivery=restrict(parcel.delivery, code), pictures=()
                )
                why = "the owner vetoed it" if vetoed else f"the owner's settings changed ({code})"
                self._say(f"run {run}: nothing of it leaves: {why}")
            elif parcel.private:
                try:
                    parcel = self._booked(parcel)
                except EvidenceError as error:
                    self.outbox.set_aside(run)
                    self._say(f"run {run}: kept aside, its evidence cannot be read: {error}")
                    return
            self._send(parcel)

    def settled(self, parcel: Parcel) -> Settled:
        """Say what of a private result would leave now, and what it would cost."""
        accepted = self.folder.settings().challenges.get(parcel.challenge)
        budget = accepted.budget if accepted is not None else Budget()
        return settle(parcel, budget, Ledger(self.folder.ledger(parcel.challenge)))

    def _booked(self, parcel: Parcel) -> Parcel:
        settled = self.settled(parcel)
        if not settled.booked:
            Ledger(self.folder.ledger(parcel.challenge)).book(settled.entry)
        if settled.entry.told in ("no_improvement", "spent"):
            over = f" of the {settled.entry.over}" if settled.entry.over else ""
            self._say(f"run {parcel.run}: its figures stay here: {settled.entry.told}{over}")
        return settled.parcel

    def _send(self, parcel: Parcel) -> None:
        try:
            named = tuple(self._line.picture(picture.encode()) for picture in parcel.pictures)
            self._line.deliver(parcel.run, msgspec.structs.replace(parcel.delivery, pictures=named))
        except NodeRefused:
            raise
        except CentreRefused as error:
            # 409: another node has it by now. Anything else is kept aside for people to look at.
            self._say(f"run {parcel.run}: the centre did not take the result ({error.detail})")
            if error.status != 409:
                self.refused.put(parcel)
        self.outbox.drop(parcel.run)

    def _announce(self) -> None:
        for run, parcel in self.held.waiting().items():
            if parcel.announced:
                continue
            try:
                self._line.held(run, Held(parcel.delivery.lease))
            except NodeRefused:
                raise
            except CentreRefused as error:
                # Withdrawn, or its lease ran out on a bad line: then it is leased anew, and its cases are all kept.
                self._say(f"run {run}: the centre waits for it no more ({error.detail})")
                self.held.drop(run)
                continue
            with self.folder.lock():
                if run in self.held.waiting():
                    self.held.put(msgspec.structs.replace(parcel, announced=True))

    def give_word(self, run: str, *, veto: bool) -> bool:
        """The owner's word on a held result: let it leave, or let only the veto be known. Returns whether it was held.

        A veto is remembered with the run: its lease may be over, and then the same result comes from judging it again.
        """
        with self.folder.lock():
            parcel = self.held.waiting().get(run)
            if parcel is None:
                return False
            if veto:
                write_whole(self._vetoed / run, b"")
            self.outbox.put(msgspec.structs.replace(parcel, released=not veto))
            self.held.drop(run)
        return True


def leaving(parcel: Parcel) -> bytes:
    """Return the exact bytes that would leave, as JSON; pictures stand in it by their content."""
    return msgspec.json.encode({"result": parcel.delivery, "pictures": parcel.pictures})
