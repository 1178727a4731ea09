"""WOFOST 8.1: crops whose growth hangs on the nitrogen in their leaves, and the soil and fertiliser that supply it.

One module per process, on the rows and steps of WOFOST 7.2 beside it: what 8.1 leaves as it was (development, water,
respiration, roots) is the same code. Sources: Berghuijs et al. (2024), Eur. J. Agron. 154, 127099, for WOFOST 8.1; Shibu
et al. (2010), Eur. J. Agron. 32, 255-271, for demand, uptake and translocation (LINTUL3).
"""
