"""Compiled deferred acceptance (Gale & Shapley 1962; many-to-one as Roth & Sotomayor 1990, ch. 5).

Both kernels work on flat arrays only. Each side's proposal looks up how the other ranks it, so ranks are laid out
beside the lists first, in one pass that is linear in the number of pairs.
"""

from __future__ import annotations

import numpy as np

from lumbung.kernels.compiling import kernel


@kernel
def ranks_of_entries(own_starts, own_lists, other_starts, other_lists):  # type: ignore[no-untyped-def]
    """For every entry of the own lists, the rank the named one gives back, or -1 when it does not name back.

    Shape of the result: that of `own_lists`.
    """
    own = own_starts.size - 1
    other = other_starts.size - 1
    counts = np.zeros(own + 1, np.int64)
    for entry in range(other_lists.size):
        counts[other_lists[entry] + 1] += 1
    for row in range(own):
        counts[row + 1] += counts[row]
    place = counts[:own].copy()
    back_who = np.empty(other_lists.size, np.int32)
    back_rank = np.empty(other_lists.size, np.int32)
    for them in range(other):
        for entry in range(other_starts[them], other_starts[them + 1]):
            me = other_lists[entry]
            back_who[place[me]] = them
            back_rank[place[me]] = entry - other_starts[them]
            place[me] += 1
    ranks = np.full(own_lists.size, -1, np.int32)
    seen = np.full(other, -1, np.int32)
    for me in range(own):
        for entry in range(counts[me], counts[me + 1]):
            seen[back_who[entry]] = back_rank[entry]
        for entry in range(own_starts[me], own_starts[me + 1]):
            ranks[entry] = seen[own_lists[entry]]
        for entry in range(counts[me], counts[me + 1]):
            seen[back_who[entry]] = -1
    return ranks


@kernel
def _sift_down(heap, start, size):  # type: ignore[no-untyped-def]
    node = 0
    value = heap[start]
    while True:
        child = 2 * node + 1
        if child >= size:
            break
        if child + 1 < size and heap[start + child + 1] > heap[start + child]:
            child += 1
        if heap[start + child] <= value:
            break
        heap[start + node] = heap[start + child]
        node = child
    heap[start + node] = value


@kernel
def _sift_up(heap, start, node):  # type: ignore[no-untyped-def]
    value = heap[start + node]
    while node > 0:
        parent = (node - 1) // 2
        if heap[start + parent] >= value:
            break
        heap[start + node] = heap[start + parent]
        node = parent
    heap[start + node] = value


@kernel
def teams_propose(team_starts, team_lists, challenge_starts, challenge_lists, capacities):  # type: ignore[no-untyped-def]
    """Team-optimal stable assignment: the challenge of each team, or -1; shape (teams,).

    A challenge keeps the ranks it holds in a heap whose root is the worst, so that a better proposal replaces it.
    """
    teams = team_starts.size - 1
    challenges = challenge_starts.size - 1
    ranks = ranks_of_entries(team_starts, team_lists, challenge_starts, challenge_lists)
    offset = np.zeros(challenges + 1, np.int64)
    for challenge in range(challenges):
        length = challenge_starts[challenge + 1] - challenge_starts[challenge]
        offset[challenge + 1] = offset[challenge] + min(np.int64(capacities[challenge]), length)
    heap = np.empty(offset[challenges], np.int32)
    held = np.zeros(challenges, np.int64)
    following = team_starts[:teams].copy()
    assigned = np.full(teams, -1, np.int32)
    for first in range(teams):
        team = first
        while team >= 0:
            if following[team] == team_starts[team + 1]:
                break
            entry = following[team]
            following[team] += 1
            rank = ranks[entry]
            if rank < 0:
                continue
            challenge = team_lists[entry]
            start = offset[challenge]
            room = offset[challenge + 1] - start
            if held[challenge] < room:
                heap[start + held[challenge]] = rank
                _sift_up(heap, start, held[challenge])
                held[challenge] += 1
                assigned[team] = challenge
                break
            if room == 0 or rank > heap[start]:
                continue
            loser = challenge_lists[challenge_starts[challenge] + heap[start]]
            heap[start] = rank
            _sift_down(heap, start, room)
            assigned[team] = challenge
            assigned[loser] = -1
            team = loser
    return assigned


@kernel
def challenges_propose(team_starts, team_lists, challenge_starts, challenge_lists, capacities):  # type: ignore[no-untyped-def]
    """Challenge-optimal stable assignment: the challenge of each team, or -1; shape (teams,)."""
    teams = team_starts.size - 1
    challenges = challenge_starts.size - 1
    ranks = ranks_of_entries(challenge_starts, challenge_lists, team_starts, team_lists)
    following = challenge_starts[:challenges].copy()
    held = np.zeros(challenges, np.int64)
    assigned = np.full(teams, -1, np.int32)
    best = np.full(teams, 2**31 - 1, np.int32)
    waiting = np.empty(challenges, np.int32)
    queued = np.ones(challenges, np.bool_)
    size = challenges
    for challenge in range(challenges):
        waiting[challenge] = challenges - 1 - challenge
    while size > 0:
        size -= 1
        challenge = waiting[size]
        queued[challenge] = False
        while (
            held[challenge] < capacities[challenge] and following[challenge] < challenge_starts[challenge + 1]
        ):
            entry = following[challenge]
            following[challenge] += 1
            team = challenge_lists[entry]
            if ranks[entry] < 0 or ranks[entry] > best[team]:
                continue
            loser = assigned[team]
            if loser >= 0:
                held[loser] -= 1
                if not queued[loser]:
                    waiting[size] = loser
                    size += 1
                    queued[loser] = True
            assigned[team] = challenge
            best[team] = ranks[entry]
            held[challenge] += 1
    return assigned
