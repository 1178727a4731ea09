"""Radio science: what a path loses, what a receiver hears. Knows nothing of challenges, files or maps.

Read in this order: ``p1812`` (the loss of a path over terrain), ``p1812.sweep`` inside it (all receivers of
a radial together), ``building_entry`` (P.2109), ``longley_rice`` (the second opinion), ``antenna`` and
``cellular`` (what a telephone makes of it).
"""
