"""Lumbung: the proving ground of a joint AI innovation centre for South-East Asia and China.

Public bodies pose challenges on data that never leaves its country, teams submit solutions, a node in each
country judges them in a sandbox, and everything after the signed evidence is computed from evidence alone.
The rooms and the order in which they may import each other are drawn in ``ARCHITECTURE.md``.
"""

__version__ = "0.2.0"
