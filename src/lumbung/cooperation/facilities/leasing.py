"""Who goes next on a node, and why the others wait.

A node that leases work asks here. Limits are enforced at this one place: a run that its organisation's grant does not
cover is not leased, however idle the node. Among those covered, whoever has had least of its fair share goes first,
then whoever asked first.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Literal

import msgspec

from lumbung.cooperation.facilities.grants import Balance
from lumbung.cooperation.sentences import said
from lumbung.proving.text import Language, Text

Why = Literal["next", "turn", "busy", "limit", "no-grant", "grant", "report"]

_SAYS: dict[Why, Text] = {
    "next": Text("goes next", "giliran berikutnya", "下一个执行"),
    "turn": Text(
        "{ahead} ahead of it, whose organisations have had less of their share",
        "{ahead} antrean di depannya, dari organisasi yang jatahnya belum banyak terpakai",
        "前面还有{ahead}个任务，其所属机构已用份额更少",
    ),
    "busy": Text(
        "all {units} units are in use; {ahead} ahead of it",
        "semua {units} unit sedang dipakai; {ahead} antrean di depannya",
        "{units}个单元均在使用；前面还有{ahead}个任务",
    ),
    "limit": Text(
        "its organisation already runs {running} at once, the most it may",
        "organisasinya sudah menjalankan {running} sekaligus, batas paling banyak",
        "所属机构已同时运行{running}个任务，达到上限",
    ),
    "no-grant": Text(
        "its organisation has no grant for this resource",
        "organisasinya belum memiliki hibah untuk sumber daya ini",
        "所属机构没有该资源的资助额度",
    ),
    "grant": Text(
        "its grant has {left:.1f} hours left, {hours:.1f} are needed",
        "sisa hibahnya {left:.1f} jam, diperlukan {hours:.1f} jam",
        "资助余额{left:.1f}小时，需要{hours:.1f}小时",
    ),
    "report": Text(
        "its grant has {left:.1f} hours left, {hours:.1f} are needed; the other half waits for the progress report",
        "sisa hibahnya {left:.1f} jam, diperlukan {hours:.1f} jam; separuh lagi menunggu laporan kemajuan",
        "资助余额{left:.1f}小时，需要{hours:.1f}小时；另一半待进展报告通过后拨付",
    ),
}


class Request(msgspec.Struct, frozen=True):
    """A run that waits for a resource.

    Attributes
    ----------
    hours
        The most it may use, by the challenge's limits: the grant must cover that.
    asked
        Since when it waits.
    """

    id: str
    organisation: str
    hours: float
    asked: datetime


class Waiting(msgspec.Struct, frozen=True):
    """A request's place and the reason it has it, in figures and as a sentence."""

    request: Request
    place: int
    why: Why
    ahead: int = 0
    units: int = 0
    running: int = 0
    left: float = 0.0

    def says(self, language: Language) -> str:
        """Return the reason as a sentence."""
        return said(
            _SAYS[self.why],
            language,
            ahead=self.ahead,
            units=self.units,
            running=self.running,
            left=self.left,
            hours=self.request.hours,
        )


def waiting_line(
    requests: Sequence[Request],
    factors: Mapping[str, float],
    balances: Mapping[str, Balance],
    running: Mapping[str, int],
    units: int,
    most_at_once: int | None = None,
) -> tuple[Waiting, ...]:
    """Put requests in line, each with its reason.

    Parameters
    ----------
    requests
        All that wait for one resource of one node.
    factors
        Fair-share factor of each organisation; absent ones come last.
    balances
        What each organisation's grants leave; absent ones have no grant.
    running
        How many runs of each organisation hold a unit now.
    units
        How many units the node has.
    most_at_once
        How many units one organisation may hold; None for no limit.

    Returns
    -------
    tuple of Waiting
        Those that may be leased first, in the order in which they will be; then those that must wait for a limit.
    """
    order = sorted(requests, key=lambda each: (-factors.get(each.organisation, -1.0), each.asked, each.id))
    free = units - sum(running.values())
    may: list[Waiting] = []
    must_wait: list[Waiting] = []
    promised: dict[str, float] = {}
    holding = dict(running)
    for request in order:
        stop = _stopped(request, balances, promised, holding, most_at_once)
        if stop is not None:
            must_wait.append(stop)
            continue
        ahead = len(may)
        why: Why = "next" if ahead < free else ("busy" if free <= 0 else "turn")
        may.append(Waiting(request, ahead, why, ahead, units))
        promised[request.organisation] = promised.get(request.organisation, 0.0) + request.hours
        holding[request.organisation] = holding.get(request.organisation, 0) + 1
    behind = [msgspec.structs.replace(each, place=len(may) + number) for number, each in enumerate(must_wait)]
    return (*may, *behind)


def _stopped(
    request: Request,
    balances: Mapping[str, Balance],
    promised: Mapping[str, float],
    holding: Mapping[str, int],
    most_at_once: int | None,
) -> Waiting | None:
    """Return the reason why a limit stops the request, or None."""
    balance = balances.get(request.organisation)
    if balance is None:
        return Waiting(request, 0, "no-grant")
    left = max(balance.left - promised.get(request.organisation, 0.0), 0.0)
    if request.hours > left:
        return Waiting(request, 0, "report" if balance.awaiting_report else "grant", left=left)
    running = holding.get(request.organisation, 0)
    if most_at_once is not None and running >= most_at_once:
        return Waiting(request, 0, "limit", running=running)
    return None


def next_lease(line: Sequence[Waiting]) -> Request | None:
    """Return the request a node may lease now, or None."""
    return next((each.request for each in line if each.why == "next"), None)
