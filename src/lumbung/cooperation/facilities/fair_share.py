"""Fair share as Slurm defines it: who has had less than its share goes first.

Two definitions over one tree of accounts. The *classic* factor F = 2^(-UE/S) compares effective usage with normalised
shares (SchedMD, *Classic fairshare algorithm*). *Fair Tree* (SchedMD, *Fair Tree fairshare algorithm*; by R. Cox and
L. Morrison) ranks: siblings are ordered by level fair share LF = S/U, users are numbered depth first, and
F = rank / users, so that nobody in an account can be overtaken by anybody in a sibling account that has had more.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from fractions import Fraction
from itertools import groupby

import msgspec


class AccountError(ValueError):
    """The accounts are no tree, or their shares or usage make no sense."""


class Account(msgspec.Struct, frozen=True):
    """One account or user of the tree.

    Attributes
    ----------
    name
        Unique.
    shares
        Whole number, relative to its siblings.
    parent
        Name of the account above, None at the top. Whoever has no children is a user.
    """

    name: str
    shares: int
    parent: str | None = None


class ClassicShare(msgspec.Struct, frozen=True):
    """The classic figures of one user, all as shares of the whole machine.

    Attributes
    ----------
    shares
        S, normalised shares.
    usage
        UA, actual usage.
    effective_usage
        UE, with a part of what its siblings used.
    factor
        F, from 0 to 1; above 0.5 is under-served.
    """

    shares: float
    usage: float
    effective_usage: float
    factor: float


class TreeShare(msgspec.Struct, frozen=True):
    """The Fair Tree figures of one user.

    Attributes
    ----------
    level
        LF at its own level; infinite when it has used nothing.
    rank
        From the number of users (served first) downward; tied users share a rank.
    factor
        rank / users.
    """

    level: float
    rank: int
    factor: float


class _Tree:
    """The accounts with their children and summed usage."""

    def __init__(self, accounts: Iterable[Account], usage: Mapping[str, float]) -> None:
        self.accounts: dict[str, Account] = {}
        for account in accounts:
            if account.name in self.accounts:
                raise AccountError(f"the account {account.name!r} is listed twice")
            if account.shares < 0:
                raise AccountError(
                    f"the account {account.name!r} has {account.shares} shares; none is the least"
                )
            self.accounts[account.name] = account
        self.children: dict[str | None, list[str]] = defaultdict(list)
        for account in self.accounts.values():
            if account.parent is not None and account.parent not in self.accounts:
                raise AccountError(f"{account.name!r} stands under {account.parent!r}, which is not listed")
            self.children[account.parent].append(account.name)
        self.users = [name for name in self.accounts if name not in self.children]
        self.used: dict[str, Fraction] = {}
        self._check_usage(usage)
        for name in self.children[None]:
            self._sum(name, usage)
        if len(self.used) != len(self.accounts):
            lost = sorted(set(self.accounts) - set(self.used))
            raise AccountError(f"these accounts stand under each other in a ring: {', '.join(lost)}")

    def _check_usage(self, usage: Mapping[str, float]) -> None:
        for name, amount in usage.items():
            if name not in self.users:
                raise AccountError(f"usage is given for {name!r}, which is no user of the tree")
            if not amount >= 0:
                raise AccountError(f"the usage of {name!r} is {amount}; it must not be negative")

    def _sum(self, name: str, usage: Mapping[str, float]) -> Fraction:
        below = self.children.get(name, ())
        own = sum((self._sum(child, usage) for child in below), Fraction(0))
        self.used[name] = own if below else Fraction(usage.get(name, 0))
        return self.used[name]

    def siblings(self, name: str) -> list[str]:
        return self.children[self.accounts[name].parent]

    def share_among_siblings(self, name: str) -> Fraction:
        total = sum(self.accounts[each].shares for each in self.siblings(name))
        return Fraction(self.accounts[name].shares, total) if total else Fraction(0)

    def level(self, name: str) -> Fraction | None:
        """LF = S/U among siblings; None stands for infinity (nothing used)."""
        if not self.used[name]:
            return None
        share = self.share_among_siblings(name)
        total = sum((self.used[each] for each in self.siblings(name)), Fraction(0))
        return share / (self.used[name] / total)


def classic_fair_share(
    accounts: Iterable[Account], usage: Mapping[str, float], machine: float | None = None
) -> dict[str, ClassicShare]:
    """Return the classic figures of every user.

    UE = UA + (UE_parent - UA) x S / S_siblings, with UE = UA at the top; F = 2^(-UE/S).

    Parameters
    ----------
    accounts
        The tree.
    usage
        Hours of each user, in any unit, decayed or not; absent users have none.
    machine
        What the whole machine could have given in that time, in the same unit; when absent, what was used in all.

    Raises
    ------
    AccountError
        When the accounts are no tree, the usage is not theirs, or exceeds what the machine could give.
    """
    tree = _Tree(accounts, usage)
    used = sum((tree.used[name] for name in tree.children[None]), Fraction(0))
    whole = used if machine is None else Fraction(machine)
    if whole < used:
        raise AccountError(f"{float(used)} were used in all, more than the machine's {machine}")
    figures: dict[str, ClassicShare] = {}

    def visit(name: str, above_share: Fraction, above_effective: Fraction | None) -> None:
        among = tree.share_among_siblings(name)
        share = above_share * among
        actual = tree.used[name] / whole if whole else Fraction(0)
        effective = actual if above_effective is None else actual + (above_effective - actual) * among
        for child in tree.children.get(name, ()):
            visit(child, share, effective)
        if name in users:
            factor = 2.0 ** -float(effective / share) if share else 0.0
            figures[name] = ClassicShare(float(share), float(actual), float(effective), factor)

    users = frozenset(tree.users)
    for name in tree.children[None]:
        visit(name, Fraction(1), None)
    return figures


def classic_factor(shares: float, effective_usage: float) -> float:
    """Return F = 2^(-UE/S) for one user whose figures are known; 0 without shares."""
    return 2.0 ** (-effective_usage / shares) if shares > 0 else 0.0


def fair_tree(accounts: Iterable[Account], usage: Mapping[str, float]) -> dict[str, TreeShare]:
    """Return the Fair Tree figures of every user; parameters and errors as `classic_fair_share`.

    Ties are exact (levels are compared as fractions): tied users share a rank, a user tied with an account shares the
    rank of the account's best user, and tied accounts have their children ranked as one list.
    """
    tree = _Tree(accounts, usage)
    users = frozenset(tree.users)
    ranks: dict[str, int] = {}
    left = len(users)

    def key(name: str) -> tuple[int, Fraction]:
        level = tree.level(name)
        return (0, Fraction(0)) if level is None else (1, -level)

    def visit(names: list[str], tied_rank: int | None) -> None:
        nonlocal left
        for _, group in groupby(sorted(names, key=key), key=key):
            members = list(group)
            rank = left if tied_rank is None else tied_rank
            before = left
            direct = [name for name in members if name in users]
            for name in direct:
                ranks[name] = rank
                left -= 1
            below = [child for name in members if name not in users for child in tree.children[name]]
            if below:
                visit(below, rank if direct or tied_rank is not None else None)
            if left < before:
                tied_rank = None

    visit(tree.children[None], None)
    figures = {}
    for name, rank in ranks.items():
        level = tree.level(name)
        figures[name] = TreeShare(float("inf") if level is None else float(level), rank, rank / len(users))
    return figures
