"""What an option looks like to somebody who does not understand it.

Writers of tests give the right option more words, more hedges and fewer absolutes, and test-wise people live on that. These
are the cues, and a classifier that learns them from other items of the bank: as far as it finds keys, the bank gives them
away. `lumbung talent bank check` holds the bank to chance.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from lumbung.talent.bank.item import LETTERS, Item, Language

_ABSOLUTE = {
    "en": r"\b(always|never|all|every|only|none|any|nothing|completely|entirely|must)\b",
    "id": r"\b(selalu|semua|setiap|hanya|saja|sama sekali|seluruh|pasti|harus|tidak pernah)\b",
    "zh": r"总是|永远|所有|全部|一切|只|仅|任何|必须|完全|绝",
}
_HEDGED = {
    "en": r"\b(may|might|can|could|some|often|usually|unless|until|if|because|so that|without)\b",
    "id": r"\b(mungkin|bisa|dapat|sebagian|sering|biasanya|jika|bila|karena|agar|supaya|tanpa)\b",
    "zh": r"可能|可以|能|有些|往往|通常|如果|若|因为|以便|除非|而|但",
}
_FOLDS = 10
_RIDGE = 4.0


def length(text: str) -> int:
    """Length as a reader sees it: letters and signs without the blanks at its ends."""
    return len(text.strip())


def ranks(item: Item, language: Language) -> NDArray[np.int64]:
    """Rank of each option by length, 0 the shortest; among equals the one that stands earlier is shorter."""
    lengths = np.array([length(option) for option in item.texts[language].options])
    found = np.empty(len(lengths), dtype=np.int64)
    found[np.argsort(lengths, kind="stable")] = np.arange(len(lengths))
    return found


def key_place(item: Item) -> int:
    """Place of the right option of an item with one."""
    return LETTERS.index(item.key)


def key_ranks(items: Sequence[Item], language: Language) -> NDArray[np.int64]:
    """Rank of the key's length in each item [items]."""
    return np.array([ranks(item, language)[key_place(item)] for item in items])


def of_rank(items: Sequence[Item], language: Language, rank: int) -> NDArray[np.bool_]:
    """Where somebody who always takes the option of one rank of length would be right [items]."""
    return np.asarray(key_ranks(items, language) == rank)


def features(item: Item, language: Language) -> NDArray[np.float64]:
    """Cues of each option, relative to the other options of its item [options, cues]."""
    text = item.texts[language]
    lengths = np.array([float(length(option)) for option in text.options])
    rank = ranks(item, language)
    stem = set(re.findall(r"\w{4,}", text.stem.lower())) if language != "zh" else set(text.stem)
    rows = []
    for place, option in enumerate(text.options):
        words = set(re.findall(r"\w{4,}", option.lower())) if language != "zh" else set(option)
        low = option.lower()
        rows.append(
            [
                np.log(lengths[place] / lengths.mean()),
                *(float(rank[place] == k) for k in range(len(lengths))),
                float(len(re.findall(r"[,;:，；：、]", option))),
                float(len(re.findall(_ABSOLUTE[language], low))),
                float(len(re.findall(_HEDGED[language], low))),
                float(bool(re.search(r"\d", option))),
                len(words & stem) / max(len(words), 1),
                float(bool(re.search(r"[(（]", option))),
            ]
        )
    table = np.array(rows)
    return np.asarray(table - table.mean(axis=0))


def classifier_hits(items: Sequence[Item], language: Language, seed: int = 0) -> NDArray[np.bool_]:
    """Where a classifier trained on the other items finds the key by surfaces alone [items].

    A conditional logit over the options of each item, with a ridge, cross-validated in ten folds.
    """
    tables = [features(item, language) for item in items]
    keys = [key_place(item) for item in items]
    order = np.random.default_rng(seed).permutation(len(items))
    hits = np.zeros(len(items), dtype=bool)
    for fold in range(_FOLDS):
        out = set(order[fold::_FOLDS].tolist())
        weights = _fitted(
            [t for k, t in enumerate(tables) if k not in out], [v for k, v in enumerate(keys) if k not in out]
        )
        for k in out:
            hits[k] = int(np.argmax(tables[k] @ weights)) == keys[k]
    return hits


def _fitted(tables: Sequence[NDArray[np.float64]], keys: Sequence[int]) -> NDArray[np.float64]:
    """Weights of the cues by Newton's method."""
    width = tables[0].shape[1]
    weights = np.zeros(width)
    for _ in range(12):
        gradient, curvature = -_RIDGE * weights, _RIDGE * np.eye(width)
        for table, key in zip(tables, keys, strict=True):
            chance = np.exp(table @ weights - (table @ weights).max())
            chance /= chance.sum()
            gradient += table[key] - chance @ table
            middle = chance @ table
            curvature += (table * chance[:, None]).T @ table - np.outer(middle, middle)
        step = np.linalg.solve(curvature, gradient)
        weights += step
        if np.abs(step).max() < 1e-6:
            break
    return weights
