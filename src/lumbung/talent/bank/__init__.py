"""The item bank: original questions on artificial intelligence in English, Indonesian and Chinese.

Load it with :func:`load_bank`, serve an item with ``item.face(language, order_seed)`` (never with its key), score an
answer with :func:`score`. ``lumbung talent bank check`` looks for faults; see docs/talent/bank.md.
"""

from __future__ import annotations

from lumbung.talent.bank.check import Finding, check_bank
from lumbung.talent.bank.item import Face, Item, ItemError, score
from lumbung.talent.bank.load import Bank, load_bank

__all__ = ["Bank", "Face", "Finding", "Item", "ItemError", "check_bank", "load_bank", "score"]
