"""What the node's ledgers say, told to the centre, so that teams and owners see what is left.

Every line of a ledger follows from a result that left, so this tells nothing new but the owner's budgets. It is told
when it changed: accounts one by one, and all of them once after a node's start.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from lumbung.node.folder import Budget, NodeFolder, Settings
from lumbung.node.ledger import SCOPES, Account, Ledger, up_to_tenth
from lumbung.node.line import CentreRefused, Line
from lumbung.proving.faults import PlatformFault
from lumbung.proving.job import AccountTold, LedgerTold, Scope

AT_ONCE = 1000
"""How many accounts one message holds."""


class LedgerTeller:
    """Tells a centre what changed in a node's ledgers.

    Parameters
    ----------
    folder : NodeFolder
    """

    def __init__(self, folder: NodeFolder) -> None:
        self.folder = folder
        self._said: dict[str, tuple[datetime | None, dict[Scope, float]]] = {}
        self._accounts: dict[str, dict[tuple[Scope, str], AccountTold]] = {}

    def tell(self, line: Line, settings: Settings) -> None:
        """Say what changed since it was said last.

        Raises
        ------
        LineDown
        """
        for challenge, accepted in settings.challenges.items():
            if not accepted.private:
                continue
            try:
                ledger = Ledger(self.folder.ledger(challenge))
            except PlatformFault:
                continue  # nothing leaves by it either; its owner is told where something would
            for told in self._news(challenge, ledger, accepted.budget):
                try:
                    line.tell_ledger(told)
                except CentreRefused:
                    break  # it does not take this now; said again with the next question for work
                self._remember(told)

    def _news(self, challenge: str, ledger: Ledger, budget: Budget) -> Iterator[LedgerTold]:
        begun = ledger.entries[0].when if ledger.entries else None
        most: dict[Scope, float] = {scope: up_to_tenth(budget.of(scope, ledger.rows)) for scope in SCOPES}
        if challenge in self._said and self._said[challenge][0] != begun:
            self._accounts[challenge] = {}
        known = self._accounts.setdefault(challenge, {})
        changed = [
            told for told in map(_told, ledger.accounts(budget)) if known.get((told.scope, told.name)) != told
        ]
        if not changed and self._said.get(challenge) == (begun, most):
            return
        for start in range(0, len(changed) or 1, AT_ONCE):
            yield LedgerTold(challenge, begun, most, tuple(changed[start : start + AT_ONCE]))

    def _remember(self, told: LedgerTold) -> None:
        self._said[told.challenge] = (told.begun, told.budget)
        self._accounts[told.challenge].update({(each.scope, each.name): each for each in told.accounts})


def _told(account: Account) -> AccountTold:
    return AccountTold(
        account.scope, account.name, account.results, account.figures, up_to_tenth(account.bits)
    )
